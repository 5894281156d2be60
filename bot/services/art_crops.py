"""Faces cut out of the art that members hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


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
