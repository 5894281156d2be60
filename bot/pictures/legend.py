"""What the colours mean: a dot, a name and a count for each genre, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from bot.pictures.card import CONTENT_WIDTH, MARGIN, SMALLEST, Card
from bot.pictures.lettering import Pen, shortened, width, write
from bot.pictures.palette import HOLLOW, INK, MUTED, Rgb
from bot.pictures.shapes import rounded

ROW_HEIGHT = 58  # px
RADIUS = 15  # px, of a dot in the legend
DOT_GAP, COUNT_GAP, ENTRY_GAP = 14, 12, 40  # px
LONGEST_NAME = 360  # px
NAME, COUNT = Pen(SMALLEST, INK), Pen(SMALLEST, MUTED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One genre: what it is called, how many songs, its colour; None: not sure, drawn hollow."""

    name: str
    count: int
    colour: Rgb | None


def rows_of(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Break the entries into rows that fit the card."""
    rows: list[list[Entry]] = []
    room = 0.0
    for entry in entries:
        wide = _width(entry)
        if not rows or wide > room:
            rows.append([])
            room = CONTENT_WIDTH
        rows[-1].append(entry)
        room -= wide + ENTRY_GAP
    return rows


def draw_legend(card: Card, top: int, rows: Sequence[Sequence[Entry]]) -> None:
    """Draw the rows, the first at `top` px."""
    draw = ImageDraw.Draw(card.canvas)
    for number, row in enumerate(rows):
        x, middle = float(MARGIN), top + number * ROW_HEIGHT + ROW_HEIGHT // 2
        for entry in row:
            draw_dot(card.canvas, (x + RADIUS, middle), RADIUS, entry.colour)
            x += 2 * RADIUS + DOT_GAP
            baseline = middle + round(SMALLEST * 0.37)
            name = shortened(entry.name, NAME, LONGEST_NAME)
            write(draw, (x, baseline), name, NAME)
            x += width(name, NAME) + COUNT_GAP
            write(draw, (x, baseline), str(entry.count), COUNT)
            x += width(str(entry.count), COUNT) + ENTRY_GAP


def draw_dot(
    canvas: Image.Image,
    at: tuple[float, float],
    radius: int,
    colour: Rgb | None,
    unsure: Rgb = MUTED,
) -> None:
    """Draw a song: a dot with a dark edge.

    Where the ear was not sure of the genre, `colour` is None and the dot a ring of `unsure`.
    """
    x, y = round(at[0]), round(at[1])
    edge = max(1, radius // 5)
    rings = [(radius + edge, HOLLOW), (radius, colour or unsure)]
    if colour is None:
        rings.append((max(1, round(radius * 0.55)), HOLLOW))
    for reach, paint in rings:
        disc = rounded(2 * reach, 2 * reach, reach)
        canvas.paste(paint, (x - reach, y - reach), disc)


def _width(entry: Entry) -> float:
    name = shortened(entry.name, NAME, LONGEST_NAME)
    words = width(name, NAME) + COUNT_GAP + width(str(entry.count), COUNT)
    return 2 * RADIUS + DOT_GAP + words
