"""Faces cut out of the art that members hand over."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from PIL import Image

from bot.portraits.uploads import ImageUploads, Picture
from ml.avatar.faces import Refusal, look

REASONS = {
    Refusal.NO_FACE: "no_face",
    Refusal.TOO_SMALL: "too_small",
    Refusal.CUT_OFF: "cut_off",
    Refusal.DUPLICATE: "duplicate",
}


@dataclass(frozen=True, slots=True)
class CutOut:
    """One face: a PNG, and the SHA-256 of its pixels."""

    png: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The faces of a picture, and why others were refused: a code -> how many."""

    crops: tuple[CutOut, ...]
    refused: Mapping[str, int]


class CropsArt(Protocol):
    """Cuts faces out of a member's file."""

    async def cut(self, data: bytes) -> Cut:
        """Open a picture and cut out its faces.

        Raises:
            PictureError, TooManyPortraits: it cannot be opened, and why.
        """


class FaceCrops:
    """Opens files where they can do no harm, looks at them, and cuts out drawn faces."""

    def __init__(self, pictures: ImageUploads) -> None:
        """Open files through `pictures`, which must leave them whole."""
        self._pictures = pictures

    async def cut(self, data: bytes) -> Cut:
        """Open a picture and cut out its faces.

        Raises:
            PictureError, TooManyPortraits: it cannot be opened, and why.
        """
        picture = await self._pictures.read(data)
        return await asyncio.to_thread(_cut, picture)


def _cut(picture: Picture) -> Cut:
    found = look(Image.fromarray(picture))
    refused = Counter(REASONS.get(each, "other") for each in found.refused)
    return Cut(tuple(_cut_out(crop.picture) for crop in found.kept), dict(refused))


def _cut_out(crop: Image.Image) -> CutOut:
    file = io.BytesIO()
    crop.save(file, "PNG")
    return CutOut(file.getvalue(), sha256(crop.tobytes()).digest())
