"""`/avatar`, `/morph` and `/gallery`: drawing, keeping and using portraits."""

from cogs.portraits._cog import AvatarCog
from cogs.portraits._gallery import GalleryCog, IconCog

__all__ = ["AvatarCog", "GalleryCog", "IconCog"]
