"""The compressed mel spectrogram that musicnn's taggers read."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torchaudio.functional import melscale_fbanks

from ml.music.tagger import MEL_BANDS

RATE = 16_000  # Hz
FFT_SAMPLES = 512  # 32 ms
HOP_SAMPLES = 256  # 16 ms a frame
PATCH_SAMPLES = 186 * HOP_SAMPLES  # of 187 frames, the first and the last half silent
_GAIN = 10_000.0


def tagger_input(wave: Tensor) -> Tensor:
    """Turn mono audio into the picture that the taggers read.

    Args:
        wave: (batch, samples) float32 in [-1, 1] at 16 kHz.

    Returns:
        (batch, samples // 256 + 1, 96) float32 from 0: log10(1 + 10,000 times mel power).

    Raises:
        ValueError: if `wave` is not a batch of at least one sample each.
    """
    if wave.ndim != 2 or wave.shape[1] == 0:
        raise ValueError(f"expected (batch, samples), got {tuple(wave.shape)}")
    spectrum = torch.stft(
        wave,
        FFT_SAMPLES,
        HOP_SAMPLES,
        window=_window(),
        pad_mode="constant",
        return_complex=True,
    )
    squares = torch.view_as_real(spectrum.transpose(1, 2)).square()
    power = squares[..., 0] + squares[..., 1]
    return (power @ _filters()).mul_(_GAIN).add_(1).log10_()


@lru_cache(maxsize=1)
def _window() -> Tensor:
    return torch.hann_window(FFT_SAMPLES)


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    filters: Tensor = melscale_fbanks(
        FFT_SAMPLES // 2 + 1, 0.0, RATE / 2, MEL_BANDS, RATE, norm="slaney", mel_scale="slaney"
    )
    return filters
