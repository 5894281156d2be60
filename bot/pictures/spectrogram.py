"""The song's sound as a picture: time across, pitch upwards, loudness as moonlight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.pictures.ramp import moonrise

QUIETEST, LOUDEST = 12.0, 99.3  # percentiles of the dB values that span the ramp
LEAST_RANGE = 20.0  # dB; keeps a nearly even sound from being blown up into a storm


def draw_spectrogram(mel: npt.NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    """Paint a mel spectrogram.

    Args:
        mel: (bands, columns) in dB, low frequency first.
        size: width and height in px.

    Returns:
        An "RGB" picture of `size`.
    """
    levels = np.nan_to_num(mel, nan=-80.0, posinf=0.0, neginf=-80.0)
    quiet, loud = np.percentile(levels, (QUIETEST, LOUDEST))
    span = max(float(loud - quiet), LEAST_RANGE)
    steps = np.clip((levels - loud) / span + 1.0, 0.0, 1.0) * 255
    picture = Image.fromarray(np.rint(steps[::-1]).astype(np.uint8))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    picture.putpalette(moonrise().tobytes())
    return picture.convert("RGB")
