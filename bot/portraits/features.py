"""Everything that portraits need, under one roof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.portraits.explaining import Explaining
from bot.portraits.galleries import Galleries, ServerIcons
from bot.portraits.morphing import Morphing
from bot.portraits.service import Portraits
from bot.portraits.uploads import MemberPictures


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
