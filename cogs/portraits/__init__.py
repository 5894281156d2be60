"""`/avatar`, `/morph` and `/gallery`: portraits, what can be done with them, and keeping them."""

from __future__ import annotations

from bot.discord.cog import Cog
from bot.discord.requests import RequestGate
from bot.portraits.features import PortraitServices
from bot.privacy.erasure import ErasureService
from cogs.portraits._cog import AvatarCog
from cogs.portraits._gallery import GalleryCog
from cogs.portraits._icon import IconCog

__all__ = ["avatar_cogs"]


def avatar_cogs(
    gate: RequestGate, portrait_services: PortraitServices, erasure: ErasureService
) -> list[Cog]:
    """Make everything that draws and keeps portraits."""
    return [
        AvatarCog(gate, portrait_services, erasure),
        GalleryCog(gate, portrait_services),
        IconCog(gate, portrait_services),
    ]
