"""`/avatar`, `/morph` and `/gallery`: portraits, what can be done with them, and keeping them."""

from __future__ import annotations

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.atelier import Atelier
from cogs.avatars._cog import Avatars
from cogs.avatars._departures import AvatarDepartures
from cogs.avatars._gallery import AvatarGallery
from cogs.avatars._icon import AvatarIcon

__all__ = ["avatar_cogs"]


def avatar_cogs(desk: FrontDesk, atelier: Atelier) -> list[Cog]:
    """Make everything that draws, keeps and forgets portraits."""
    return [
        Avatars(desk, atelier),
        AvatarGallery(desk, atelier),
        AvatarIcon(desk, atelier),
        AvatarDepartures(desk, atelier),
    ]
