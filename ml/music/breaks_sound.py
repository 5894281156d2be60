"""The sound of a synthetic break: a small drum kit, a backing under it, and rough mastering."""

from __future__ import annotations

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
