"""What one hearing found, as plain values; imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# The genres that the shipped model knows.
GENRES = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)  # GTZAN's ten (Tzanetakis and Cook, 2002), in the order of the model's outputs

# The cosine from which two vectors are one song in two encodings. It finds 34 of 36 songs again
# after mp3 at 128, Opus at 64 and AAC at 96 kbit/s; none of 12 after mp3 at 32, which dulls them
# too much. Of 91 songs no other one came nearer than 0.72, but little tunes of one synthesiser
# may: hiding a song is worse than listing one twice. Measured by `benchmarks.same_song`.
SAME_SONG = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The rhythm of one passage.

    Attributes:
        tempo_bpm: beats a minute, 30 to 364; None where there is no beat to follow.
        onsets_per_second: how often something is struck.
        break_density: share 0..1 of the thirty-seconds of a bar on which something is struck:
            0.25 for plain eighths, 0.5 for sixteenths, more for rolls.
        variety: one minus the largest similarity of a bar to any earlier bar, averaged, 0
            (a loop) to 1; None without at least two bars.
        drill_n_bass: 0..1, high only where the beat is fast, dense and hardly repeats.
        bars: novelty 0..1 of each bar against all earlier ones; the first counts as 1.
        bar_starts: start of each bar in the song, seconds.
        repeats: per bar the index of the earlier bar it copies, or None.
        profile: (16,) float32 for comparing songs, each value in -1..1; zeros without a beat.
    """

    tempo_bpm: float | None
    onsets_per_second: float
    break_density: float
    variety: float | None
    drill_n_bass: float
    bars: tuple[float, ...]
    bar_starts: tuple[float, ...]
    repeats: tuple[int | None, ...]
    profile: npt.NDArray[np.float32]

    def in_numbers(self) -> dict[str, float | None]:
        """Return the numbers of the whole passage, rounded, by their names in JSON."""
        return {
            "tempo_bpm": None if self.tempo_bpm is None else round(self.tempo_bpm, 2),
            "onsets_per_second": round(self.onsets_per_second, 3),
            "break_density": round(self.break_density, 4),
            "variety": None if self.variety is None else round(self.variety, 4),
            "drill_n_bass": round(self.drill_n_bass, 4),
        }


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
        seconds_of_sound: how much of `seconds` is not silence; with less than
            `ml.audio.activity.LEAST_SECONDS_OF_SOUND` there is no genre, and the vector
            says too little to be kept.
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
    seconds_of_sound: float = math.inf


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
