"""A morph as an animation that goes there and back for ever."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.pictures.portraits import enlarged

SIDE = 512  # px
FRAME_MS, REST_MS = 60, 900  # how long a frame stays, and each end
# Tried in turn until the file is small enough: the side in px and WebP's quality.
STEPS = ((SIDE, 86), (SIDE, 70), (384, 70), (256, 60))


class TooHeavy(Exception):
    """Even the smallest animation has more bytes than the file may have."""


def animation(frames: npt.NDArray[np.uint8], limit_bytes: int) -> bytes:
    """Encode frames (n, side, side, 3) as animated WebP, forth and back.

    Args:
        frames: from one end to the other.
        limit_bytes: what the file may have.

    Raises:
        TooHeavy: no such file can be made.
    """
    order = there_and_back(len(frames))
    times = [REST_MS if index in (0, len(frames) - 1) else FRAME_MS for index in order]
    for side, quality in STEPS:
        images = [enlarged(frame, side) for frame in frames]
        file = _webp([images[index] for index in order], times, quality)
        if len(file) <= limit_bytes:
            return file
    raise TooHeavy(limit_bytes)


def there_and_back(count: int) -> list[int]:
    """Number the frames of one round: every one on the way there, all but the ends back."""
    return [*range(count), *range(count - 2, 0, -1)]


def _webp(images: Sequence[Image.Image], times: list[int], quality: int) -> bytes:
    file = BytesIO()
    images[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=times,
        loop=0,
        quality=quality,
        method=2,  # of 6: twice as fast as 4 for a tenth more bytes
        kmin=0,
        kmax=1,  # every frame whole: the encoder takes small changes for none, and then jumps
    )
    return file.getvalue()
