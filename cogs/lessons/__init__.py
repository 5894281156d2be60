"""`/contribute`, `/train` and `/models`: what a server teaches."""

from __future__ import annotations

from bot.discord.cog import Cog
from bot.discord.requests import FrontDesk
from bot.lessons.features import Classroom
from bot.listening.service import Listening
from cogs.lessons._contributing import Contributing
from cogs.lessons._correcting import Correcting, wrong_genre_button
from cogs.lessons._models import Models
from cogs.lessons._training import Training

__all__ = ["training_cogs", "wrong_genre_button"]


def training_cogs(desk: FrontDesk, classroom: Classroom, listening: Listening) -> list[Cog]:
    """Make everything that takes contributions, teaches and chooses models."""
    return [
        Contributing(desk, classroom, listening),
        Correcting(desk, classroom),
        Training(desk, classroom),
        Models(desk, classroom),
    ]
