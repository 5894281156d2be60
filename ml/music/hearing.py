"""What one listening found, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.rhythm import Rhythm

# The cosine from which two vectors are one song in two encodings. It finds 34 of 36 songs again
# after mp3 at 128, Opus at 64 and AAC at 96 kbit/s; none of 12 after mp3 at 32, which dulls them
# too much. Of 91 songs no other one came nearer than 0.72, but little tunes of one synthesiser
# may: hiding a song is worse than listing one twice. Measured by `benchmarks.same_song`.
SAME_SONG = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What one listening found.

    Attributes:
        genres: calibrated probability of each genre, summing to 1, most likely first.
        genre: the most likely genre, or None when the model is not sure.
        vector: (n,) float32 of unit length, timbre, harmony and rhythm joined;
            cosines compare songs of the same model only.
        timeline: (windows, genres) float32, each row summing to 1, columns as in `GENRES`.
        starts: start of each window in seconds.
        mel: (bands, columns) float32 in dB, low frequency first: the song's picture, the
            windows side by side, thinned for showing.
        seconds: length of the whole song.
        model: name and version of the model that heard it.
        rhythm: what was heard of its rhythm; None when no unbroken passage was decoded.
    """

    genres: Mapping[str, float]
    genre: str | None
    vector: npt.NDArray[np.float32]
    timeline: npt.NDArray[np.float32]
    starts: tuple[float, ...]
    mel: npt.NDArray[np.float32]
    seconds: float
    model: str
    rhythm: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class SimilarityParts:
    """How alike two songs are, and what makes them so.

    Attributes:
        percent: calibrated probability, 0 to 100, that the two are excerpts of one song, if one
            song and two were as likely beforehand.
        shares: what `timbre`, `harmony` and `rhythm` add to the cosine of the two vectors, which
            is their sum; negative where they differ more than usual, missing where one of the
            songs has no such part.
    """

    percent: float
    shares: Mapping[str, float]
