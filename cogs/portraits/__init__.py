"""`/avatar`, `/morph` and `/gallery`: portraits, what can be done with them, and keeping them."""

from __future__ import annotations

from bot.discord.cog import Cog
from bot.discord.requests import RequestGate
from bot.portraits.features import PortraitServices
from cogs.erasure._cog import PortraitErasureCog
from cogs.portraits._cog import AvatarCog
from cogs.portraits._gallery import GalleryCog
from cogs.portraits._icon import IconCog

__all__ = ["avatar_cogs"]


def avatar_cogs(gate: RequestGate, portrait_services: PortraitServices) -> list[Cog]:
    """Make everything that draws, keeps and forgets portraits."""
    return [
        AvatarCog(gate, portrait_services),
        GalleryCog(gate, portrait_services),
        IconCog(gate, portrait_services),
        PortraitErasureCog(gate, portrait_services),
    ]
