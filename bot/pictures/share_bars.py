"""One genre's line: its name, a bar as long as its share, and the percentage."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageDraw

from bot.pictures.card import CONTENT_WIDTH, MARGIN, SMALLEST, Card
from bot.pictures.genre_shares import Share
from bot.pictures.lettering import Pen, fitted, shortened, write
from bot.pictures.palette import HOLLOW, Rgb, mixed
from bot.pictures.shapes import rounded

NAME_WIDTH = 348  # px, the column of genre names, with the gap after it
NAME_GAP = 24  # px
PERCENT_WIDTH = 196  # px, the column of percentages, with the gap before it
OUTLINE = 5  # px, of a bar that is only a guess
ABOVE_BASELINE = 0.37  # of the letters' size: half the height of a capital


@dataclass(frozen=True, slots=True)
class Row:
    """How a line is drawn.

    Attributes:
        height: of the whole line, px.
        bar: height of the bar, px.
        letters: height of the letters, px.
        solid: a guess is drawn hollow instead.
    """

    height: int
    bar: int
    letters: int
    solid: bool = True


LEADING = Row(height=92, bar=60, letters=64)
FOLLOWING = Row(height=64, bar=38, letters=44)
GUESSED = Row(height=64, bar=38, letters=44, solid=False)


def draw_share(card: Card, top: int, row: Row, name: str, share: Share, colour: Rgb) -> None:
    """Draw one line.

    Args:
        card: the card to draw on.
        top: upper end of the line, px.
        row: how large it is.
        name: what the reader calls the genre.
        share: of the genre.
        colour: of the bar.
    """
    draw = ImageDraw.Draw(card.canvas)
    middle = top + row.height // 2
    baseline = middle + round(row.letters * ABOVE_BASELINE)
    pen = fitted(name, Pen(row.letters), NAME_WIDTH - NAME_GAP, SMALLEST)
    write(draw, (MARGIN, baseline), shortened(name, pen, NAME_WIDTH - NAME_GAP), pen)
    write(draw, (MARGIN + CONTENT_WIDTH, baseline), share.percent, Pen(row.letters), "r")
    _draw_bar(card, middle - row.bar // 2, row, share.share, colour)


def _draw_bar(card: Card, top: int, row: Row, share: float, colour: Rgb) -> None:
    height = row.bar
    left = MARGIN + NAME_WIDTH
    room = CONTENT_WIDTH - NAME_WIDTH - PERCENT_WIDTH
    length = max(height, round(room * min(share, 1.0)))
    card.canvas.paste(HOLLOW, (left, top), rounded(room, height, height // 2))
    card.canvas.paste(colour, (left, top), rounded(length, height, height // 2))
    if not row.solid:
        inside = rounded(length - 2 * OUTLINE, height - 2 * OUTLINE, height // 2 - OUTLINE)
        card.canvas.paste(mixed(HOLLOW, colour, 0.3), (left + OUTLINE, top + OUTLINE), inside)
