"""`/contribute`, `/train` and `/models`: what a server teaches."""

from __future__ import annotations

from cogs.lessons._contribute import ContributeCog, CorrectionCog, wrong_genre_button
from cogs.lessons._models import ModelsCog
from cogs.lessons._train import TrainCog

__all__ = ["ContributeCog", "CorrectionCog", "ModelsCog", "TrainCog", "wrong_genre_button"]
