"""`/avatar`, `/morph` and `/gallery`: drawing, keeping and using portraits."""

from cogs.portraits._cog import AvatarCog
from cogs.portraits._gallery import GalleryCog
from cogs.portraits._icon import IconCog

__all__ = ["AvatarCog", "GalleryCog", "IconCog"]
