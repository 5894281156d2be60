"""Everything that can be wrong with a member's picture, each error carrying its facts.

PictureError
├── PictureTooLarge    more bytes than allowed
├── TooManyPixels      more pixels than allowed, by its own announcement
├── NotAPicture        no PNG, JPEG, WebP or GIF, or no bytes at all
├── PictureDamaged     one of them, but it cannot be decoded
├── PictureTooCostly   decoding outran its time or memory
└── NotSafeForWork     the screen took it for something not to be shown at work

`code` is stable: the catalogues of words are keyed by it.
"""

from __future__ import annotations

from typing import ClassVar


class PictureError(Exception):
    """A picture that cannot be used."""

    code: ClassVar[str] = "picture"


class PictureTooLarge(PictureError):
    """The file has more bytes than allowed."""

    code = "picture_too_large"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes, limit {limit_bytes}")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class TooManyPixels(PictureError):
    """The picture announces more pixels than allowed."""

    code = "too_many_pixels"

    def __init__(self, size_pixels: int, limit_pixels: int) -> None:
        super().__init__(f"{size_pixels} pixels, limit {limit_pixels}")
        self.size_pixels = size_pixels
        self.limit_pixels = limit_pixels


class NotAPicture(PictureError):
    """The file is in none of the formats we open."""

    code = "not_a_picture"


class PictureDamaged(PictureError):
    """The file begins like a picture, but cannot be decoded."""

    code = "picture_damaged"


class PictureTooCostly(PictureError):
    """Decoding was stopped because it outran its time, processor or memory limit."""

    code = "picture_too_costly"


class NotSafeForWork(PictureError):
    """The picture looks like something not to be shown at work; `score` is 0 to 1."""

    code = "not_safe_for_work"

    def __init__(self, score: float) -> None:
        super().__init__(f"screened at {score:.2f}")
        self.score = score
