"""Everything that portraits need, under one roof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.explaining import Explaining
from bot.services.galleries import Galleries
from bot.services.member_pictures import MemberPictures
from bot.services.morphing import Morphing
from bot.services.portraits import Portraits
from bot.services.server_icons import ServerIcons


@dataclass(frozen=True, slots=True)
class Atelier:
    """What the cogs of portraits are given.

    Attributes:
        portraits: draws.
        morphing: goes from one to another.
        explaining: shows what their parts come from.
        galleries: keeps them.
        member_pictures: opens what members hand over.
        icons: remembers the icons of servers that were replaced.
    """

    portraits: Portraits
    morphing: Morphing
    explaining: Explaining
    galleries: Galleries
    member_pictures: MemberPictures
    icons: ServerIcons
