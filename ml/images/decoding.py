"""Decoding of strangers' pictures, each in a child of its own that can do little else."""

from __future__ import annotations

import signal
import socket
import time
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.images.errors import (
    NotAPicture,
    PictureDamaged,
    PictureError,
    PictureTooCostly,
    PictureTooLarge,
    TooManyPixels,
)
from ml.images.limits import PictureLimits
from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY
from ml.sandbox.starting import ending_of, start

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB."""

_PLAIN_ERRORS: dict[str, type[PictureError]] = {
    each.code: each for each in (NotAPicture, PictureDamaged)
}


def check_size(size_bytes: int, limits: PictureLimits) -> None:
    """Refuse a picture by the size of its file.

    Raises:
        PictureTooLarge, NotAPicture: it has too many bytes, or none.
    """
    if size_bytes > limits.max_bytes:
        raise PictureTooLarge(size_bytes, limits.max_bytes)
    if size_bytes == 0:
        raise NotAPicture


def decode(data: bytes, limits: PictureLimits | None = None) -> Picture:
    """Decode the first frame of a PNG, JPEG, WebP or GIF in a child; blocking, a third of a second.

    Args:
        data: a whole file, as it was posted.
        limits: how much it may cost.

    Returns:
        (height, width, 3) uint8, upright, transparent parts white, neither side over
        `limits.side` px.

    Raises:
        PictureError: as `ml.images.errors` tells them apart.
    """
    limits = limits or PictureLimits()
    check_size(len(data), limits)
    until = time.monotonic() + limits.wall_seconds
    ours, theirs = socket.socketpair()
    with theirs:
        process = start("ml.images.child", {"limits": asdict(limits)}, theirs)
    channel = Channel(ours, most_payload=3 * limits.side**2)
    try:
        channel.send({}, data, until=until)
        return _understood(*channel.receive(until), limits)
    except TimeoutError:
        raise PictureTooCostly from None
    except Closed:
        raise _autopsy(ending_of(process)) from None
    finally:
        process.kill()
        process.wait()
        channel.close()


def _understood(header: dict[str, Any], payload: bytearray, limits: PictureLimits) -> Picture:
    """Read an answer, believing nothing: the child may have been taken over."""
    match header:
        case {"error": "too_many_pixels", "pixels": int() as pixels}:
            raise TooManyPixels(pixels, limits.max_pixels)
        case {"error": str() as code} if code in _PLAIN_ERRORS:
            raise _PLAIN_ERRORS[code]
        case {"width": int() as width, "height": int() as height}:
            sound = 0 < width <= limits.side and 0 < height <= limits.side
            if sound and len(payload) == 3 * width * height:
                return np.frombuffer(payload, np.uint8).reshape(height, width, 3)
    raise PictureDamaged


def _autopsy(ended: int | None) -> PictureError:
    """Tell from how the child ended what the picture did."""
    costly = (-signal.SIGXCPU, -signal.SIGKILL, OUT_OF_MEMORY)
    return PictureTooCostly() if ended in costly else PictureDamaged()
