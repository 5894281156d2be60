"""What a rhythm is like in a few numbers: the Drill'n'Bass reading and the vector to compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PROFILE_SIZE = 16

# Distances in thirty-seconds at which a voice is compared with itself: (voice, distance).
_ECHOES = ((0, 4), (0, 8), (1, 4), (1, 8), (2, 2), (2, 4), (2, 8))


@dataclass(frozen=True, slots=True)
class Beat:
    """The values that are read together.

    Attributes:
        bpm: tempo in beats a minute.
        sure: confidence 0..1 of the tempo.
        rate: onsets a second.
        density: share 0..1 of thirty-seconds that are struck.
        variety: 0..1, or None when there are too few bars.
        punch: height of the hits' upper quarter: 0.1 for strings, 0.5 for drums in a mix, 1 for
            drums alone.
    """

    bpm: float
    sure: float
    rate: float
    density: float
    variety: float | None
    punch: float


def drill_n_bass(beat: Beat) -> float:
    """Read how much a beat is Drill'n'Bass: drums, fast, dense *and* hardly repeating, 0..1.

    Each is a soft step; their product is low as soon as one is missing. The tempo's octave is
    ambiguous in breaks (85 is written as 170), so speed is the rate of what is struck.
    """
    if beat.variety is None:
        return 0.0
    drums = _soft_step(beat.punch, middle=0.3, width=0.04)
    fast = _soft_step(beat.rate, middle=6.5, width=0.5)
    dense = _soft_step(beat.density, middle=0.26, width=0.025)
    new = _soft_step(beat.variety, middle=0.17, width=0.02)
    return drums * fast * dense * new


def profile(beat: Beat, steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Describe a rhythm for comparison.

    Args:
        beat: its values.
        steps: (bars, 3, 32) strength of kick, snare and hat at every thirty-second.

    Returns:
        (16,) float32 in -1..1: tempo on a circle on which double and half meet (2, shorter the
        less sure), rate, density, variety, reading, the shares of the three voices (3), and how
        kicks and snares repeat after an eighth and a beat (4) and hats after a sixteenth, an
        eighth and a beat (3), which does not depend on where a bar was thought to begin.
    """
    angle = 2 * np.pi * np.log2(beat.bpm)
    voices = steps.sum(axis=(0, 2))
    values = [
        beat.sure * np.cos(angle),
        beat.sure * np.sin(angle),
        min(1.0, beat.rate / 16),
        beat.density,
        beat.variety or 0.0,
        drill_n_bass(beat),
        *(voices / max(voices.sum(), 1e-9)),
        *_echoes(steps),
    ]
    return np.array(values, np.float32)


def _echoes(steps: npt.NDArray[np.float64]) -> list[float]:
    """Correlate each voice with itself a little later, -1..1."""
    rows = np.sqrt(steps).swapaxes(0, 1).reshape(3, -1)
    if not rows.size:
        return [0.0] * len(_ECHOES)
    rows -= rows.mean(axis=1, keepdims=True)
    power = np.maximum((rows**2).sum(axis=1), 1e-9)
    return [
        float(np.clip((rows[voice, late:] * rows[voice, :-late]).sum() / power[voice], -1, 1))
        for voice, late in _ECHOES
    ]


def _soft_step(value: float, middle: float, width: float) -> float:
    return float(1 / (1 + np.exp(-np.clip((value - middle) / width, -30, 30))))
