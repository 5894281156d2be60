"""Plausible hearings, so that a picture has something to show."""

from collections.abc import Sequence

import numpy as np

from bot.rendering.genre_card import GenreCardLabels
from ml.music.genres import GENRES
from ml.music.hearing import Hearing

TAUGHT = ("Drill'n'Bass", "東方アレンジ", "民謡", "chiptune", "hardcore", "ska", "lo-fi", "gabber")
TWENTY = (*GENRES, *TAUGHT, "future funk", "vocaloid")


def hearing(
    windows: int = 60, genres: Sequence[str] = GENRES, *, sure: bool = True, seconds: float = 245.0
) -> Hearing:
    """A song that wanders from its last genre to its first, louder in the middle."""
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, (windows, len(genres)))
    scores[:, 0] += np.linspace(-2, 5, windows)
    scores[:, -1] += np.linspace(3, -2, windows)
    timeline = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    means = dict(zip(genres, timeline.mean(axis=0), strict=True))
    best = sorted(means, key=lambda genre: -means[genre])
    mel = random.normal(-40, 12, (128, windows * 10)) - np.arange(128)[:, None] / 5
    return Hearing(
        genres={genre: float(means[genre]) for genre in best},
        genre=best[0] if sure else None,
        vector=np.full(4, 0.5, np.float32),
        timeline=timeline.astype(np.float32),
        starts=tuple(np.linspace(0.0, max(seconds - 1.0, 0.0), windows)),
        mel=mel.astype(np.float32),
        seconds=seconds,
        model="test",
    )


def labels(title: str = "Lunatic Eyes.flac") -> GenreCardLabels:
    return GenreCardLabels(
        title=title,
        genres={genre: genre.capitalize() for genre in GENRES},
        unsure="Not sure about this one",
        movement="Through the song",
        others="others",
        rhythm="Rhythm, bar by bar",
    )


def japanese_labels() -> GenreCardLabels:
    return GenreCardLabels(
        title="月まで届け、不死の煙.mp3",
        genres={"blues": "ブルース", "rock": "ロック"},
        unsure="自信がないです",
        movement="曲の流れ",
        others="ほか",
        rhythm="リズム",
    )
