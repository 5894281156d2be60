"""Rhythm of one passage: tempo, density, variety, and its profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import Rhythm
from ml.music.rhythm.bars import STEPS, Bars, bar_tempo, cut_bars
from ml.music.rhythm.onsets import onset_strength, tempogram
from ml.music.rhythm.tempo import Tempo, listen_for_tempo

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


PASSAGE_SECONDS = 30.0  # of a song are enough: fifteen bars or more
SHORTEST_SECONDS = 4.0  # less holds too few beats to call a tempo
SPARSEST = 0.5  # onsets a second; fewer carry no beat
QUIETEST = 1e-4  # root mean square; below, what is left is noise
LEAST_SURE = 0.15  # of the tempo; noise reaches 0.15, the least sure of right answers 0.19

_PEAK_FRAMES = 5  # an onset is the strongest of its 50 ms
_LEAST_HEIGHT = 0.1  # of an onset; a ghost note has about 0.12, a string's bow 0.09


def analyse(passage: npt.NDArray[np.float32], start: float = 0.0) -> Rhythm:
    """Hear the rhythm of a passage.

    Args:
        passage: (samples,) float32 in [-1, 1], mono at 22 050 Hz; 30 to 45 s are best.
        start: where the passage begins in its song, seconds.

    Returns:
        The rhythm; without a tempo where the passage is silent, shorter than 4 s or beatless.

    Raises:
        ValueError: if `passage` is not one-dimensional.
    """
    if passage.ndim != 1:
        raise ValueError(f"expected (samples,), got {passage.shape}")
    seconds = passage.size / SAMPLE_RATE
    if seconds < SHORTEST_SECONDS or float(np.sqrt(np.mean(passage**2))) < QUIETEST:
        return _nothing(onsets_per_second=0.0)
    with torch.inference_mode():
        heard = onset_strength(torch.from_numpy(np.ascontiguousarray(passage, np.float32)))
        struck = _struck(heard.curves[5])
        rate = len(struck) / seconds
        tempo = listen_for_tempo(tempogram(heard.curves))
    if rate < SPARSEST or tempo.confidence < LEAST_SURE:
        return _nothing(rate)
    bars = cut_bars(heard.kit.numpy().astype(np.float64), bar_tempo(tempo.bpm))
    return _rhythm(tempo, rate, float(np.percentile(struck, 75)), bars, start)


def _struck(curve: Tensor) -> npt.NDArray[np.float64]:
    """(frames,) onset strength to the heights of its peaks."""
    row = curve[None]
    strongest = functional.max_pool1d(row, _PEAK_FRAMES, stride=1, padding=_PEAK_FRAMES // 2)
    heights = row[(row == strongest) & (row > _LEAST_HEIGHT)]
    return heights.numpy().astype(np.float64)


def _rhythm(tempo: Tempo, rate: float, punch: float, bars: Bars, start: float) -> Rhythm:
    variety = float(np.mean(bars.novelty[1:])) if len(bars.novelty) > 1 else None
    step_seconds = 60 / bar_tempo(tempo.bpm) * 4 / STEPS
    density = min(1.0, rate * step_seconds)
    beat = Beat(tempo.bpm, tempo.confidence, rate, density, variety, punch)
    return Rhythm(
        tempo_bpm=tempo.bpm,
        onsets_per_second=rate,
        break_density=beat.density,
        variety=variety,
        drill_n_bass=drill_n_bass(beat),
        bars=bars.novelty,
        bar_starts=tuple(start + second for second in bars.starts),
        repeats=bars.copies,
        profile=profile(beat, bars.steps),
    )


def _nothing(onsets_per_second: float) -> Rhythm:
    return Rhythm(
        tempo_bpm=None,
        onsets_per_second=onsets_per_second,
        break_density=0.0,
        variety=None,
        drill_n_bass=0.0,
        bars=(),
        bar_starts=(),
        repeats=(),
        profile=np.zeros(PROFILE_SIZE, np.float32),
    )
