"""Songs in numbers whose genres are easy to tell apart, and stages that run at once."""

import numpy as np

from ml.finetuning.genre import LessonSongs
from ml.finetuning.stages import Losses, Pace, Stage, TimeBudget

GENRES = ("Drill'n'Bass", "東方アレンジ", "rock")


def songs(each: int = 6, *, spread: float = 0.6, makers: int = 3, seed: int = 0) -> LessonSongs:
    """Make `each` songs of every genre by `makers` makers; `spread` blurs the genres."""
    dice = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(GENRES)), each)
    vectors = np.eye(64)[labels] + spread * dice.standard_normal((len(labels), 64)) / 8
    shares = dice.dirichlet(np.ones(10), len(labels))
    return LessonSongs(
        genres=GENRES,
        music_model="ear-1",
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        shares=shares.astype(np.float32),
        labels=labels,
        makers=np.arange(len(labels)) % makers,
        known=np.zeros(len(labels), bool),
        strangers=np.zeros((0, 64), np.float32),
    )


def run(
    stage: Stage, budget: TimeBudget | None = None, *, first: int = 0, most: int | None = None
) -> list[Losses]:
    """Run a stage from its step `first` to its end, or for `most` steps."""
    pace, losses = Pace(stage.steps, budget or TimeBudget(), first), list[Losses]()
    while pace.done < 1 and len(losses) != most:
        pace.begin()
        losses.append(stage.step(pace))
        pace.end()
    return losses
