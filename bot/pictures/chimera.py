"""What a portrait is put together from: its parts, and the drawings nearest to each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.pictures.card import CONTENT_WIDTH, EARS_ABOVE, MARGIN, Card, new_card, sink
from bot.pictures.lettering import Pen, write
from bot.pictures.palette import EYE_RED, INK, MUTED
from bot.pictures.portraits import enlarged
from ml.avatar.explanation import Explanation, Nearest, Part

SHOWN = 3  # drawings of each part
DRAWING, GAP, ROW_GAP = 224, 26, 30  # px
OWN = CONTENT_WIDTH - SHOWN * (DRAWING + GAP)  # px, width of the portrait's own part
WORDS = 54  # px over the pictures of a row
ROW = WORDS + DRAWING
NAME, LIKENESS = Pen(38, INK), Pen(34, MUTED)
FRAME, FRAME_CORNER = 5, 12  # px, the line around a part and its radius

Picture = npt.NDArray[np.uint8]


def chimera_png(portrait: Picture, explanation: Explanation, names: Mapping[Part, str]) -> bytes:
    """Draw a row for each part: the portrait's own, then the drawings nearest to it.

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
            _drawing(card, (MARGIN + OWN + GAP + place * (DRAWING + GAP), top), part, found)
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
