"""From sound to the mel spectrogram that the seed recipe sees."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import SAMPLE_RATE

MEL_BANDS = 128  # Slaney's scale, 0 to 11 025 Hz
FFT_SAMPLES = 1024  # 46 ms
HOP_SAMPLES = 441  # 20 ms a frame, 50 frames a second
FLOOR_DB = -100.0  # digital silence

_BINS = FFT_SAMPLES // 2 + 1
_BANDS_TOGETHER = 16  # neighbours, which hear nearly the same bins
_AT_ONCE = 6 * SAMPLE_RATE  # samples; their spectra stay in the processor's cache


def log_mel(wave: Tensor) -> Tensor:
    """Turn mono audio into a mel spectrogram.

    Args:
        wave: (batch, samples), float32 in [-1, 1], 22 050 Hz; at least one sample.

    Returns:
        (batch, 128, frames) in dB of power, float32, no lower than `FLOOR_DB`; low
        frequency first, one frame each 20 ms, frames = samples // 441 + 1.

    Raises:
        ValueError: if `wave` is not a batch of at least one sample each.
    """
    if wave.ndim != 2 or wave.shape[1] == 0:
        raise ValueError(f"expected (batch, samples), got {tuple(wave.shape)}")
    pieces = wave.split(max(1, _AT_ONCE // wave.shape[1]))
    mel = torch.cat([_mel(piece) for piece in pieces])  # (batch, frames, 128)
    return mel.clamp_(min=10 ** (FLOOR_DB / 10)).log10_().mul_(10).transpose(1, 2)


def _mel(wave: Tensor) -> Tensor:
    """(batch, samples) to (batch, frames, 128) of power."""
    spectrum = torch.stft(
        wave,
        FFT_SAMPLES,
        HOP_SAMPLES,
        window=_window(wave.device),
        pad_mode="constant",  # a window may be shorter than half an FFT, where reflection fails
        return_complex=True,
    )
    # A third of the time that abs() ** 2 takes for the same.
    squares = torch.view_as_real(spectrum.transpose(1, 2)).square()
    power = squares[..., 0] + squares[..., 1]
    bands = [power[..., low : low + len(bank)] @ bank for low, bank in _banks(wave.device)]
    return torch.cat(bands, dim=2)


@lru_cache(maxsize=4)
def _window(device: torch.device) -> Tensor:
    return torch.hann_window(FFT_SAMPLES, device=device)


@lru_cache(maxsize=4)
def _banks(device: torch.device) -> list[tuple[int, Tensor]]:
    """Give the filters of neighbouring bands: from which bin they hear, and (bins, bands).

    All in one would be zeros for the most part, and cost three times as much.
    """
    filters = melscale_fbanks(
        _BINS, 0.0, SAMPLE_RATE / 2, MEL_BANDS, SAMPLE_RATE, norm="slaney", mel_scale="slaney"
    )
    banks = []
    for together in filters.split(_BANDS_TOGETHER, dim=1):
        heard = together.any(dim=1).nonzero()
        low, high = int(heard[0]), int(heard[-1]) + 1
        banks.append((low, together[low:high].contiguous().to(device)))
    return banks
