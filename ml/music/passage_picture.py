"""Sound as the coarse picture that FMA's labels were learned from.

FMA's pictures hold one spectrum of 46 ms every 234 ms. From sound the same is taken at four
phases, so that nothing depends on where the first column falls.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import SAMPLE_RATE

BANDS = 106  # of 128 on Slaney's scale to 22,050 Hz: those below 11 kHz
FFT_SAMPLES = 1_024  # 46 ms
COLUMN_SAMPLES = 5_168  # 234 ms
PHASES = 4
RANGE_DB = 80.0
_MOST_COLUMNS = 128  # 30 s, as long as FMA's clips


def passage_pictures(passage: npt.NDArray[np.float32]) -> Tensor:
    """Turn a passage into coarse pictures.

    Args:
        passage: (samples,) float32 in [-1, 1], mono at 22 050 Hz; of longer ones the first 30 s.

    Returns:
        (4, 106, columns) float32 in dB below the loudest point, from -80 to 0; one column every
        234 ms, each picture begins a quarter of a column later.

    Raises:
        ValueError: if `passage` is not one-dimensional.
    """
    if passage.ndim != 1:
        raise ValueError(f"expected (samples,), got {passage.shape}")
    wave = torch.from_numpy(np.ascontiguousarray(passage, np.float32))
    step = COLUMN_SAMPLES // PHASES
    count = min(_MOST_COLUMNS, max(1, (len(wave) - FFT_SAMPLES) // COLUMN_SAMPLES))
    needed = (count * PHASES - 1) * step + FFT_SAMPLES
    wave = functional.pad(wave, (0, max(0, needed - len(wave))))[:needed]
    frames = wave.unfold(0, FFT_SAMPLES, step) * _window()
    spectrum = torch.view_as_real(torch.fft.rfft(frames)).square()
    mel = (spectrum[..., 0] + spectrum[..., 1]) @ _filters()
    decibels: Tensor = 10 * mel.clamp(min=1e-10).log10()
    decibels = (decibels - decibels.amax()).clamp(min=-RANGE_DB)
    pictures: Tensor = decibels.unflatten(0, (count, PHASES)).permute(1, 2, 0).contiguous()
    return pictures


@lru_cache(maxsize=1)
def _window() -> Tensor:
    return torch.hann_window(FFT_SAMPLES)


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    """(513, 106): the lower bands of 128 that reach to 22,050 Hz."""
    wide: Tensor = melscale_fbanks(
        FFT_SAMPLES + 1,
        0.0,
        2 * SAMPLE_RATE / 2,
        128,
        2 * SAMPLE_RATE,
        norm="slaney",
        mel_scale="slaney",
    )
    return wide[: FFT_SAMPLES // 2 + 1, :BANDS].contiguous()
