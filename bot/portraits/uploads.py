"""Open members' images: checked, decoded in a child, screened, cropped to the face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.portraits.inference import PortraitInference
from ml.images.decoding import check_size
from ml.images.limits import PictureLimits

Picture = npt.NDArray[np.uint8]


class DecodesPictures(Protocol):
    """Decodes one picture, in a sandbox; blocking and safe to call from several threads."""

    def decode(self, data: bytes) -> Picture:
        """Return (height, width, 3) or raise a `PictureError`."""


def _whole(picture: Picture) -> Picture:
    return picture


class ImageUploads:
    """Turns a member's file into a picture that a model may be given."""

    def __init__(
        self,
        portrait_inference: PortraitInference,
        limits: PictureLimits,
        decoder: DecodesPictures,
        executor: Executor,
        crop: Callable[[Picture], Picture] = _whole,
    ) -> None:
        """Join the parts.

        Args:
            portrait_inference: gives out slots, and screens.
            limits: how much one picture may cost.
            decoder: decodes within them, in confined children.
            executor: its threads wait for the children that decode.
            crop: cuts a picture (h, w, 3) to the face in it, if it finds one; blocking.
        """
        self._inference = portrait_inference
        self._limits = limits
        self._decode = decoder.decode
        self._executor = executor
        self._crop = crop

    def check_size(self, size_bytes: int) -> None:
        """Refuse a file by its announced size.

        Raises:
            PictureTooLarge, NotAPicture: it has too many bytes, or none.
        """
        check_size(size_bytes, self._limits)

    async def read(self, data: bytes) -> Picture:
        """Return the picture (h, w, 3) in a file's bytes.

        Raises:
            PictureError: it cannot be used, and why.
            TooManyPortraitsError: every slot is taken.
        """
        loop = asyncio.get_running_loop()
        with self._inference.slot():
            picture = await loop.run_in_executor(self._executor, self._decode, data)
            await self._inference.screen(picture[None])
            return await loop.run_in_executor(self._executor, self._crop, picture)
