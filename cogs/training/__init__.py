"""`/contribute`, `/train` and `/models`: what a server teaches."""

from __future__ import annotations

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.classroom import Classroom
from bot.services.listening import Listening
from cogs.training._contributing import Contributing
from cogs.training._correcting import Correcting, wrong_genre_button
from cogs.training._models import Models
from cogs.training._training import Training

__all__ = ["training_cogs", "wrong_genre_button"]


def training_cogs(desk: FrontDesk, classroom: Classroom, listening: Listening) -> list[Cog]:
    """Make everything that takes contributions, teaches and chooses models."""
    return [
        Contributing(desk, classroom, listening),
        Correcting(desk, classroom),
        Training(desk, classroom),
        Models(desk, classroom),
    ]
