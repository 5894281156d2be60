"""Everything that lessons and privacy need, under one roof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.lessons.consent import ConsentService
from bot.lessons.contributions import ContributionService
from bot.lessons.models import ServerModels
from bot.lessons.service import LessonService
from bot.lessons.serving import ServerGenres
from bot.portraits.uploads import ImageUploads
from bot.privacy.service import PrivacyService


@dataclass(frozen=True, slots=True)
class LessonServices:
    """What the cogs of training and privacy are given.

    Attributes:
        consenting: knows who agreed.
        contributions: keeps what members hand over.
        lessons: carries lessons out.
        models: keeps what came of them.
        genres: names songs as a server taught.
        privacy: shows, hands out and deletes what is kept of a member.
        pictures: knows how large a picture may be.
        memory_mb: what a lesson may allocate, for the words when it was too little.
        minutes: that a portrait lesson may take.
    """

    consenting: ConsentService
    contributions: ContributionService
    lessons: LessonService
    models: ServerModels
    genres: ServerGenres
    privacy: PrivacyService
    pictures: ImageUploads
    memory_mb: int
    minutes: float
