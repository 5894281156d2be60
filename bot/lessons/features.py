"""Everything that lessons and privacy need, under one roof."""

from __future__ import annotations

from dataclasses import dataclass

from bot.lessons.consent import Consenting
from bot.lessons.contributions import Contributions
from bot.lessons.models import ServerModels
from bot.lessons.service import Lessons
from bot.lessons.serving import ServerGenres
from bot.portraits.uploads import MemberPictures
from bot.privacy.service import Privacy


@dataclass(frozen=True, slots=True)
class Classroom:
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

    consenting: Consenting
    contributions: Contributions
    lessons: Lessons
    models: ServerModels
    genres: ServerGenres
    privacy: Privacy
    pictures: MemberPictures
    memory_mb: int
    minutes: float
