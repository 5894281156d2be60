"""`/contribute`, `/train` and `/models`: what a server teaches."""

from __future__ import annotations

from bot.discord.cog import Cog
from bot.discord.requests import RequestGate
from bot.lessons.features import LessonServices
from bot.listening.service import ListeningService
from cogs.lessons._contributing import ContributeCog
from cogs.lessons._correcting import CorrectionCog, wrong_genre_button
from cogs.lessons._models import ModelsCog
from cogs.lessons._training import TrainCog

__all__ = ["training_cogs", "wrong_genre_button"]


def training_cogs(
    gate: RequestGate, lesson_services: LessonServices, listening: ListeningService
) -> list[Cog]:
    """Make everything that takes contributions, teaches and chooses models."""
    return [
        ContributeCog(gate, lesson_services, listening),
        CorrectionCog(gate, lesson_services),
        TrainCog(gate, lesson_services),
        ModelsCog(gate, lesson_services),
    ]
