"""Decode members' pictures in confined children."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
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
from ml.sandbox.channel import Closed
from ml.sandbox.jobs import Crashed, DecodingJob, TooCostly
from ml.sandbox.pool import Sandbox

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB."""

PICTURE = "picture"
_PLAIN_ERRORS: dict[str, type[PictureError]] = {
    each.code: each for each in (NotAPicture, PictureDamaged)
}


def picture_job(limits: PictureLimits) -> DecodingJob:
    """Describe the decoding of pictures to a `Sandbox`."""
    return DecodingJob(
        name=PICTURE,
        module="ml.images.child",
        options={"limits": asdict(limits)},
        input_bytes=limits.max_bytes,
        output_bytes=3 * limits.side**2,
        memory_bytes=limits.memory_bytes,
        cpu_seconds=limits.cpu_seconds,
        wall_seconds=limits.wall_seconds,
    )


def check_size(size_bytes: int, limits: PictureLimits) -> None:
    """Refuse a picture by the size of its file.

    Raises:
        PictureTooLarge, NotAPicture: it has too many bytes, or none.
    """
    if size_bytes > limits.max_bytes:
        raise PictureTooLarge(size_bytes, limits.max_bytes)
    if size_bytes == 0:
        raise NotAPicture


class PictureDecoder:
    """Turns files into pictures; each is decoded by one child."""

    def __init__(
        self,
        limits: PictureLimits | None = None,
        sandbox: Sandbox | None = None,
        workers: int = 1,
    ) -> None:
        """Get ready; own children start with the first picture, and stay.

        Args:
            limits: how much one picture may cost.
            sandbox: a pool with `picture_job(limits)` among its jobs, whose children to use
                instead of own ones; it is left open.
            workers: how many own children.
        """
        self._limits = limits or PictureLimits()
        self._owned = ExitStack()
        if sandbox is None:
            sandbox = self._owned.enter_context(
                Sandbox(workers, [picture_job(self._limits)], eager=False)
            )
        self._sandbox = sandbox

    def __enter__(self) -> PictureDecoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def decode(self, data: bytes) -> Picture:
        """Decode a PNG, JPEG, WebP or GIF.

        Any thread may call, and waits for a free child.

        Args:
            data: a whole file, as it was posted.

        Returns:
            (height, width, 3) uint8, upright, transparent parts white, neither side over
            `limits.side` px; of an animation the first frame with something on it.

        Raises:
            PictureError: as `ml.images.errors` tells them apart.
            RuntimeError: the decoder is closed, or no child can be started.
        """
        check_size(len(data), self._limits)
        try:
            return self._sandbox.run(PICTURE, data, self._read)
        except TooCostly:
            raise PictureTooCostly from None
        except Crashed:
            raise PictureDamaged from None

    def close(self) -> None:
        """Wait for pictures under way, then end the own children."""
        self._owned.close()

    def _read(self, answer: Mapping[str, Any], output: npt.NDArray[np.uint8]) -> Picture:
        """Read an answer, believing nothing: the child may have been taken over."""
        side = self._limits.side
        match answer:
            case {"error": "too_many_pixels", "pixels": int() as pixels}:
                raise TooManyPixels(pixels, self._limits.max_pixels)
            case {"error": str() as code} if code in _PLAIN_ERRORS:
                raise _PLAIN_ERRORS[code]
            case {"width": int() as width, "height": int() as height}:
                if 0 < width <= side and 0 < height <= side:
                    pixels_of = output[: 3 * width * height].copy()
                    return pixels_of.reshape(height, width, 3)
        raise Closed
