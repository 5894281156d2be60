"""Changes of a song's sound that leave it the same song: noise, speed, dullness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from ml.audio.excerpts import SAMPLE_RATE

Sound = npt.NDArray[np.float32]


def in_pink_noise(sound: Sound, decibels_under: float) -> Sound:
    """Add noise whose power falls by 3 dB an octave, so far under the music.

    Args:
        sound: (samples,) float32.
        decibels_under: distance of the two powers.
    """
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    noise *= np.sqrt((sound**2).mean() / (noise**2).mean()) * 10 ** (-decibels_under / 20)
    return (sound + noise).astype(np.float32)


def sped_up(sound: Sound, speed: float) -> Sound:
    """Play faster or slower, as a record does: tempo and pitch change together."""
    played: Sound = soxr.resample(sound, SAMPLE_RATE * speed, SAMPLE_RATE, "MQ")
    return played


def dulled(sound: Sound, hertz: float) -> Sound:
    """Take away what lies above a frequency."""
    low: Sound = soxr.resample(sound, SAMPLE_RATE, 2 * hertz, "MQ")
    back: Sound = soxr.resample(low, 2 * hertz, SAMPLE_RATE, "MQ")
    return back
