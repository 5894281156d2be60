"""From sound to the picture that the models see, the same for training and listening."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torchaudio.transforms import AmplitudeToDB, MelSpectrogram

from ml.audio.excerpts import SAMPLE_RATE

MEL_BANDS = 128  # Slaney's scale, 0 to 11 025 Hz
FFT_SAMPLES = 1024  # 46 ms
HOP_SAMPLES = 441  # 20 ms a frame, 50 frames a second
FLOOR_DB = -100.0  # digital silence


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
    spectrogram, decibels = _transforms(wave.device)
    mel: Tensor = decibels(spectrogram(wave))
    return mel


@lru_cache(maxsize=4)
def _transforms(device: torch.device) -> tuple[MelSpectrogram, AmplitudeToDB]:
    spectrogram = MelSpectrogram(
        sample_rate=SAMPLE_RATE,
        n_fft=FFT_SAMPLES,
        hop_length=HOP_SAMPLES,
        n_mels=MEL_BANDS,
        norm="slaney",
        mel_scale="slaney",
        pad_mode="constant",  # a window may be shorter than half an FFT, where reflection fails
    )
    return spectrogram.to(device), AmplitudeToDB(stype="power")
