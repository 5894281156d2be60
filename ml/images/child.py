"""The life of a child that decodes one picture: warm up, give up its rights, decode, end.

Pillow's decoders are C programs that read what strangers wrote; see `ml.sandbox.confinement`.
"""

from __future__ import annotations

import io
import json
import socket
import sys
from contextlib import suppress
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from ml.images.errors import NotAPicture, PictureDamaged, PictureError, TooManyPixels
from ml.images.limits import PictureLimits
from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY, allow_processor_time, confine, die_with

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # told apart by their first bytes, not by a name
GROUND = (255, 255, 255)  # behind what is transparent


def main(words: str) -> None:
    """Serve the parent once.

    Args:
        words: JSON of `parent` (process id), `socket` (descriptor) and `limits`.
    """
    orders = json.loads(words)
    die_with(orders["parent"])
    limits = PictureLimits(**orders["limits"])
    channel = Channel(socket.socket(fileno=orders["socket"]), limits.max_bytes)
    _warm_up(limits)
    confine(limits.memory_bytes)
    allow_processor_time(limits.cpu_seconds)
    try:
        _, data = channel.receive()
        header, pixels = _answer(bytes(data), limits)
        channel.send(header, pixels)
    except Closed:
        return
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def decoded(data: bytes, limits: PictureLimits) -> Image.Image:
    """Decode a picture's first frame, upright, opaque and no larger than `limits.side`.

    Raises:
        NotAPicture, TooManyPixels, PictureDamaged: as `ml.images.errors` tells them apart.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes before, and is no warning
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureDamaged from error
    pixels = picture.width * picture.height
    if pixels > limits.max_pixels:
        raise TooManyPixels(pixels, limits.max_pixels)
    try:
        return _shrunk(picture, limits.side)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise PictureDamaged from error


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    picture.draft("RGB", (side, side))  # JPEG alone: decodes at a fraction of its size
    ImageOps.exif_transpose(picture, in_place=True)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    opaque = Image.new("RGB", picture.size, GROUND)
    seen_through = picture.convert("RGBA")
    opaque.paste(seen_through, mask=seen_through)
    return opaque


def _answer(data: bytes, limits: PictureLimits) -> tuple[dict[str, Any], bytes]:
    try:
        picture = decoded(data, limits)
    except TooManyPixels as error:
        return {"error": error.code, "pixels": error.pixels}, b""
    except PictureError as error:
        return {"error": error.code}, b""
    return {"width": picture.width, "height": picture.height}, picture.tobytes()


def _warm_up(limits: PictureLimits) -> None:
    """Import and open now all that decoding does late: afterwards nothing can be."""
    for name in FORMATS:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, name)
        decoded(file.getvalue(), limits)
    with suppress(PictureError):
        decoded(b"none of them", limits)
