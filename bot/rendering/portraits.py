"""Encode portraits: one, a numbered grid, a morph, an explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.rendering.card import CONTENT_WIDTH, EARS_ABOVE, MARGIN, Card, new_card, rounded, sink
from bot.rendering.palette import EYE_RED, HOLLOW, INK, MUTED, NIGHT_LOW
from bot.rendering.text import Pen, write
from ml.avatar.traits import Explanation, Nearest, Part

Picture = npt.NDArray[np.uint8]
"""(height, width, 3), sRGB."""

SIDE = 768  # px of a single portrait
CELLS = {1: SIDE, 2: 512, 3: 400}  # px of a portrait in a grid of so many columns
GAP = 10  # px between portraits
BADGE, BADGE_MARGIN = 56, 12  # px: the side of a number's ground, and its distance to the corner
NUMBER = Pen(38, INK)
COMPRESSION = 2  # zlib level: at 6 the file is a seventh smaller and takes thrice as long


def enlarged(picture: Picture, side: int) -> Image.Image:
    """Resize a square picture to `side` px."""
    image = Image.fromarray(picture)
    if image.size == (side, side):
        return image
    return image.resize((side, side), Image.Resampling.LANCZOS)


def portrait_png(picture: Picture, side: int = SIDE) -> bytes:
    """Encode one portrait as PNG."""
    return _png(enlarged(picture, side))


def grid_png(pictures: Sequence[Picture]) -> bytes:
    """Encode portraits as a numbered PNG grid; a single one without number."""
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
    """Encode a portrait losslessly, for galleries."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, quality=60)
    return file.getvalue()


def opened(webp: bytes) -> Picture:
    """Decode what `kept_webp` encoded."""
    with Image.open(BytesIO(webp), formats=["WEBP"]) as image:
        return np.asarray(image.convert("RGB"))


ICON_SIDES = (256, 128, 80, 48, 32)  # px: from a profile to a member list
ICON_GROUNDS = ((49, 51, 56), (255, 255, 255))  # Discord's dark and light
ICON_GAP = 24  # px


def icon_preview_png(picture: Picture) -> bytes:
    """Draw a portrait round and in the sizes of icons, on Discord's dark and light ground."""
    width = sum(ICON_SIDES) + ICON_GAP * (len(ICON_SIDES) + 1)
    height = max(ICON_SIDES) + 2 * ICON_GAP
    canvas = Image.new("RGB", (width, height * len(ICON_GROUNDS)))
    for row, ground in enumerate(ICON_GROUNDS):
        canvas.paste(ground, (0, row * height, width, (row + 1) * height))
        left = ICON_GAP
        for side in ICON_SIDES:
            top = row * height + (height - side) // 2
            canvas.paste(enlarged(picture, side), (left, top), rounded(side, side, side // 2))
            left += side + ICON_GAP
    return _png(canvas)


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


MORPH_SIDE = 512  # px
MORPH_FRAME_MS, MORPH_REST_MS = 60, 900  # how long a frame stays, and each end
# Tried in turn until the file is small enough: the side in px and WebP's quality.
MORPH_STEPS = ((MORPH_SIDE, 86), (MORPH_SIDE, 70), (384, 70), (256, 60))


class MorphTooHeavyError(Exception):
    """The smallest animation is still larger than the file may be."""

    code = "morph_too_heavy"


def animation(frames: npt.NDArray[np.uint8], limit_bytes: int) -> bytes:
    """Encode frames (n, side, side, 3) as a looping animated WebP.

    Args:
        frames: from one end to the other.
        limit_bytes: what the file may have.

    Raises:
        MorphTooHeavyError: no such file can be made.
    """
    order = loop_order(len(frames))
    times = [MORPH_REST_MS if index in (0, len(frames) - 1) else MORPH_FRAME_MS for index in order]
    for side, quality in MORPH_STEPS:
        images = [enlarged(frame, side) for frame in frames]
        file = _webp([images[index] for index in order], times, quality)
        if len(file) <= limit_bytes:
            return file
    raise MorphTooHeavyError(limit_bytes)


def loop_order(count: int) -> list[int]:
    """Return the frame order of one loop: forth, then back without the ends."""
    return [*range(count), *range(count - 2, 0, -1)]


def _webp(images: Sequence[Image.Image], times: list[int], quality: int) -> bytes:
    file = BytesIO()
    images[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=times,
        loop=0,
        quality=quality,
        method=2,  # of 6: twice as fast as 4 for a tenth more bytes
        kmin=0,
        kmax=1,  # every frame whole: the encoder takes small changes for none, and then jumps
    )
    return file.getvalue()


SHOWN = 3  # drawings of each part
DRAWING, DRAWING_GAP, ROW_GAP = 224, 26, 30  # px
OWN = CONTENT_WIDTH - SHOWN * (DRAWING + DRAWING_GAP)  # px, width of the portrait's own part
WORDS = 54  # px over the pictures of a row
ROW = WORDS + DRAWING
NAME, LIKENESS = Pen(38, INK), Pen(34, MUTED)
FRAME, FRAME_CORNER = 5, 12  # px, the line around a part and its radius


def explanation_png(
    portrait: Picture, explanation: Explanation, names: Mapping[Part, str]
) -> bytes:
    """Draw a row per part: the portrait's, then its nearest drawings.

    Args:
        portrait: (side, side, 3).
        explanation: the nearest drawings of each part.
        names: what the parts are called in the reader's language.
    """
    parts = explanation.parts
    card = new_card(2 * MARGIN + len(parts) * (ROW + ROW_GAP) - ROW_GAP)
    for number, (part, nearest) in enumerate(parts.items()):
        top = EARS_ABOVE + MARGIN + number * (ROW + ROW_GAP)
        _own(card, top, portrait, part, names[part])
        for place, found in enumerate(nearest[:SHOWN]):
            _drawing(
                card,
                (MARGIN + OWN + DRAWING_GAP + place * (DRAWING + DRAWING_GAP), top),
                part,
                found,
            )
    return card.png()


def _own(card: Card, top: int, portrait: Picture, part: Part, name: str) -> None:
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + NAME.size), name, NAME)
    height, width = portrait.shape[:2]
    left, upper, right, lower = part.box
    edges = (left * width, upper * height, right * width, lower * height)
    tall = min(round(OWN * (lower - upper) / (right - left)), DRAWING)
    image = Image.fromarray(portrait).resize((OWN, tall), Image.Resampling.LANCZOS, edges)
    sink(card, (MARGIN, top + WORDS + (DRAWING - tall) // 2), image)


def _drawing(card: Card, corner: tuple[int, int], part: Part, found: Nearest) -> None:
    left, top = corner
    image = enlarged(found.drawing, DRAWING)
    box = [round(edge * DRAWING) for edge in part.box]
    ImageDraw.Draw(image).rounded_rectangle(box, FRAME_CORNER, outline=EYE_RED, width=FRAME)
    sink(card, (left, top + WORDS), image)
    likeness = f"{round(100 * max(found.likeness, 0.0))}%"
    write(ImageDraw.Draw(card.canvas), (left, top + NAME.size), likeness, LIKENESS)
