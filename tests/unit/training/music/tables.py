"""A song table in miniature: what was heard is made up, and told apart by genre."""

from __future__ import annotations

import numpy as np

from ml.music.taxonomy import TEN_GENRES
from training.music.song_table import TAGGED, SongTable
from training.music.ten_genres import TenGenreSongs

PICTURED, POOLS = 6, 4  # answers of the picture networks, and the taggers' pools
CENTRES = np.random.default_rng(0).normal(size=(len(TEN_GENRES), TAGGED + PICTURED + POOLS))


def features_of(labels: np.ndarray, seed: int) -> np.ndarray:
    """Make up what is heard of songs: (songs, n), near the middle of their genres."""
    noise = np.random.default_rng(seed).normal(size=(len(labels), CENTRES.shape[1]))
    found: np.ndarray = (CENTRES[labels] + 4 * noise).astype(np.float32)
    return found


def tiny_table(each: int = 10, named: int = 1) -> SongTable:
    """Make `each` songs of GTZAN of every genre, in five folds, and `named` that were not heard."""
    labels = np.repeat(np.arange(len(TEN_GENRES)), each + named)
    folds = np.tile([*(at % 5 for at in range(each)), *[-1] * named], len(TEN_GENRES))
    count = len(labels)
    songs = TenGenreSongs(
        names=tuple(f"song.{row:04d}" for row in range(count)),
        sources=tuple("gtzan" if fold >= 0 else "named" for fold in folds),
        labels=labels,
        artists=tuple(f"artist{row}" for row in range(count)),
        pictures=(np.zeros((106, 0), np.uint8),) * count,
        folds=folds,
        keys=("",) * count,
        bpm=np.zeros(count),
        has_audio=np.ones(count, bool),
    )
    features = features_of(labels, seed=1) * (folds >= 0)[:, None]
    return SongTable(songs, np.flatnonzero(folds >= 0), features, slice(0, 2), PICTURED)
