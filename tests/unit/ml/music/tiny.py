"""A model and songs small enough for tests."""

from __future__ import annotations

import numpy as np
import torch

from ml.audio.excerpts import SAMPLE_RATE, Excerpts
from ml.music.checkpoint import Calibration, MusicCheckpoint
from ml.music.model import Music2Vector, MusicDimensions
from ml.music.spectrograms import BANDS
from training.music.clips import Clip

DIMENSIONS = MusicDimensions(
    recipe="default",
    bands=BANDS,
    columns=16,
    widths=(4, 8),
    strides=((4, 4), (4, 2)),
    bands_pooled=5,
    embedding=12,
)
SEED_DIMENSIONS = MusicDimensions(
    recipe="seed", bands=224, columns=224, widths=(2, 3), strides=((8, 8), (4, 4))
)


def tiny_checkpoint(dimensions: MusicDimensions = DIMENSIONS) -> MusicCheckpoint:
    """An untrained model; its vectors are whitened to six numbers."""
    torch.manual_seed(0)
    model = Music2Vector(dimensions).eval()
    size = dimensions.embedding or dimensions.joined
    tuning = Calibration(1.5, 0.4, torch.zeros(size), torch.randn(size, 6))
    return MusicCheckpoint(model, tuning, {"version": "tiny"})


def song(seed: int, windows: int = 3) -> Excerpts:
    """Noise in a colour of its own."""
    dice = np.random.default_rng(seed)
    sound = dice.normal(0, 0.1, (windows, SAMPLE_RATE)).astype(np.float32)
    if seed % 2:
        sound = (sound.cumsum(axis=1) * 0.01).astype(np.float32)
    return Excerpts(
        windows=sound.clip(-1, 1),
        starts=tuple(float(start) for start in range(windows)),
        seconds=float(windows),
        passage=np.zeros(0, np.float32),
        passage_start=0.0,
    )


def clip(genre: int, number: int = 0, source: str = "gtzan") -> Clip:
    """A clip whose genre can be told from the band that sounds."""
    dice = torch.Generator().manual_seed(genre * 100 + number)
    columns = torch.randn(128, 120, generator=dice) * 3 - 60
    columns[10 * genre + 10 : 10 * genre + 20] += 40
    return Clip(f"{genre}.{number}", f"artist {number}", source, genre, columns.half())
