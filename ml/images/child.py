"""Decode pictures in a confined child; see `ml.sandbox.child`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ml.images.errors import (
    NotAPictureError,
    PictureDamagedError,
    PictureError,
    PictureLimits,
    TooManyPixelsError,
)
from ml.sandbox.channel import Work

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # told apart by their first bytes, not by a name
GROUND = (255, 255, 255)  # behind what is transparent

_MOST_FRAMES = 100  # of an animation, looked through for one with something on it
_BLANK_RANGE = 8  # levels of 256 between the darkest and the lightest of a blank frame
_TO_8_BITS = 257  # 65 535 / 255
_SPOILT = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError)

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = (  # what makes the picture; comments and colour profiles may refuse a sound one
    *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"),
    *(b"acTL", b"fcTL", b"fdAT"),
)
_PNG_CHUNK_OVERHEAD = 12  # bytes of length, name and checksum


def prepare(options: Mapping[str, Any]) -> Work:
    """Import and open all that decoding needs.

    Args:
        options: `limits`, as a dict.
    """
    limits = PictureLimits(**options["limits"])

    def work(data: memoryview, output: memoryview) -> Mapping[str, Any]:
        try:
            picture = decoded(bytes(data), limits)
        except TooManyPixelsError as error:
            return {"error": error.code, "pixels": error.size_pixels}
        except PictureError as error:
            return {"error": error.code}
        pixels = picture.tobytes()
        output[: len(pixels)] = pixels
        return {"width": picture.width, "height": picture.height}

    for name in FORMATS:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, name)
        decoded(file.getvalue(), limits)
    for mode in ("I;16", "P", "LA"):
        file = io.BytesIO()
        Image.new(mode, (8, 8)).save(file, "PNG")
        decoded(file.getvalue(), limits)
    with suppress(PictureError):
        decoded(b"none of them", limits)
    return work


def decoded(data: bytes, limits: PictureLimits) -> Image.Image:
    """Decode a picture, upright, opaque and no larger than `limits.side`.

    Of an animation the first frame that is not blank is taken.

    Raises:
        NotAPictureError, TooManyPixelsError, PictureDamagedError: as `ml.images.errors` says.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes before, and is no warning
    try:
        picture = Image.open(io.BytesIO(_without_comments(data)), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise NotAPictureError from error
    except _SPOILT as error:
        raise PictureDamagedError from error
    pixels = picture.width * picture.height
    if pixels > limits.max_pixels:
        raise TooManyPixelsError(pixels, limits.max_pixels)
    try:
        frames = (_opaque(frame, limits.side) for frame in _frames(picture, limits.side))
        first = next(frames)
    except _SPOILT as error:
        raise PictureDamagedError from error
    with suppress(*_SPOILT):  # what follows the first frame is not needed
        return next((frame for frame in (first, *frames) if not _blank(frame)), first)
    return first


def _frames(picture: Image.Image, side: int) -> Iterator[Image.Image]:
    picture.draft("RGB", (side, side))  # JPEG alone: decodes at a fraction of its size
    for index in range(min(getattr(picture, "n_frames", 1), _MOST_FRAMES)):
        if index:
            picture.seek(index)
        yield picture


def _opaque(frame: Image.Image, side: int) -> Image.Image:
    frame.load()
    small = _in_8_bits(frame)
    if small is frame:
        small = frame.copy()
    with suppress(*_SPOILT):  # spoilt EXIF: the picture is shown as it lies
        small = ImageOps.exif_transpose(small)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    opaque = Image.new("RGB", small.size, GROUND)
    seen_through = small.convert("RGBA")
    opaque.paste(seen_through, mask=seen_through)
    return opaque


def _in_8_bits(frame: Image.Image) -> Image.Image:
    """Bring wide greys and palettes to modes that can be resized."""
    if frame.mode.startswith("I"):  # I;16 and its kin, and I, which PNG fills with 16 bits
        wide = np.asarray(frame, np.int64)
        grey = Image.fromarray((wide.clip(0, 65_535) // _TO_8_BITS).astype(np.uint8))
        grey.info.update(frame.info)
        return grey
    return frame.convert("RGBA") if frame.mode in ("P", "PA") else frame


def _blank(frame: Image.Image) -> bool:
    return all(high - low < _BLANK_RANGE for low, high in frame.getextrema())  # type: ignore[misc]


def _without_comments(data: bytes) -> bytes:
    """Leave out of a PNG what does not make the picture.

    Other formats stay as they are.
    """
    if not data.startswith(_PNG):
        return data
    kept, at = [_PNG], len(_PNG)
    while at + _PNG_CHUNK_OVERHEAD <= len(data):
        size = int.from_bytes(data[at : at + 4]) + _PNG_CHUNK_OVERHEAD
        if data[at + 4 : at + 8] in _PNG_CHUNKS:
            kept.append(data[at : at + size])
        at += size
    return b"".join(kept)
