"""Draw a running lesson: progress, error curve and latest sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from bot.rendering.card import (
    CONTENT_WIDTH,
    EARS_ABOVE,
    MARGIN,
    SMALLEST,
    Card,
    new_card,
    rounded,
    sink,
)
from bot.rendering.palette import HOLLOW, LAVENDER, MUTED
from bot.rendering.text import Pen, fitted, shortened, write

TITLE, HEADING = Pen(46), Pen(SMALLEST, MUTED)
TITLE_HEIGHT, BAR_HEIGHT, HEADING_HEIGHT, FOOT_HEIGHT = 104, 40, 76, 40  # px
CURVE_HEIGHT, CURVE_MARGIN, LINE = 240, 24, 6  # px
MOST_SHEET_HEIGHT = 900  # px


@dataclass(frozen=True, slots=True)
class LessonLabels:
    """The words on the picture."""

    title: str
    curve: str


def lesson_card(
    done: float, curve: Sequence[tuple[float, float]], labels: LessonLabels, sheet: bytes | None
) -> bytes:
    """Draw a lesson's progress; safe to call from several threads.

    Args:
        done: share of the lesson, 0 to 1.
        curve: (step, error), steps rising; fewer than two points draw no curve.
        labels: the words.
        sheet: a PNG of drawings to set below; None: none.

    Returns:
        A PNG, 1200 px wide, transparent around the card.
    """
    drawings = None if sheet is None else _fitting(sheet)
    curve_height = HEADING_HEIGHT + CURVE_HEIGHT if len(curve) > 1 else 0
    sheet_height = 0 if drawings is None else drawings.height + FOOT_HEIGHT
    card = new_card(TITLE_HEIGHT + BAR_HEIGHT + curve_height + sheet_height + FOOT_HEIGHT)
    top = EARS_ABOVE
    _draw_title(card, top, labels.title)
    top += TITLE_HEIGHT
    _draw_bar(card, top, done)
    top += BAR_HEIGHT
    if curve_height:
        heading = shortened(labels.curve, HEADING, CONTENT_WIDTH)
        write(ImageDraw.Draw(card.canvas), (MARGIN, top + 58), heading, HEADING)
        sink(card, (MARGIN, top + HEADING_HEIGHT), _curve(curve))
        top += curve_height
    if drawings is not None:
        sink(card, (MARGIN + (CONTENT_WIDTH - drawings.width) // 2, top + FOOT_HEIGHT), drawings)
    return card.png()


def _draw_title(card: Card, top: int, title: str) -> None:
    pen = fitted(title, TITLE, CONTENT_WIDTH, SMALLEST)
    words = shortened(title, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 74), words, pen)


def _draw_bar(card: Card, top: int, done: float) -> None:
    length = max(BAR_HEIGHT, round(CONTENT_WIDTH * min(max(done, 0.0), 1.0)))
    card.canvas.paste(HOLLOW, (MARGIN, top), rounded(CONTENT_WIDTH, BAR_HEIGHT, BAR_HEIGHT // 2))
    card.canvas.paste(LAVENDER, (MARGIN, top), rounded(length, BAR_HEIGHT, BAR_HEIGHT // 2))


def _curve(curve: Sequence[tuple[float, float]]) -> Image.Image:
    """Draw the error curve, largest at the top."""
    steps, errors = [step for step, _ in curve], [error for _, error in curve]
    span = max(steps[-1] - steps[0], 1e-9)
    low, high = min(errors), max(errors)
    width, height = 2 * CONTENT_WIDTH, 2 * CURVE_HEIGHT  # drawn large and shrunk: smooth lines
    margin = 2 * CURVE_MARGIN
    points = [
        (
            margin + (width - 2 * margin) * (step - steps[0]) / span,
            margin + (height - 2 * margin) * (high - error) / max(high - low, 1e-9),
        )
        for step, error in curve
    ]
    panel = Image.new("RGB", (width, height), HOLLOW)
    ImageDraw.Draw(panel).line(points, fill=LAVENDER, width=2 * LINE, joint="curve")
    return panel.resize((CONTENT_WIDTH, CURVE_HEIGHT), Image.Resampling.LANCZOS)


def _fitting(sheet: bytes) -> Image.Image | None:
    """Open a sheet scaled to the card; None when it is incomplete."""
    try:
        with Image.open(io.BytesIO(sheet)) as opened:
            drawings: Image.Image = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError):
        return None
    scale = min(CONTENT_WIDTH / drawings.width, MOST_SHEET_HEIGHT / drawings.height)
    size = (max(1, round(drawings.width * scale)), max(1, round(drawings.height * scale)))
    return drawings.resize(size, Image.Resampling.LANCZOS)
