"""`/avatar`, `/morph` and `/gallery`: portraits, what can be done with them, and keeping them."""

from __future__ import annotations

from bot.discord.cog import Cog
from bot.discord.requests import FrontDesk
from bot.portraits.features import Atelier
from cogs.erasure._cog import AvatarDepartures
from cogs.portraits._cog import Avatars
from cogs.portraits._gallery import AvatarGallery
from cogs.portraits._icon import AvatarIcon

__all__ = ["avatar_cogs"]


def avatar_cogs(desk: FrontDesk, atelier: Atelier) -> list[Cog]:
    """Make everything that draws, keeps and forgets portraits."""
    return [
        Avatars(desk, atelier),
        AvatarGallery(desk, atelier),
        AvatarIcon(desk, atelier),
        AvatarDepartures(desk, atelier),
    ]
