"""How each recipe looks at a mel spectrogram.

The default recipe looks at a second as 80 bands by 16 columns of 60 ms: as coarse as the mel
pictures it also learns from, and no higher than 4.7 kHz. Above, old recordings, codecs and
resampling differ more than genres do, and what is learned from one kind of data fails on another.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import SAMPLE_RATE
from ml.audio.mel import FFT_SAMPLES, MEL_BANDS

FRAMES_A_COLUMN = 3  # of 20 ms
COLUMNS = 16  # of 60 ms: a one-second window without the frames that reach over its edges
BANDS = 80  # of the mel pictures' 128 (Slaney's scale, 0 to 22 050 Hz)
RANGE_DB = 80.0  # what lies further below the song's loudest point is not seen
SIDE = 224  # of the seed recipe's square pictures


def columns_of(mel: Tensor) -> Tensor:
    """Average frames of 20 ms to columns of 60 ms.

    Args:
        mel: (..., bands, frames) in dB, as from `ml.audio.mel.log_mel`.

    Returns:
        (..., bands, (frames - 1) // 3): the first frame, half of it silence, is left out.
    """
    count = (mel.shape[-1] - 1) // FRAMES_A_COLUMN
    inner = mel[..., 1 : 1 + count * FRAMES_A_COLUMN]
    columns: Tensor = inner.unflatten(-1, (count, FRAMES_A_COLUMN)).mean(dim=-1)
    return columns


def level(windows: Tensor) -> Tensor:
    """Make songs equally loud, so that only what is in them is seen.

    Args:
        windows: (songs, windows, 128, columns) in dB.

    Returns:
        (songs, windows, `BANDS`, columns), in tens of dB around each song's mean, clipped at
        `RANGE_DB` under its loudest point.
    """
    windows = in_bands(windows)
    loudest = windows.amax(dim=(1, 2, 3), keepdim=True)
    seen = windows.maximum(loudest - RANGE_DB)
    return (seen - seen.mean(dim=(1, 2, 3), keepdim=True)) / 10.0


def in_bands(windows: Tensor) -> Tensor:
    """Bring our bands to the mel pictures', which are wider; powers add, decibels do not.

    Args:
        windows: (..., 128, columns) in dB.

    Returns:
        (..., `BANDS`, columns) in dB.
    """
    power = torch.pow(10.0, windows / 10.0)
    wider: Tensor = 10.0 * (_widening(windows.device) @ power).clamp(min=1e-12).log10()
    return wider


@lru_cache(maxsize=4)
def _widening(device: torch.device) -> Tensor:
    """(`BANDS`, 128): each of the pictures' bands as the mean of those of ours it reaches over."""
    half, bins = float(SAMPLE_RATE) / 2, FFT_SAMPLES // 2 + 1
    ours = _filters(bins, half)
    theirs = _filters(2 * bins - 1, 2 * half)[:bins, :BANDS]
    shared = theirs.T @ ours
    return (shared / shared.sum(dim=1, keepdim=True)).to(device)


def _filters(bins: int, top: float) -> Tensor:
    """(bins, 128) of Slaney's scale, from 0 to `top` Hz."""
    filters: Tensor = melscale_fbanks(
        bins, 0.0, top, MEL_BANDS, int(2 * top), norm="slaney", mel_scale="slaney"
    )
    return filters


def square(windows: Tensor) -> Tensor:
    """Render windows as the post's 224 by 224 pictures.

    Args:
        windows: (songs, windows, bands, frames) in dB.

    Returns:
        (songs, windows, 224, 224) in [0, 1], each window's loudest point at 1.
    """
    loudest = windows.amax(dim=(2, 3), keepdim=True)
    shade = (windows - loudest).clamp(min=-RANGE_DB) / RANGE_DB + 1.0
    return functional.interpolate(shade, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


def from_image(image: Tensor, bands: int, share: int) -> Tensor:
    """Turn a stored mel picture into the columns that a recording would have given.

    Args:
        image: (rows, columns) uint8, 255 for the loudest point and 0 for 80 dB less, low
            frequency first, its rows evenly spaced on the same mel scale as ours.
        bands: how many bands to return.
        share: how many of the lower rows span our range of frequencies.

    Returns:
        (bands, columns) in dB, 0 for the loudest point.
    """
    decibels = image[:share].to(torch.float32) / 255.0 * RANGE_DB - RANGE_DB
    stretched = functional.interpolate(
        decibels.T.unsqueeze(1), size=bands, mode="linear", align_corners=False
    )
    return stretched.squeeze(1).T.contiguous()


def spaced_pictures(columns: Tensor, most: int = 60) -> Tensor:
    """Cut a clip as listening does: evenly spaced windows over the whole of it.

    Args:
        columns: (bands, n) in dB, 60 ms a column.
        most: windows to cut.

    Returns:
        (1, windows, `BANDS`, 16), levelled.
    """
    room = columns.shape[1] - COLUMNS
    count = max(1, min(most, room))
    starts = torch.linspace(0, max(0, room), count).long().tolist()
    windows = torch.stack([columns[:, start : start + COLUMNS].float() for start in starts])
    return level(windows.unsqueeze(0))
