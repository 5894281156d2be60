"""Where the bars of a passage are, and which of them were heard before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.rhythm.onsets import FRAME_RATE

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
