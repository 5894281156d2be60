"""Changes of a song's sound that leave it the same song."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
