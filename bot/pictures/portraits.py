"""Portraits as files: one large, several in a grid with their numbers, one to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.pictures.lettering import Pen, write
from bot.pictures.palette import HOLLOW, INK, NIGHT_LOW
from bot.pictures.shapes import rounded

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB."""

SIDE = 768  # px of a single portrait
CELLS = {1: SIDE, 2: 512, 3: 400}  # px of a portrait in a grid of so many columns
GAP = 10  # px between portraits
BADGE, BADGE_MARGIN = 56, 12  # px: the side of a number's ground, and its distance to the corner
NUMBER = Pen(38, INK)
COMPRESSION = 2  # zlib level: at 6 the file is a seventh smaller and takes thrice as long


def enlarged(picture: Picture, side: int) -> Image.Image:
    """Bring a square picture to `side` px."""
    image = Image.fromarray(picture)
    if image.size == (side, side):
        return image
    return image.resize((side, side), Image.Resampling.LANCZOS)


def portrait_png(picture: Picture, side: int = SIDE) -> bytes:
    """Encode one portrait as PNG."""
    return _png(enlarged(picture, side))


def grid_png(pictures: Sequence[Picture]) -> bytes:
    """Encode several portraits in rows, each with its number, as PNG; a single one without."""
    if len(pictures) == 1:
        return portrait_png(pictures[0])
    columns = min(ceil(sqrt(len(pictures))), max(CELLS))
    rows = ceil(len(pictures) / columns)
    cell = CELLS[columns]
    size = (columns * (cell + GAP) - GAP, rows * (cell + GAP) - GAP)
    canvas = Image.new("RGB", size, NIGHT_LOW)
    for number, picture in enumerate(pictures, start=1):
        row, column = divmod(number - 1, columns)
        corner = (column * (cell + GAP), row * (cell + GAP))
        canvas.paste(enlarged(picture, cell), corner)
        _number(canvas, corner, number)
    return _png(canvas)


def kept_webp(picture: Picture) -> bytes:
    """Encode a portrait without losses, to be kept."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, quality=60)
    return file.getvalue()


def opened(webp: bytes) -> Picture:
    """Decode what `kept_webp` encoded."""
    with Image.open(BytesIO(webp), formats=["WEBP"]) as image:
        return np.asarray(image.convert("RGB"))


def _number(canvas: Image.Image, corner: tuple[int, int], number: int) -> None:
    left, top = corner[0] + BADGE_MARGIN, corner[1] + BADGE_MARGIN
    ground = rounded(BADGE, BADGE, BADGE // 2).point(lambda opacity: opacity * 3 // 4)
    canvas.paste(HOLLOW, (left, top), ground)
    baseline = top + (BADGE + NUMBER.size * 0.73) / 2
    write(ImageDraw.Draw(canvas), (left + BADGE / 2, baseline), str(number), NUMBER, "m")


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()
