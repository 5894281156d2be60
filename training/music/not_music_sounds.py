"""Noise, tones and single sounds, synthesised with known parameters, that are no music."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.audio.excerpts import SAMPLE_RATE

Samples = npt.NDArray[np.float32]
_SECONDS = 12.0


def synthesised(count: int, seed: int) -> Iterator[tuple[str, str, Samples]]:
    """Make sounds of every kind in turn.

    Args:
        count: of each maker.
        seed: of all their parameters.

    Yields:
        The kind (`noise` or `tone`), the maker's name, and (samples,) at 22 050 Hz.
    """
    dice = np.random.default_rng(seed)
    for kind, makers in MAKERS.items():
        for maker in makers:
            for _ in range(count):
                level = 10 ** (dice.uniform(-30, -1) / 20)
                wave = maker(dice)
                yield (
                    kind,
                    maker.__name__,
                    (wave / (np.abs(wave).max() + 1e-9) * level).astype(np.float32),
                )


def coloured_noise(dice: np.random.Generator) -> Samples:
    """Noise whose power falls by 0 to 9 dB an octave, swelling slowly or not."""
    count = int(_SECONDS * SAMPLE_RATE)
    spectrum = np.fft.rfft(dice.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE).clip(20)
    wave = np.fft.irfft(spectrum * hertz ** -dice.uniform(0, 1.5), count)
    swell = 1 + dice.uniform(0, 0.9) * np.sin(2 * np.pi * dice.uniform(0.05, 0.5) * _time() + 1)
    return _single(wave * swell)


def banded_noise(dice: np.random.Generator) -> Samples:
    """Noise of one band: wind, traffic, a fan."""
    count = int(_SECONDS * SAMPLE_RATE)
    spectrum = np.fft.rfft(dice.standard_normal(count))
    octaves = np.log2(np.fft.rfftfreq(count, 1 / SAMPLE_RATE).clip(20) / dice.uniform(80, 5000))
    wave = np.fft.irfft(spectrum * np.exp(-((octaves / dice.uniform(0.3, 2)) ** 2)), count)
    return _single(wave + 0.02 * dice.standard_normal(count))


def crackle(dice: np.random.Generator) -> Samples:
    """Clicks at random moments: rain, applause, a record's dust."""
    count = int(_SECONDS * SAMPLE_RATE)
    clicks = dice.standard_normal(count) * (
        dice.random(count) < dice.uniform(5, 4000) / SAMPLE_RATE
    )
    decay = np.exp(-np.arange(400) / dice.uniform(3, 120))
    return (np.convolve(clicks, decay, "same") + 1e-3 * dice.standard_normal(count)).astype(
        np.float32
    )


def engine(dice: np.random.Generator) -> Samples:
    """A motor: low pulses with harmonics in noise."""
    rate = dice.uniform(15, 90) * (1 + 0.1 * np.sin(2 * np.pi * dice.uniform(0.05, 0.3) * _time()))
    phase = 2 * np.pi * np.cumsum(rate) / SAMPLE_RATE
    wave = sum(np.sin(n * phase + n * n) / n for n in range(1, 12))
    noise = dice.standard_normal(len(phase))
    return (wave + dice.uniform(0.3, 2) * np.convolve(noise, np.ones(12) / 12, "same")).astype(
        np.float32
    )


def steady_tone(dice: np.random.Generator) -> Samples:
    """One tone of 60 Hz to 4 kHz that does not end: sine, square or with some harmonics."""
    phase = 2 * np.pi * np.exp(dice.uniform(np.log(60), np.log(4000))) * _time()
    falls = dice.uniform(0.5, 6)
    wave = sum(np.sin(n * phase) / n**falls for n in range(1, 8))
    return _single(wave + dice.uniform(0, 0.01) * dice.standard_normal(len(phase)))


def sweep(dice: np.random.Generator) -> Samples:
    """A tone that glides up or down, once or like a siren."""
    low, high = (
        np.exp(dice.uniform(np.log(80), np.log(400))),
        np.exp(dice.uniform(np.log(800), np.log(6000))),
    )
    way = 0.5 - 0.5 * np.cos(2 * np.pi * dice.uniform(0.04, 1.5) * _time())
    phase = 2 * np.pi * np.cumsum(low * (high / low) ** way) / SAMPLE_RATE
    return _single(np.sin(phase))


def beeps(dice: np.random.Generator) -> Samples:
    """One tone again and again: an alarm, a busy line."""
    on = (_time() * dice.uniform(0.5, 6)) % 1 < dice.uniform(0.1, 0.7)
    tone = np.sin(2 * np.pi * np.exp(dice.uniform(np.log(300), np.log(3500))) * _time())
    return _single(tone * np.convolve(on, np.ones(100) / 100, "same"))


def single_note(dice: np.random.Generator) -> Samples:
    """One note that dies away, then nothing but a little noise."""
    phase = 2 * np.pi * np.exp(dice.uniform(np.log(80), np.log(1500))) * _time()
    wave = sum(
        np.sin(n * phase) / n ** dice.uniform(0.8, 2) * np.exp(-n * _time()) for n in range(1, 9)
    )
    fade = np.exp(-_time() / dice.uniform(0.1, 2))
    return _single(wave * fade + 1e-4 * dice.standard_normal(len(phase)))


def single_hit(dice: np.random.Generator) -> Samples:
    """One knock, bang or clap, then nothing but a little noise."""
    fade = np.exp(-_time() / dice.uniform(0.02, 0.6))
    noise = np.convolve(dice.standard_normal(len(fade)), np.ones(4) / 4, "same")
    return _single(noise * fade + 1e-4 * dice.standard_normal(len(fade)))


def _single(wave: npt.NDArray[np.floating[Any]]) -> Samples:
    return wave.astype(np.float32)


def _time() -> npt.NDArray[np.float64]:
    return np.arange(int(_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE


Maker = Callable[[np.random.Generator], Samples]
MAKERS: dict[str, tuple[Maker, ...]] = {
    "noise": (coloured_noise, banded_noise, crackle, engine, single_hit),
    "tone": (steady_tone, sweep, beeps, single_note),
}
