"""Where a song sounds: silence, dither and hiss far below the rest say nothing about it.

Levels are those of blocks of 20 ms. A block is active when it is less than `RANGE_DB` below the
song's loud blocks. Inactive ones count as silence where they last `PAUSE_SECONDS` or more, so that
rests belong to the music, and at the beginning and the end however short they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.audio.excerpts import SAMPLE_RATE, Samples

RANGE_DB = 50.0  # below the loud blocks; orchestras play within 40 dB, tape hiss lies at -60
FLOOR_DB = -85.0  # of full scale; dither of 16 bits lies at -93
SILENT_PEAK = 10 ** (-70 / 20)  # of full scale, ten steps of a 16-bit recording
PAUSE_SECONDS = 1.0
SMEAR_DB = 25.0  # below the loud blocks; codecs smear as much over the edges of silence
LEAST_SECONDS_OF_SOUND = 3.0  # with less, a verdict would be a guess

_BLOCK = 441  # samples, 20 ms
_SMEAR_BLOCKS = 3  # 60 ms, the longest window of a codec
_LOUD_SHARE = 0.1  # of the active blocks

Levels = npt.NDArray[np.float32]


def block_levels(samples: Samples) -> Levels:
    """Measure (n,) samples in blocks of 20 ms.

    Returns:
        (blocks,) dB of full scale.
    """
    blocks = -(-len(samples) // _BLOCK)
    squares = np.square(samples)
    power = np.add.reduceat(squares, np.arange(blocks) * _BLOCK) if blocks else squares
    return np.asarray(10 * np.log10(power / _BLOCK + 1e-12), np.float32)


def active_level(levels: Levels) -> float:
    """Say above which level, in dB, a block of this song is active."""
    heard = levels[levels > FLOOR_DB]
    if not len(heard):
        return FLOOR_DB
    loud = np.sort(heard)[-max(1, int(_LOUD_SHARE * len(heard))) :]
    return max(FLOOR_DB, float(loud.mean()) - RANGE_DB)


def sounding(samples: Samples, level: float | None = None) -> list[tuple[int, int]]:
    """Find the stretches of (n,) samples that are not silence.

    Args:
        samples: mono at 22 050 Hz.
        level: above which a block is active; None measures it by these samples.

    Returns:
        First and last (exclusive) sample of each, rising; none where all is silent.
    """
    levels = block_levels(samples)
    if level is None:
        level = active_level(levels)
    active = np.flatnonzero(levels > level)
    if not len(active):
        return []
    pause = round(PAUSE_SECONDS * SAMPLE_RATE / _BLOCK)
    breaks = np.flatnonzero(np.diff(active) > pause)
    firsts = active[np.append(0, breaks + 1)]
    lasts = active[np.append(breaks, len(active) - 1)]
    loud = levels > level + RANGE_DB - SMEAR_DB
    kept = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        if first > 0:  # silence lies before
            first += _leading_quiet(loud[first : last + 1])
        if last < len(levels) - 1:
            last -= _leading_quiet(loud[first : last + 1][::-1])
        kept.append((first * _BLOCK, min((last + 1) * _BLOCK, len(samples))))
    return kept


def _leading_quiet(loud: npt.NDArray[np.bool_]) -> int:
    """Count the blocks over which a codec may have smeared sound."""
    ahead = loud[: _SMEAR_BLOCKS + 1]
    return int(ahead.argmax()) if ahead.any() else 0


def active_share(samples: Samples, level: float) -> float:
    """Say how much of (n,) samples lies in active blocks, 0 to 1."""
    levels = block_levels(samples)
    return float((levels > level).mean()) if len(levels) else 0.0
