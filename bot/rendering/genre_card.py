"""The picture of a song's genres, and how they go on: one strip a genre over one axis of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.rendering.card import (
    CONTENT_WIDTH,
    EARS_ABOVE,
    MARGIN,
    SMALLEST,
    Card,
    Pose,
    new_card,
    rounded,
    sink,
)
from bot.rendering.palette import HOLLOW, INK, MUTED, OTHERS, Rgb, mixed
from bot.rendering.text import Pen, fitted, in_two_lines, legible, shortened, width, write

CREST = 5  # px, the lighter line on top of a strip
MOST_MARKS = 6  # more would touch on a phone
MARK_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
    86400,
)  # s


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the time axis: its place (0 to 1 of the song) and label ("2:30")."""

    at: float
    text: str


def clock(seconds: float) -> str:
    """Format seconds as 0:07, 4:05 or 1:02:30."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def marks(seconds: float, most: int = MOST_MARKS) -> tuple[Mark, ...]:
    """Return round times from start to end, at most so many, whose labels do not overlap."""
    step = next((s for s in MARK_STEPS if seconds / s <= most - 1), MARK_STEPS[-1])
    crowd = 1 / most
    moments = [i * step for i in range(int(seconds / step) + 1)]
    before = tuple(Mark(m / seconds, clock(m)) for m in moments if m / seconds <= 1 - crowd)
    end = Mark(1.0, clock(seconds))
    return before if end.text == before[0].text else (*before, end)


def heights_over(
    shares: npt.NDArray[np.float32], middles: npt.NDArray[np.float64], width: int
) -> npt.NDArray[np.float64]:
    """Return a share at every pixel column; between the middles of windows it rises evenly.

    Args:
        shares: (windows,) 0 to 1.
        middles: (windows,) of each window, 0 to 1 of the song, rising.
        width: px.
    """
    return np.interp((np.arange(width) + 0.5) / width, middles, shares)


def draw_strip(
    heights: npt.NDArray[np.float64], colour: Rgb, height: int, *, solid: bool = True
) -> Image.Image:
    """Paint an area under a curve, with smooth edges.

    Args:
        heights: (width,) 0 to 1 of the strip's height.
        colour: of the area.
        height: px.
        solid: a guess is only its crest over a faint area.

    Returns:
        An "RGB" picture of (width, height).
    """
    above_floor = (height - np.arange(height, dtype=np.float64))[:, None]
    tops = np.clip(heights, 0, 1)[None] * height
    area = np.clip(above_floor * -1 + tops + 1, 0.0, 1.0)[..., None]
    below_crest = np.clip(above_floor * -1 + tops - CREST + 1, 0.0, 1.0)[..., None]
    ground = np.array(HOLLOW, np.float64)
    inside = np.array(colour if solid else mixed(HOLLOW, colour, 0.35), np.float64)
    crest = np.array(mixed(colour, INK, 0.45) if solid else colour, np.float64)
    picture = ground + area * (crest - ground)
    picture += below_crest * (inside - crest)
    return Image.fromarray(np.rint(picture).astype(np.uint8))


TITLE, HEADLINE, HEADING = Pen(44, MUTED), Pen(68), Pen(SMALLEST, MUTED)
NAME, PERCENT, TAG, FACT = Pen(44), Pen(44), Pen(38), Pen(58)
TITLE_HEIGHT, HEADLINE_HEIGHT, HEADING_HEIGHT = 84, 98, 66  # px
STRIP_HEIGHT, STRIP_GAP, AXIS_HEIGHT = 84, 16, 52  # px
NAME_WIDTH, PERCENT_WIDTH, GAP = 316, 134, 22  # px
TAG_HEIGHT, TAG_GAP, TAG_PADDING = 64, 18, 28  # px
FACT_HEIGHT, FACT_GAP, FIRST_FACT_WIDTH = 176, 24, 380  # px
LINE_HEIGHT = 40  # px between the two lines of a long name
ABOVE_BASELINE = 0.37  # of the letters' size: half the height of a capital
STRIP_LEFT = MARGIN + NAME_WIDTH
STRIP_WIDTH = CONTENT_WIDTH - NAME_WIDTH - PERCENT_WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A genre, and how it goes on over the song.

    Attributes:
        name: in the reader's language.
        share: its probability, 0 to 1.
        over_time: (windows,) 0 to 1, whose mean is `share`.
        colour: of the strip.
        sure: a guess is drawn hollow.
    """

    name: str
    share: float
    over_time: npt.NDArray[np.float32]
    colour: Rgb
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    """One more thing about the song: what it is, how it is, and a word on it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HearingCard:
    """What the picture shows, in the reader's language.

    Attributes:
        title: the song's; any length, any script.
        headline: the finest thing that is sure.
        sure: whether any genre is.
        strips: genres, the one said first leading.
        middles: (windows,) the middle of each window, 0 to 1 of the song, rising.
        seconds: length of the song.
        heading: above the strips.
        explanation: how to read them, below.
        tags: a few words for the sound.
        key: of the song.
        tempo: of the song.
    """

    title: str
    headline: str
    sure: bool
    strips: Sequence[Strip]
    middles: Sequence[float]
    seconds: float
    heading: str
    explanation: str
    tags: Sequence[str]
    key: Fact
    tempo: Fact


def genre_card(shown: HearingCard) -> bytes:
    """Draw what was heard; safe to call from several threads.

    Returns:
        A PNG, 1200 px wide, transparent around the card.
    """
    rows = _tag_rows(shown.tags)
    sections: list[tuple[int, Callable[[Card, int], None]]] = [
        # A title of nothing but emoji leaves only the margin.
        (TITLE_HEIGHT if legible(shown.title) else MARGIN - 20, partial(_draw_title, shown)),
        (HEADLINE_HEIGHT, partial(_draw_headline, shown)),
        (HEADING_HEIGHT, partial(_draw_line, shown.heading)),
        *((STRIP_HEIGHT + STRIP_GAP, partial(_draw_genre, shown, strip)) for strip in shown.strips),
        (AXIS_HEIGHT, partial(_draw_axis, shown.seconds)),
        (HEADING_HEIGHT + 22, partial(_draw_line, shown.explanation)),
        *((TAG_HEIGHT + TAG_GAP, partial(_draw_tags, row)) for row in rows),
        (FACT_HEIGHT + 2 * FACT_GAP + 8, partial(_draw_facts, shown)),
    ]
    pose = Pose.LISTENING if shown.sure else Pose.PUZZLED
    card = new_card(sum(height for height, _ in sections), pose)
    top = EARS_ABOVE
    for height, draw in sections:
        draw(card, top)
        top += height
    return card.png()


def _draw_title(shown: HearingCard, card: Card, top: int) -> None:
    text = shortened(shown.title, TITLE, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 66), text, TITLE)


def _draw_headline(shown: HearingCard, card: Card, top: int) -> None:
    pen = fitted(shown.headline, HEADLINE, CONTENT_WIDTH, SMALLEST)
    text = shortened(shown.headline, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 74), text, pen)


def _draw_line(text: str, card: Card, top: int) -> None:
    pen = fitted(text, HEADING, CONTENT_WIDTH, SMALLEST)
    text = shortened(text, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 44), text, pen)


def _draw_genre(shown: HearingCard, strip: Strip, card: Card, top: int) -> None:
    draw = ImageDraw.Draw(card.canvas)
    middle = top + STRIP_HEIGHT // 2
    pen = fitted(strip.name, NAME, NAME_WIDTH - GAP, SMALLEST)
    lines = in_two_lines(strip.name, pen, NAME_WIDTH - GAP)
    first = middle + round(pen.size * ABOVE_BASELINE) - LINE_HEIGHT * (len(lines) - 1) // 2
    for number, line in enumerate(lines):
        write(draw, (MARGIN, first + number * LINE_HEIGHT), line, pen)
    baseline = middle + round(PERCENT.size * ABOVE_BASELINE)
    percent = f"{strip.share:.0%}" if strip.share >= 0.01 else "<1%"
    write(draw, (MARGIN + CONTENT_WIDTH, baseline), percent, PERCENT, "r")
    middles = np.asarray(shown.middles, np.float64)
    heights = heights_over(strip.over_time, middles, STRIP_WIDTH)
    picture = draw_strip(heights, strip.colour, STRIP_HEIGHT, solid=strip.sure)
    sink(card, (STRIP_LEFT, top), picture)


def _draw_axis(seconds: float, card: Card, top: int) -> None:
    draw = ImageDraw.Draw(card.canvas)
    for mark in marks(seconds):
        align = {0.0: "l", 1.0: "r"}.get(mark.at, "m")
        write(draw, (STRIP_LEFT + mark.at * STRIP_WIDTH, top + 28), mark.text, HEADING, align)


def _tag_rows(tags: Sequence[str]) -> list[list[str]]:
    """Break tags into rows that fit the card."""
    rows: list[list[str]] = []
    room = 0.0
    for tag in filter(None, map(legible, tags)):
        wide = _tag_width(tag) + TAG_GAP
        if not rows or wide > room:
            rows.append([])
            room = CONTENT_WIDTH + TAG_GAP
        rows[-1].append(tag)
        room -= wide
    return rows


def _tag_width(tag: str) -> int:
    return min(ceil(width(tag, TAG)) + 2 * TAG_PADDING, CONTENT_WIDTH)


def _draw_tags(tags: Sequence[str], card: Card, top: int) -> None:
    draw, left = ImageDraw.Draw(card.canvas), MARGIN
    for tag in tags:
        wide = _tag_width(tag)
        card.canvas.paste(OTHERS, (left, top), rounded(wide, TAG_HEIGHT, TAG_HEIGHT // 2))
        text = shortened(tag, TAG, wide - 2 * TAG_PADDING)
        baseline = top + TAG_HEIGHT // 2 + round(TAG.size * ABOVE_BASELINE)
        write(draw, (left + wide / 2, baseline), text, TAG, "m")
        left += wide + TAG_GAP


def _draw_facts(shown: HearingCard, card: Card, top: int) -> None:
    left, rooms = MARGIN, (FIRST_FACT_WIDTH, CONTENT_WIDTH - FIRST_FACT_WIDTH - FACT_GAP)
    for fact, wide in zip((shown.key, shown.tempo), rooms, strict=True):
        panel = Image.new("RGB", (wide, FACT_HEIGHT), HOLLOW)
        draw, room = ImageDraw.Draw(panel), wide - 2 * GAP
        lines = ((fact.label, HEADING, 48), (fact.value, FACT, 108), (fact.note, HEADING, 156))
        for text, pen, baseline in lines:
            smaller = fitted(text, pen, room, SMALLEST)
            write(draw, (GAP, baseline), shortened(text, smaller, room), smaller)
        sink(card, (left, top + 8), panel)
        left += wide + FACT_GAP
