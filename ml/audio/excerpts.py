"""What is decoded of a song: sixty spaced seconds and one unbroken passage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 22_050  # Hz, mono
WINDOW_SAMPLES = SAMPLE_RATE  # one second

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ExcerptPlan:
    """How much of a song to decode.

    Attributes:
        windows: one-second windows, evenly spaced over the whole song (the post hears 60).
        passage_seconds: length of the one unbroken passage from the middle of the song,
            for rhythm; 0 takes none. Shorter songs give what they have.
    """

    windows: int = 60
    passage_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Excerpts:
    """What was decoded of one song; stretches without sound are left out.

    Attributes:
        windows: (count, 22050) float32 in [-1, 1], mono at 22 050 Hz; count is at most the
            plan's. Sound shorter than one second gives a single window, padded with zeros.
        starts: start of each window in seconds after the song's first sample, rising.
        seconds: length of the whole song, its silence included.
        passage: (samples,) float32 in [-1, 1]; empty when the plan asked for none.
        passage_start: start of the passage in seconds.
        seconds_of_sound: how much of `seconds` is not silence; see `ml.audio.activity`.
        title: from the file's tags; written by strangers, at most 200 characters, one line.
        artist: likewise.
    """

    windows: Samples
    starts: tuple[float, ...]
    seconds: float
    passage: Samples
    passage_start: float
    seconds_of_sound: float = math.inf
    title: str | None = None
    artist: str | None = None
