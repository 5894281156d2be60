"""Why two songs are alike: how sure that they belong together, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bot.services.songbook_matrix import unit
from bot.services.songbook_values import Likeness, Sound
from ml.music.hearing import Alike

Vector = npt.NDArray[np.float32]

# The cosine from which two of the ear's vectors are one song in two encodings. It finds 34 of 36
# songs again after mp3 at 128, Opus at 64 and AAC at 96 kbit/s; none of 12 after mp3 at 32, which
# dulls them too much. Of 91 songs no other one came nearer than 0.72, but little tunes of one
# synthesiser may: hiding a song is worse than listing one twice. `benchmarks.same_song` tells.
SAME_SONG = 0.95


class EarLikening:
    """Likens songs by the ear's calibrated probability, and tells their parts apart."""

    def __init__(self, why: Callable[[Vector, Vector], Alike]) -> None:
        """Take from the ear what two vectors of unit length have in common."""
        self._why = why

    def __call__(self, asked: Sound, others: Sequence[Sound]) -> list[Likeness]:
        """Give one likeness for each of `others`, in their order."""
        about = _unit(asked.vector)
        return [self._likeness(about, asked.tempo_bpm, other) for other in others]

    def _likeness(self, about: Vector, tempo_bpm: float | None, other: Sound) -> Likeness:
        alike = self._why(about, _unit(other.vector))
        parts = {"timbre": alike.timbre, "harmony": alike.harmony, "rhythm": alike.rhythm}
        heard = {name: share for name, share in parts.items() if share is not None}
        tempos = None
        if tempo_bpm is not None and other.tempo_bpm is not None:
            tempos = other.tempo_bpm / tempo_bpm
        return Likeness(100 * alike.probability, heard, tempos)


def _unit(vector: Vector) -> Vector:
    (scaled,) = unit(np.asarray(vector, np.float32)[np.newaxis])
    return scaled  # type: ignore[no-any-return]  # rows of an array are Any
