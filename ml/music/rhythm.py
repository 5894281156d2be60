"""Rhythm of one passage: tempo, bars, density, variety, and its profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import Rhythm
from ml.music.tempo import FRAME_RATE, Tempo, listen_for_tempo, onset_strength, tempogram

STEPS = 32  # thirty-second notes in a bar of four beats
BEATS = 4
SLOWEST_BARS = 120.0  # BPM; bars are counted between this and its double
COPY = 0.07  # a bar no newer than this is a copy; room and noise alone make 0.02 to 0.05

Array = npt.NDArray[np.float64]

_HARMONICS = (1, 2, 4)  # beats, eighths, sixteenths
_FFT = 1 << 15  # frames; reads a tempo to 0.2 BPM, and its sixteenths to a quarter of that
_TOLERANCE = 0.12  # how far a hit counts for the steps beside it
_SMOOTH_SECONDS = 6.0  # over which the phase of the beat is followed


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """A passage cut into bars of four beats.

    Attributes:
        starts: start of each bar in seconds from the start of the passage.
        steps: (bars, 3, 32) strength of kicks, snares and hats at every thirty-second.
        novelty: how little each bar repeats any earlier one, 0..1; the first is 1.
        copies: per bar the index of the earlier bar that it copies, or None.
    """

    starts: tuple[float, ...]
    steps: Array
    novelty: tuple[float, ...]
    copies: tuple[int | None, ...]


def bar_tempo(bpm: float) -> float:
    """Give the tempo by whose beats bars are counted: half and double time share their bars.

    A bar too short still finds its copy; a bar too long hides that its halves repeat.
    """
    return float(bpm * 2.0 ** np.ceil(np.log2(SLOWEST_BARS / bpm)))


def cut_bars(kit: Array, bpm: float) -> Bars:
    """Find the bars that let the passage repeat itself most.

    Args:
        kit: (3, frames) onset strength of kicks, snares and hats at `FRAME_RATE`.
        bpm: tempo, right within 3 %.
    """
    clear = _clear(kit)
    clock, harmonic = _follow(clear.sum(axis=0), bpm)
    first = int(np.ceil(clock[0]))
    edges = np.interp(
        np.arange(first, int(clock[-1]) + 1) - 0.5, clock, np.arange(clock.size, dtype=float)
    )
    steps = _between(clear, edges)
    if steps.shape[1] < 3 * STEPS:  # two whole bars, wherever they begin
        return Bars((), np.zeros((0, 3, STEPS)), (), ())
    offset = _downbeat(steps, stride=STEPS // BEATS // harmonic)
    bars = _fold(steps, offset)
    starts = edges[offset + STEPS * np.arange(len(bars))] / FRAME_RATE
    nearest, novelty = _compare(bars)
    copies = tuple(
        int(i) if bar > 0 and new <= COPY else None
        for bar, (i, new) in enumerate(zip(nearest, novelty, strict=True))
    )
    return Bars(tuple(starts.tolist()), bars, tuple(novelty.tolist()), copies)


def _clear(kit: Array) -> Array:
    """Keep what stands out of each voice's usual level."""
    return np.maximum(kit - np.median(kit, axis=1, keepdims=True), 0)


def _follow(strength: Array, bpm: float) -> tuple[Array, int]:
    """Tell for every frame which thirty-second it is (a rising number with fractions).

    The beat, its half or its quarter, whichever is heard most, is demodulated; the slow turn of
    its phase is what the tempo drifts.

    Returns:
        (frames,) position in thirty-seconds, and the harmonic that was followed.
    """
    frames = np.arange(strength.size)
    centred = strength - strength.mean()
    beat = _refine(centred, bpm) / 60 / FRAME_RATE  # cycles a frame
    turns = {k: _smooth(centred * np.exp(-2j * np.pi * k * beat * frames)) for k in _HARMONICS}
    harmonic = max(_HARMONICS, key=lambda k: float(np.abs(turns[k]).mean()) * k**0.5)
    phase = np.unwrap(np.angle(turns[harmonic])) / (2 * np.pi) + harmonic * beat * frames
    return np.maximum.accumulate(phase * (STEPS // BEATS) / harmonic), harmonic


def _refine(centred: Array, bpm: float) -> float:
    spectrum = np.abs(np.fft.rfft(centred, _FFT))
    near = bpm * np.linspace(0.97, 1.03, 241)
    places = near / 60 / FRAME_RATE * _FFT
    bins = np.arange(spectrum.size)
    power = sum(np.interp(k * places, bins, spectrum) for k in _HARMONICS)
    return float(near[np.argmax(power)])


def _smooth(turning: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    window = np.hanning(int(_SMOOTH_SECONDS * FRAME_RATE))
    size = 1 << (turning.size + window.size).bit_length()
    full = np.fft.ifft(np.fft.fft(turning, size) * np.fft.fft(window, size))
    start = window.size // 2
    return full[start : start + turning.size]


def _between(kit: Array, edges: Array) -> Array:
    """(3, frames) summed between neighbouring edges: (3, steps)."""
    total = np.concatenate([np.zeros((3, 1)), kit.cumsum(axis=1)], axis=1)
    places = np.arange(total.shape[1])
    # Frame f covers f - 0.5 to f + 0.5.
    return np.stack([np.diff(np.interp(edges + 0.5, places, row)) for row in total])


def _fold(steps: Array, offset: int) -> Array:
    count = (steps.shape[1] - offset) // STEPS
    return steps[:, offset : offset + count * STEPS].reshape(3, count, STEPS).swapaxes(0, 1)


def _downbeat(steps: Array, stride: int) -> int:
    """Cut where the bars repeat most and kicks fall on the first step."""

    def cost(offset: int) -> float:
        bars = _fold(steps, offset)
        kicks = bars[:, 0].mean(axis=0)
        return float(_compare(bars)[1][1:].mean() - 0.1 * kicks[0] / (kicks.max() + 1e-9))

    return min(range(0, STEPS, stride), key=cost)


def _compare(bars: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """Give each bar's most alike earlier bar, and one minus the cosine of the two."""
    loud = np.pad(np.sqrt(bars), ((0, 0), (0, 0), (1, 1)))  # a ghost note counts beside a full one
    early_or_late = loud[..., :-2] + loud[..., 2:]
    flat = (loud[..., 1:-1] + _TOLERANCE * early_or_late).reshape(len(bars), -1)
    unit = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
    alike = np.tril(unit @ unit.T, k=-1)
    return alike.argmax(axis=1), 1 - alike.max(axis=1)


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
