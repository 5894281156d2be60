"""Members' pictures: checked, decoded in a child, looked at, cut to the face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from bot.portraits.drawing import PortraitInference
from ml.images.decoding import check_size, decode
from ml.images.limits import PictureLimits

Picture = npt.NDArray[np.uint8]


def _as_it_is(picture: Picture) -> Picture:
    return picture


class ImageUploads:
    """Turns a file that a member handed over into a picture that a painter may see."""

    def __init__(
        self,
        portrait_inference: PortraitInference,
        limits: PictureLimits,
        executor: Executor,
        crop: Callable[[Picture], Picture] = _as_it_is,
    ) -> None:
        """Join the parts.

        Args:
            portrait_inference: counts who waits, and screens.
            limits: how much one picture may cost.
            executor: its threads wait for the children that decode.
            crop: cuts a picture (h, w, 3) to the face in it, if it finds one; blocking.
        """
        self._painting = portrait_inference
        self._limits = limits
        self._executor = executor
        self._crop = crop

    def check_size(self, size_bytes: int) -> None:
        """Refuse by the announced size, before anything is fetched.

        Raises:
            PictureTooLarge, NotAPicture: it has too many bytes, or none.
        """
        check_size(size_bytes, self._limits)

    async def read(self, data: bytes) -> Picture:
        """Make a picture (h, w, 3) of a file's bytes.

        Raises:
            PictureError: it cannot be used, and why.
            TooManyPortraits: every place is taken.
        """
        loop = asyncio.get_running_loop()
        with self._painting.place():
            picture = await loop.run_in_executor(self._executor, decode, data, self._limits)
            await self._painting.screen(picture[None])
            return await loop.run_in_executor(self._executor, self._crop, picture)
