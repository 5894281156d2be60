"""Everything that portraits need, under one roof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.portraits.explaining import ExplanationService
from bot.portraits.galleries import GalleryService, ServerIconService
from bot.portraits.morphing import MorphService
from bot.portraits.service import PortraitService
from bot.portraits.uploads import ImageUploads


@dataclass(frozen=True, slots=True)
class PortraitServices:
    """What the cogs of portraits are given.

    Attributes:
        portraits: draws.
        morphing: goes from one to another.
        explaining: shows what their parts come from.
        galleries: keeps them.
        member_pictures: opens what members hand over.
        icons: remembers the icons of servers that were replaced.
    """

    portraits: PortraitService
    morphing: MorphService
    explaining: ExplanationService
    galleries: GalleryService
    member_pictures: ImageUploads
    icons: ServerIconService
