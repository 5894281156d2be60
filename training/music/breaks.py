"""Synthetic drum breaks with known tempo and variety."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ml.audio.excerpts import SAMPLE_RATE

Wave = npt.NDArray[np.float32]

KICK, SNARE, HAT = range(3)  # the voices of the kit, low to high
_TAIL_SECONDS = 0.35  # no voice rings longer


def drum_kit(rng: np.random.Generator) -> tuple[Wave, Wave, Wave]:
    """Draw the three voices of a kit, each a little different for every seed.

    Args:
        rng: source of the kit's tuning, decays and noise.

    Returns:
        Kick, snare and hat: (samples,) float32 at 22 050 Hz, peaks at 1.
    """
    t = np.arange(int(_TAIL_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    return _kick(t, rng), _snare(t, rng), _hat(t, rng)


def _kick(t: npt.NDArray[np.float64], rng: np.random.Generator) -> Wave:
    low, sweep = rng.uniform(42, 65), rng.uniform(80, 200)
    phase = 2 * np.pi * (low * t + sweep * 0.03 * (1 - np.exp(-t / 0.03)))
    click = rng.standard_normal(t.size) * np.exp(-t / 0.003) * rng.uniform(0.1, 0.4)
    return _peak_at_one(np.sin(phase) * np.exp(-t / rng.uniform(0.06, 0.14)) + click)


def _snare(t: npt.NDArray[np.float64], rng: np.random.Generator) -> Wave:
    wires = rng.standard_normal(t.size) * np.exp(-t / rng.uniform(0.04, 0.11))
    wires -= 0.6 * np.roll(wires, 1)  # leaves less of the kick's range
    shell = np.sin(2 * np.pi * rng.uniform(160, 240) * t) * np.exp(-t / 0.06)
    return _peak_at_one(wires + rng.uniform(0.4, 1.2) * shell)


def _hat(t: npt.NDArray[np.float64], rng: np.random.Generator) -> Wave:
    noise = rng.standard_normal(t.size) * np.exp(-t / rng.uniform(0.012, 0.04))
    return _peak_at_one(np.diff(noise, n=2, prepend=[0.0, 0.0]))  # 12 dB an octave upwards


def _peak_at_one(wave: npt.NDArray[np.float64]) -> Wave:
    scaled: Wave = (wave / np.abs(wave).max()).astype(np.float32)
    return scaled


def backing(seconds: float, bar_seconds: float, rng: np.random.Generator) -> Wave:
    """Play a bass and a pad that change their note every bar or half bar.

    Args:
        seconds: length of the backing.
        bar_seconds: length of a bar.
        rng: source of the notes.

    Returns:
        (samples,) float32, peak near 1.
    """
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    root = rng.uniform(45, 80)
    steps = rng.choice([0, 3, 5, 7, 10], size=int(seconds / bar_seconds) + 1)
    notes = root * 2.0 ** (steps[(t // bar_seconds).astype(int)] / 12)
    phase = 2 * np.pi * np.cumsum(notes) / SAMPLE_RATE
    bass = np.tanh(2 * np.sin(phase))
    pad = sum(np.sin(phase * ratio + rng.uniform(0, 6)) for ratio in (4, 5, 6, 8))
    return _peak_at_one(bass + 0.3 * pad * (1 + 0.3 * np.sin(2 * np.pi * 0.2 * t)))


def master(mix: Wave, rng: np.random.Generator) -> Wave:
    """Make a mix less clean: a short room, saturation, a duller top and a noise floor.

    Args:
        mix: (samples,) float32.
        rng: source of the room and of how strongly each is applied.

    Returns:
        (samples,) float32 in [-0.9, 0.9].
    """
    room = rng.standard_normal(int(0.15 * SAMPLE_RATE))
    room *= np.exp(-np.arange(room.size) / (rng.uniform(0.02, 0.05) * SAMPLE_RATE))
    room *= rng.uniform(0.0, 0.35) / np.linalg.norm(room)
    room[0] += 1.0
    wet = _convolve(mix.astype(np.float64), room)
    wet = np.tanh(wet / np.abs(wet).max() * rng.uniform(0.7, 2.5))
    dull = np.ones(int(rng.integers(1, 4)))  # 1 leaves the top, 3 takes it from 7 kHz
    dulled = _convolve(wet, dull / dull.size)
    dulled += rng.standard_normal(dulled.size) * 10 ** rng.uniform(-4, -2.3)
    mastered: Wave = (0.9 * dulled / np.abs(dulled).max()).astype(np.float32)
    return mastered


def _convolve(
    wave: npt.NDArray[np.float64], kernel: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    size = 1 << (wave.size + kernel.size - 1).bit_length()
    product = np.fft.rfft(wave, size) * np.fft.rfft(kernel, size)
    filtered: npt.NDArray[np.float64] = np.fft.irfft(product, size)[: wave.size]
    return filtered


STEPS = 32  # thirty-second notes in a bar of four beats
BEATS = 4
Groove = Literal["four_on_the_floor", "rock", "break", "hop"]
Pattern = npt.NDArray[np.float32]  # (bars, 3 voices, 32 steps), loudness 0..1


@dataclass(frozen=True, slots=True)
class Score:
    """What to play.

    Attributes:
        seed: the same seed and values give the same samples.
        bpm: tempo in beats a minute.
        bars: how many bars.
        groove: the bar that everything is cut from.
        hats: hats in the bar, evenly spaced; 0 to 32.
        edited: chance 0..1 that a bar is cut afresh; other bars repeat an earlier one.
        cuts: edits in a bar that is cut.
        ghosts: how many quiet extra hits the groove carries.
        swing: how late every second sixteenth comes, as a share of a sixteenth.
        backing: loudness of bass and pad beside the drums' 1.
        rough: whether the mix gets a room, saturation and noise.
    """

    seed: int
    bpm: float = 170.0
    bars: int = 16
    groove: Groove = "break"
    hats: int = 8
    edited: float = 0.0
    cuts: int = 3
    ghosts: int = 4
    swing: float = 0.0
    backing: float = 0.0
    rough: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Break:
    """A rendered break and what is true of it.

    Attributes:
        wave: (samples,) float32 in [-1, 1], mono at 22 050 Hz.
        pattern: (bars, 3, 32) loudness of kick, snare and hat at every step.
        bpm: tempo.
        onsets: times of the hits in seconds, rising, one for hits that sound together.
        density: share 0..1 of the steps that carry a hit.
        variety: see `variety_of`.
        copies: for every bar the first earlier bar with the same hits, or None.
    """

    wave: Wave
    pattern: Pattern
    bpm: float
    onsets: tuple[float, ...]
    density: float
    variety: float
    copies: tuple[int | None, ...]


def make_break(score: Score) -> Break:
    """Write a break, play it, and tell what is true of it."""
    rng = np.random.default_rng(score.seed)
    pattern = _write(score, rng)
    times = _step_times(score)
    struck = pattern.max(axis=1) > 0  # (bars, 32)
    return Break(
        wave=_play(score, pattern, times, rng),
        pattern=pattern,
        bpm=score.bpm,
        onsets=tuple(float(second) for second in times[struck]),
        density=float(struck.mean()),
        variety=variety_of(pattern),
        copies=_copies(pattern),
    )


def variety_of(pattern: Pattern) -> float:
    """Tell how little the bars of a written pattern repeat each other.

    Args:
        pattern: (bars, 3, 32) loudness of every hit.

    Returns:
        One minus the largest cosine similarity of a bar to any earlier bar, averaged over the
        bars after the first: 0 for a loop, near 1 when no bar has a hit where another had one.
    """
    bars = pattern.reshape(len(pattern), -1)
    unit = bars / np.maximum(np.linalg.norm(bars, axis=1, keepdims=True), 1e-9)
    alike = np.tril(unit @ unit.T, k=-1)
    return max(0.0, float(1 - alike[1:].max(axis=1).mean())) if len(bars) > 1 else 0.0


def _copies(pattern: Pattern) -> tuple[int | None, ...]:
    def first_alike(bar: int) -> int | None:
        same = (i for i in range(bar) if np.array_equal(pattern[i] > 0, pattern[bar] > 0))
        return next(same, None)

    return tuple(first_alike(bar) for bar in range(len(pattern)))


# Kicks and snares of each groove, in sixteenths of a bar.
_GROOVES: dict[Groove, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "four_on_the_floor": ((0, 4, 8, 12), (4, 12)),
    "rock": ((0, 8, 10), (4, 12)),
    "break": ((0, 2, 10, 11), (4, 7, 9, 12)),
    "hop": ((0, 7, 10), (4, 12)),
}


def _write(score: Score, rng: np.random.Generator) -> Pattern:
    groove = _groove(score, rng)
    bars = [groove]
    for _ in range(score.bars - 1):
        fresh = rng.random() < score.edited
        bars.append(_cut(groove, score.cuts, rng) if fresh else bars[rng.integers(len(bars))])
    return np.stack(bars)


def _groove(score: Score, rng: np.random.Generator) -> Pattern:
    bar = np.zeros((3, STEPS), np.float32)
    for voice, hits in enumerate(_GROOVES[score.groove]):
        bar[voice, np.array(hits) * 2] = rng.uniform(0.7, 1.0)
    bar[HAT, np.arange(score.hats) * STEPS // max(score.hats, 1)] = rng.uniform(0.6, 1.0)
    for step in rng.choice(np.arange(1, 16), size=min(score.ghosts, 15), replace=False):
        voice = rng.choice([SNARE, HAT])
        bar[voice, step * 2] = max(bar[voice, step * 2], rng.uniform(0.2, 0.4))
    return bar


def _cut(bar: Pattern, cuts: int, rng: np.random.Generator) -> Pattern:
    edits = (_reorder, _retrigger, _roll, _gap, _rewrite)
    for _ in range(cuts):
        bar = edits[rng.integers(len(edits))](bar.copy(), rng)
    return bar


def _reorder(bar: Pattern, rng: np.random.Generator) -> Pattern:
    width = int(rng.choice([2, 4, 8]))  # a sixteenth, an eighth or a beat
    slices = bar.reshape(3, STEPS // width, width)
    moved = rng.permutation(STEPS // width)
    return slices[:, moved].reshape(3, STEPS)


def _retrigger(bar: Pattern, rng: np.random.Generator) -> Pattern:
    width = int(rng.choice([2, 3, 4, 6]))
    source = int(rng.integers(STEPS - width))
    start = int(rng.integers(0, STEPS - 2 * width))
    count = int(rng.integers(2, 1 + (STEPS - start) // width))
    bar[:, start : start + count * width] = np.tile(bar[:, source : source + width], count)
    return bar


def _roll(bar: Pattern, rng: np.random.Generator) -> Pattern:
    start, length = 4 * int(rng.integers(STEPS // 4)), int(rng.choice([4, 8]))
    voice = rng.choice([KICK, SNARE, SNARE, HAT])
    end = min(start + length, STEPS)
    bar[voice, start:end] = np.linspace(0.4, 1.0, end - start)
    return bar


def _gap(bar: Pattern, rng: np.random.Generator) -> Pattern:
    start = 4 * int(rng.integers(1, STEPS // 4))
    bar[:, start : start + 4] = 0
    return bar


def _rewrite(bar: Pattern, rng: np.random.Generator) -> Pattern:
    voice = rng.integers(3)
    bar[voice, 2:] = 0
    steps = rng.choice(np.arange(1, 16), size=int(rng.integers(3, 8)), replace=False) * 2
    bar[voice, steps] = rng.uniform(0.5, 1.0, size=steps.size)
    return bar


def _step_times(score: Score) -> npt.NDArray[np.float64]:
    step = 60.0 / score.bpm * BEATS / STEPS
    late = np.zeros(STEPS)
    late[2::4] = late[3::4] = score.swing * 2 * step
    return (np.arange(score.bars)[:, None] * STEPS + np.arange(STEPS)) * step + late


def _play(
    score: Score, pattern: Pattern, times: npt.NDArray[np.float64], rng: np.random.Generator
) -> Wave:
    bar_seconds = 60.0 / score.bpm * BEATS
    kit = drum_kit(rng)
    mix = np.zeros(int(score.bars * bar_seconds * SAMPLE_RATE) + kit[0].size, np.float32)
    for voice, gain in ((KICK, 1.0), (SNARE, 0.8), (HAT, 0.4)):
        bars, steps = np.nonzero(pattern[:, voice])
        for bar, step in zip(bars, steps, strict=True):
            at = int(times[bar, step] * SAMPLE_RATE)
            mix[at : at + kit[voice].size] += gain * pattern[bar, voice, step] * kit[voice]
    if score.backing:
        under = backing(mix.size / SAMPLE_RATE, bar_seconds, rng)
        mix[: under.size] += score.backing * under
    return master(mix, rng) if score.rough else (0.9 * mix / np.abs(mix).max()).astype(np.float32)
