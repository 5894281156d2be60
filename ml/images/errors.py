"""Limits for members' pictures, and every error about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """How much one picture may cost before it is refused or stopped.

    Attributes:
        max_bytes: size of the file.
        max_pixels: width times height, as the file announces them.
        side: what is handed on is made at most so large, in px.
        memory_bytes: address space the child may take for it, beyond what it started with.
        cpu_seconds: processor time the child may spend.
        wall_seconds: time by the clock, the start of the child included.
    """

    max_bytes: int = 8 * _MIB
    max_pixels: int = 40_000_000
    side: int = 1024
    memory_bytes: int = 512 * _MIB
    cpu_seconds: int = 10
    wall_seconds: float = 30.0


class PictureError(Exception):
    """A picture that cannot be used."""

    code: ClassVar[str] = "picture"


class PictureTooLargeError(PictureError):
    """The file has more bytes than allowed."""

    code = "picture_too_large"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes, limit {limit_bytes}")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class TooManyPixelsError(PictureError):
    """The picture announces more pixels than allowed."""

    code = "too_many_pixels"

    def __init__(self, size_pixels: int, limit_pixels: int) -> None:
        super().__init__(f"{size_pixels} pixels, limit {limit_pixels}")
        self.size_pixels = size_pixels
        self.limit_pixels = limit_pixels


class NotAPictureError(PictureError):
    """The file is in none of the formats we open."""

    code = "not_a_picture"


class PictureDamagedError(PictureError):
    """The file begins like a picture, but cannot be decoded."""

    code = "picture_damaged"


class PictureTooCostlyError(PictureError):
    """Decoding was stopped because it outran its time, processor or memory limit."""

    code = "picture_too_costly"


class NotSafeForWorkError(PictureError):
    """The picture looks like something not to be shown at work; `score` is 0 to 1."""

    code = "not_safe_for_work"

    def __init__(self, score: float) -> None:
        super().__init__(f"screened at {score:.2f}")
        self.score = score
