"""Cuts whole songs into what the music model hears: windows of three seconds, and a passage."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, DecodingLimits, ExcerptPlan, Excerpts
from ml.music.rhythm import PASSAGE_SECONDS
from ml.music.song_model import MOST_WINDOWS, WINDOW_SECONDS

_LONGEST_SECONDS = 600.0  # of a song are read, from its middle
_LIMITS = DecodingLimits(max_bytes=1 << 30, max_seconds=7_200.0)


def whole_song(file: Path) -> Excerpts:
    """Read a song: evenly spaced windows over all of it, and thirty seconds from its middle.

    Raises:
        AudioError: it cannot be decoded.
    """
    plan = ExcerptPlan(windows=1, passage_seconds=_LONGEST_SECONDS)
    wave = read_excerpts(file, plan, _LIMITS).passage
    return excerpts_of(wave)


def excerpts_of(wave: np.ndarray, windows: int = MOST_WINDOWS) -> Excerpts:
    """Cut (samples,) at 22 050 Hz as the music model wants it."""
    length = round(WINDOW_SECONDS * SAMPLE_RATE)
    padded = np.pad(wave, (0, max(0, length - len(wave))))
    count = max(1, min(windows, len(padded) // length))
    part = len(padded) / count
    starts = [int(part * at + max(0.0, part - length) / 2) for at in range(count)]
    starts = [min(start, len(padded) - length) for start in starts]
    middle, reach = len(wave) // 2, int(PASSAGE_SECONDS * SAMPLE_RATE) // 2
    first = max(0, middle - reach)
    return Excerpts(
        windows=np.stack([padded[start : start + length] for start in starts]),
        starts=tuple(start / SAMPLE_RATE for start in starts),
        seconds=len(wave) / SAMPLE_RATE,
        passage=wave[first : middle + reach],
        passage_start=first / SAMPLE_RATE,
    )
