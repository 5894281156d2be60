"""Draw `/songbook map`: similar songs side by side, with titles."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.rendering.card import (
    CONTENT_WIDTH,
    EARS_ABOVE,
    MARGIN,
    SMALLEST,
    Card,
    filled,
    new_card,
    rounded,
    sink,
)
from bot.rendering.palette import (
    EAR_PINK,
    HOLLOW,
    INK,
    MOONLIT,
    MUTED,
    Rgb,
    genre_colours,
    ink_on,
    mixed,
)
from bot.rendering.text import Pen, fitted, legible, shortened, width, write

GAP = 10.0  # px between a dot and its title
CROWD = 0.01  # part of all dots that a title may cover


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        """Return whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Return whether this box lies wholly inside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    def covers(self, points: npt.NDArray[np.float32]) -> int:
        """Count the (n, 2) points inside."""
        x, y = points[:, 0], points[:, 1]
        inside = (x > self.left) & (x < self.right) & (y > self.top) & (y < self.bottom)
        return int(inside.sum())


@dataclass(frozen=True, slots=True)
class Tag:
    """A title to be placed.

    Attributes:
        at: the middle of its dot, px.
        radius: of the dot, px.
        size: width and height of the title, px.
        needed: it is shown even where it covers dots.
    """

    at: tuple[float, float]
    radius: float
    size: tuple[float, float]
    needed: bool = False


def placed(
    tags: Sequence[Tag],
    dots: npt.NDArray[np.float32],
    kept_free: Iterable[Box],
    room: Box,
    most: int,
) -> dict[int, Box]:
    """Place titles without overlaps, the first ones first.

    Args:
        tags: what wants a place, in the order of what matters.
        dots: (n, 2) middles of all dots, px; a title covers as few as it can.
        kept_free: what no title may cover at all.
        room: where titles may be.
        most: titles shown, the needed ones included.

    Returns:
        The places, by the number of the tag; titles without a place are left out.
    """
    taken = list(kept_free)
    found: dict[int, Box] = {}
    allowed = CROWD * len(dots)
    for number, tag in enumerate(tags):
        if len(found) == most:
            break
        free = [
            box
            for box in _around(tag)
            if box.within(room) and not any(box.touches(other) for other in taken)
        ]
        best = min(free, key=lambda box: box.covers(dots), default=None)
        if best is not None and (tag.needed or best.covers(dots) <= allowed):
            found[number] = best
            taken.append(best)
    return found


def _around(tag: Tag) -> Iterator[Box]:
    """Yield places around a dot, the most readable first."""
    (x, y), (width, height) = tag.at, tag.size
    away = tag.radius + GAP
    rises = (-height / 2, -height * 0.9, -height * 0.1)
    for left in (x + away, x - away - width):
        for rise in rises:
            yield Box(left, y + rise, left + width, y + rise + height)
    for shift in (0.5, 0.2, 0.8):
        left = x - width * shift
        yield Box(left, y - away - height, left + width, y - away)
        yield Box(left, y + away, left + width, y + away + height)


ROW_HEIGHT = 58  # px
RADIUS = 15  # px, of a dot in the legend
DOT_GAP, COUNT_GAP, ENTRY_GAP = 14, 12, 40  # px
LONGEST_NAME = 360  # px
NAME, COUNT = Pen(SMALLEST, INK), Pen(SMALLEST, MUTED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One genre in the legend; a colour of None is drawn hollow (not sure)."""

    name: str
    count: int
    colour: Rgb | None


def rows_of(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Break entries into rows that fit the card."""
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

    Where the model was not sure of the genre, `colour` is None and the dot a ring of `unsure`.
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


TITLE = Pen(46)
HEADING_HEIGHT, PLANE_HEIGHT, FOOT_HEIGHT = 108, 880, 34  # px
EDGE = 44  # px between the plane's edge and the outermost dots
LONGEST_TITLE = 340.0  # px
MOST_TITLES = 18
LARGEST, SMALLEST_DOT = 15, 5  # px, radius
NUMBERED = 25  # px, radius of a dot with a number in it
STAR = 30.0  # px, radius
RIPPLES = 3
FADED = 0.4  # how far a genre's colour goes towards the ground where it is only likely
MARKED_PEN, OTHER_PEN = Pen(SMALLEST, INK), Pen(SMALLEST, MUTED)


@dataclass(frozen=True, slots=True)
class Dot:
    """A song on the map.

    Attributes:
        x: 0 (left) to 1.
        y: 0 (top) to 1.
        genre: None where the model was not sure.
        title: what to call it if there is room; None: nothing.
        number: written on it, for a song named elsewhere by that number.
        asked: this is the song asked about.
        likely: the likeliest genre where the model was not sure; drawn faded.
    """

    x: float
    y: float
    genre: str | None = None
    title: str | None = None
    number: int | None = None
    asked: bool = False
    likely: str | None = None


@dataclass(frozen=True, slots=True)
class SongMapLabels:
    """The words on the map, in the reader's language.

    Attributes:
        heading: what the map shows.
        genres: how each genre is called; one without an entry shows its own name.
        unsure: songs whose genre the model was not sure of.
    """

    heading: str
    genres: Mapping[str, str]
    unsure: str


def song_map(dots: Sequence[Dot], labels: SongMapLabels) -> bytes:
    """Draw a map; safe to call from several threads.

    Args:
        dots: the songs; of those with titles, the first ones are named first.
        labels: the words.

    Returns:
        A PNG, 1200 px wide, transparent around the card.
    """
    colours = genre_colours({genre for dot in dots if (genre := dot.genre or dot.likely)})
    rows = rows_of(_entries(dots, labels, colours))
    height = HEADING_HEIGHT + PLANE_HEIGHT + 20 + len(rows) * ROW_HEIGHT + FOOT_HEIGHT
    card = new_card(height)
    pen = fitted(labels.heading, TITLE, CONTENT_WIDTH - 230, SMALLEST)
    heading = shortened(labels.heading, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, EARS_ABOVE + 74), heading, pen)
    sink(card, (MARGIN, EARS_ABOVE + HEADING_HEIGHT), _plane(dots, colours))
    draw_legend(card, EARS_ABOVE + HEADING_HEIGHT + PLANE_HEIGHT + 20, rows)
    return card.png()


def _entries(dots: Sequence[Dot], labels: SongMapLabels, colours: Mapping[str, Rgb]) -> list[Entry]:
    counts = Counter(dot.genre for dot in dots)
    unsure = counts.pop(None, 0)
    entries = [
        Entry(legible(labels.genres.get(genre, "")) or genre, count, colours[genre])
        for genre, count in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        if genre is not None
    ]
    return [*entries, *([Entry(labels.unsure, unsure, None)] if unsure else [])]


def _plane(dots: Sequence[Dot], colours: Mapping[str, Rgb]) -> Image.Image:
    """Draw the panel with dots, marks and titles."""
    plane = Image.new("RGB", (CONTENT_WIDTH, PLANE_HEIGHT), HOLLOW)
    scene = _Scene.of(dots)
    for dot, at in zip(dots, scene.at, strict=True):
        if dot.asked:
            _ripple(plane, at)
    for dot, at in zip(dots, scene.at, strict=True):
        if dot.number is None and not dot.asked:
            draw_dot(plane, at, scene.radius, colours.get(dot.genre or ""), _faded(dot, colours))
    _write_titles(plane, scene)
    for dot, at in zip(dots, scene.at, strict=True):
        if dot.number is not None:
            _draw_numbered(plane, at, dot.number, colours[dot.genre] if dot.genre else MUTED)
    for dot, at in zip(dots, scene.at, strict=True):
        if dot.asked:
            _draw_star(plane, at)
    return plane


def _faded(dot: Dot, colours: Mapping[str, Rgb]) -> Rgb:
    """Draw the ring of a song of uncertain genre."""
    return mixed(colours[dot.likely], HOLLOW, FADED) if dot.likely else MUTED


@dataclass(frozen=True, slots=True)
class _Scene:
    """The dots and their places in px; overlapping marked ones are moved apart."""

    dots: Sequence[Dot]
    at: list[tuple[float, float]]
    radius: int

    @classmethod
    def of(cls, dots: Sequence[Dot]) -> _Scene:
        wide, high = CONTENT_WIDTH - 2 * EDGE, PLANE_HEIGHT - 2 * EDGE
        at = [(EDGE + dot.x * wide, EDGE + dot.y * high) for dot in dots]
        size = round(LARGEST * (40 / max(len(dots), 40)) ** 0.27)
        marked = [i for i, dot in enumerate(dots) if _is_marked(dot)]
        return cls(dots, _apart(at, marked), max(SMALLEST_DOT, size))


def _is_marked(dot: Dot) -> bool:
    return dot.asked or dot.number is not None


def _apart(at: list[tuple[float, float]], marked: Sequence[int]) -> list[tuple[float, float]]:
    """Move overlapping marks until each can be read."""
    apart = 2.0 * NUMBERED + 4
    moved = np.array([at[i] for i in marked], np.float64).reshape(-1, 2)
    for _ in range(40):
        for i in range(len(moved)):
            for j in range(i):
                gap = moved[i] - moved[j]
                distance = float(np.hypot(*gap))
                if distance < apart:
                    # Two in the very same place part along a direction of their own.
                    way = gap / distance if distance > 1e-6 else _direction(i)
                    moved[i] += way * (apart - distance) / 2
                    moved[j] -= way * (apart - distance) / 2
    inside = np.clip(moved, EDGE, [CONTENT_WIDTH - EDGE, PLANE_HEIGHT - EDGE])
    result = list(at)
    for i, (x, y) in zip(marked, inside.tolist(), strict=True):
        result[i] = (x, y)
    return result


def _direction(number: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([math.cos(2.4 * number), math.sin(2.4 * number)])


def _write_titles(plane: Image.Image, scene: _Scene) -> None:
    titled = [(i, dot) for i, dot in enumerate(scene.dots) if dot.title and legible(dot.title)]
    titled.sort(key=lambda pair: not _is_marked(pair[1]))
    texts = [shortened(dot.title or "", MARKED_PEN, LONGEST_TITLE) for _, dot in titled]
    tags = [
        Tag(
            scene.at[i],
            NUMBERED if _is_marked(dot) else scene.radius,
            (width(text, MARKED_PEN) + 12, SMALLEST * 1.25),
            needed=_is_marked(dot),
        )
        for (i, dot), text in zip(titled, texts, strict=True)
    ]
    marks = [_box_around(scene.at[i]) for i, dot in enumerate(scene.dots) if _is_marked(dot)]
    room = Box(8, 8, CONTENT_WIDTH - 8, PLANE_HEIGHT - 8)
    dots = np.array(scene.at, np.float32).reshape(-1, 2)
    for number, box in placed(tags, dots, marks, room, MOST_TITLES).items():
        pen = MARKED_PEN if _is_marked(titled[number][1]) else OTHER_PEN
        _write_title(plane, box, texts[number], pen)


def _box_around(at: tuple[float, float]) -> Box:
    return Box(at[0] - NUMBERED, at[1] - NUMBERED, at[0] + NUMBERED, at[1] + NUMBERED)


def _write_title(plane: Image.Image, box: Box, text: str, pen: Pen) -> None:
    """Write a title on a darkened, translucent ground."""
    size = (round(box.right - box.left), round(box.bottom - box.top))
    veil = rounded(*size, 12).point(lambda value: value * 7 // 10)
    plane.paste(HOLLOW, (round(box.left), round(box.top)), veil)
    draw = ImageDraw.Draw(plane)
    write(draw, (box.left + 6, box.top + SMALLEST * 0.98), text, pen)


def _draw_numbered(plane: Image.Image, at: tuple[float, float], number: int, colour: Rgb) -> None:
    draw_dot(plane, at, NUMBERED, colour)
    x, y = round(at[0]), round(at[1])
    pen = Pen(SMALLEST, ink_on(colour))
    write(ImageDraw.Draw(plane), (x, y + round(SMALLEST * 0.37)), str(number), pen, "m")


def _ripple(plane: Image.Image, at: tuple[float, float]) -> None:
    """Draw rings around the song asked about."""
    x, y = round(at[0]), round(at[1])
    for ring in range(RIPPLES, 0, -1):
        reach = round(STAR * (1 + ring * 0.75))
        for radius, paint in ((reach, MOONLIT), (reach - 4, HOLLOW)):
            plane.paste(paint, (x - radius, y - radius), rounded(2 * radius, 2 * radius, radius))


def _draw_star(plane: Image.Image, at: tuple[float, float]) -> None:
    for radius, paint in ((STAR + 6, HOLLOW), (STAR, EAR_PINK)):
        points = [
            (
                at[0] + radius * reach * math.sin(math.pi * corner / 5),
                at[1] - radius * reach * math.cos(math.pi * corner / 5),
            )
            for corner in range(10)
            for reach in (0.45 if corner % 2 else 1.0,)
        ]
        plane.paste(paint, mask=filled(plane.size, points))
