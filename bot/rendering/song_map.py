"""Draw `/songbook map`: similar songs side by side, with titles."""

from __future__ import annotations

import math
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
    LAVENDER,
    MOONLIT,
    MUTED,
    OTHERS,
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


@dataclass(frozen=True, slots=True)
class MapStyle:
    """Sizes in px, of a picture 1,200 px wide; a phone shows a quarter of them.

    Attributes:
        plane: height of the panel.
        letters: height of titles, of numbers and of the legend.
        dots: radius of a dot among few, and at least.
        numbered: radius of a dot with a number in it.
        star: radius of the star.
        longest_title: width of a title on the map.
        titles: shown at most, those of marked songs included.
        entries: genres in the legend; the others are counted together.
    """

    plane: int
    letters: int
    dots: tuple[int, int]
    numbered: int
    star: float
    longest_title: float
    titles: int
    entries: int


WHOLE = MapStyle(880, SMALLEST, (15, 5), 25, 30.0, 340.0, 18, 24)
NEAR = MapStyle(840, 50, (18, 8), 40, 46.0, 520.0, 6, 5)  # around one song: read on a phone
LIST = MapStyle(880, 42, (16, 6), 34, 40.0, 400.0, 12, 6)  # a dozen numbered songs

DOT = 0.44  # radius of a dot in the legend, of the height of its letters
ROW_GAP = 24  # px between two rows of the legend
DOT_GAP, COUNT_GAP, ENTRY_GAP = 14, 12, 40  # px
LONGEST_NAME = 460  # px; our longest has eight Japanese letters of 50 px


@dataclass(frozen=True, slots=True)
class Entry:
    """One genre in the legend."""

    name: str
    count: int
    colour: Rgb


def rows_of(entries: Sequence[Entry], letters: int = SMALLEST) -> list[list[Entry]]:
    """Break entries into rows that fit the card."""
    rows: list[list[Entry]] = []
    room = 0.0
    for entry in entries:
        wide = _width(entry, letters)
        if not rows or wide > room:
            rows.append([])
            room = CONTENT_WIDTH
        rows[-1].append(entry)
        room -= wide + ENTRY_GAP
    return rows


def draw_legend(
    card: Card, top: int, rows: Sequence[Sequence[Entry]], letters: int = SMALLEST
) -> None:
    """Draw the rows, the first at `top` px."""
    draw = ImageDraw.Draw(card.canvas)
    name_pen, count_pen, radius = Pen(letters, INK), Pen(letters, MUTED), round(letters * DOT)
    high = letters + ROW_GAP
    for number, row in enumerate(rows):
        x, middle = float(MARGIN), top + number * high + high // 2
        for entry in row:
            draw_dot(card.canvas, (x + radius, middle), radius, entry.colour)
            x += 2 * radius + DOT_GAP
            baseline = middle + round(letters * 0.37)
            name = shortened(entry.name, name_pen, LONGEST_NAME)
            write(draw, (x, baseline), name, name_pen)
            x += width(name, name_pen) + COUNT_GAP
            write(draw, (x, baseline), str(entry.count), count_pen)
            x += width(str(entry.count), count_pen) + ENTRY_GAP


def _width(entry: Entry, letters: int) -> float:
    name_pen, count_pen = Pen(letters, INK), Pen(letters, MUTED)
    name = shortened(entry.name, name_pen, LONGEST_NAME)
    words = width(name, name_pen) + COUNT_GAP + width(str(entry.count), count_pen)
    return 2 * round(letters * DOT) + DOT_GAP + words


def draw_dot(
    canvas: Image.Image,
    at: tuple[float, float],
    radius: int,
    colour: Rgb,
    *,
    sure: bool = True,
) -> None:
    """Draw a song: a dot with a dark edge, or a ring where its genre is only the likeliest."""
    x, y = round(at[0]), round(at[1])
    edge = max(1, radius // 5)
    rings = [(radius + edge, HOLLOW), (radius, colour)]
    if not sure:
        rings.append((max(1, round(radius * 0.55)), HOLLOW))
    for reach, paint in rings:
        disc = rounded(2 * reach, 2 * reach, reach)
        canvas.paste(paint, (x - reach, y - reach), disc)


TITLE = Pen(46)
HEADING_HEIGHT, FOOT_HEIGHT = 108, 34  # px
EDGE = 44  # px between the plane's edge and the outermost dots
RIPPLES = 3
PATH_WIDTH = 12  # px
FADED = 0.4  # how far a genre's colour goes towards the ground where it is only likely


@dataclass(frozen=True, slots=True)
class Dot:
    """A song on the map.

    Attributes:
        x: 0 (left) to 1.
        y: 0 (top) to 1.
        genre: the likeliest; None: it has none at all.
        title: what to call it if there is room; None: nothing.
        number: written on it, for a song named elsewhere by that number.
        asked: this is a song asked about.
        sure: whether the genre is sure; one that is not is drawn as a faded ring.
    """

    x: float
    y: float
    genre: str | None = None
    title: str | None = None
    number: int | None = None
    asked: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class SongMapLabels:
    """The words on the map, in the reader's language.

    Attributes:
        heading: what the map shows.
        genres: how each genre is called; one without an entry shows its own name.
        counts: (genre, songs) of the legend, most first; None: songs without a genre.
        unsure: songs without a genre.
        others: genres for which the legend has no room.
    """

    heading: str
    genres: Mapping[str, str]
    counts: Sequence[tuple[str | None, int]]
    unsure: str
    others: str


def song_map(
    dots: Sequence[Dot],
    labels: SongMapLabels,
    style: MapStyle = WHOLE,
    *,
    path: Sequence[int] = (),
) -> bytes:
    """Draw a map; safe to call from several threads.

    Args:
        dots: the songs; of those with titles, the first ones are named first.
        labels: the words.
        style: the sizes.
        path: numbers of dots that a line joins, in its order.

    Returns:
        A PNG, 1200 px wide, transparent around the card.
    """
    known = {dot.genre for dot in dots} | {genre for genre, _ in labels.counts}
    colours = genre_colours(genre for genre in known if genre is not None)
    rows = rows_of(_entries(labels, colours, style), style.letters)
    legend = len(rows) * (style.letters + ROW_GAP)
    card = new_card(HEADING_HEIGHT + style.plane + 20 + legend + FOOT_HEIGHT)
    pen = fitted(labels.heading, Pen(max(TITLE.size, style.letters)), CONTENT_WIDTH - 230, SMALLEST)
    heading = shortened(labels.heading, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, EARS_ABOVE + 74), heading, pen)
    plane = _plane(_Scene.of(dots, style), colours, path)
    sink(card, (MARGIN, EARS_ABOVE + HEADING_HEIGHT), plane)
    draw_legend(card, EARS_ABOVE + HEADING_HEIGHT + style.plane + 20, rows, style.letters)
    return card.png()


def _entries(labels: SongMapLabels, colours: Mapping[str, Rgb], style: MapStyle) -> list[Entry]:
    named = [(genre, count) for genre, count in labels.counts if genre is not None]
    entries = [
        Entry(legible(labels.genres.get(genre, "")) or genre, count, colours[genre])
        for genre, count in named[: style.entries]
    ]
    others = sum(count for _, count in named[style.entries :])
    without = sum(count for genre, count in labels.counts if genre is None)
    rest = [Entry(labels.others, others, OTHERS), Entry(labels.unsure, without, MUTED)]
    return [*entries, *(entry for entry in rest if entry.count)]


@dataclass(frozen=True, slots=True)
class _Scene:
    """The dots and their places in px; overlapping marked ones are moved apart."""

    dots: Sequence[Dot]
    at: list[tuple[float, float]]
    radius: int
    style: MapStyle

    @classmethod
    def of(cls, dots: Sequence[Dot], style: MapStyle) -> _Scene:
        wide, high = CONTENT_WIDTH - 2 * EDGE, style.plane - 2 * EDGE
        at = [(EDGE + dot.x * wide, EDGE + dot.y * high) for dot in dots]
        largest, smallest = style.dots
        size = round(largest * (40 / max(len(dots), 40)) ** 0.27)
        marked = [i for i, dot in enumerate(dots) if _is_marked(dot)]
        return cls(dots, _apart(at, marked, style), max(smallest, size), style)


def _plane(scene: _Scene, colours: Mapping[str, Rgb], path: Sequence[int]) -> Image.Image:
    """Draw the panel with dots, marks and titles."""
    plane = Image.new("RGB", (CONTENT_WIDTH, scene.style.plane), HOLLOW)
    placed_dots = list(zip(scene.dots, scene.at, strict=True))
    for dot, at in placed_dots:
        if dot.asked:
            _ripple(plane, at, scene.style.star)
    for dot, at in placed_dots:
        if not _is_marked(dot):
            draw_dot(plane, at, scene.radius, _colour(dot, colours), sure=dot.sure)
    _draw_path(plane, scene, path)
    _write_titles(plane, scene)
    for dot, at in placed_dots:
        if dot.number is not None:
            colour = colours[dot.genre] if dot.genre else MUTED
            _draw_numbered(plane, at, dot.number, colour, scene.style)
    for dot, at in placed_dots:
        if dot.asked and dot.number is None:
            _draw_star(plane, at, scene.style.star)
    return plane


def _colour(dot: Dot, colours: Mapping[str, Rgb]) -> Rgb:
    """Return a genre's colour, faded where the genre is only the likeliest."""
    if dot.genre is None:
        return MUTED
    return colours[dot.genre] if dot.sure else mixed(colours[dot.genre], HOLLOW, FADED)


def _draw_path(plane: Image.Image, scene: _Scene, path: Sequence[int]) -> None:
    """Join dots by a line."""
    numbered = {dot.number: at for dot, at in zip(scene.dots, scene.at, strict=True)}
    points = [numbered[number] for number in path if number in numbered]
    if len(points) > 1:
        draw = ImageDraw.Draw(plane)
        for colour, wide in ((HOLLOW, PATH_WIDTH + 6), (LAVENDER, PATH_WIDTH)):
            draw.line(points, fill=colour, width=wide, joint="curve")


def _is_marked(dot: Dot) -> bool:
    return dot.asked or dot.number is not None


def _apart(
    at: list[tuple[float, float]], marked: Sequence[int], style: MapStyle
) -> list[tuple[float, float]]:
    """Move overlapping marks until each can be read."""
    apart = 2.0 * style.numbered + 4
    moved = np.array([at[i] for i in marked], np.float64).reshape(-1, 2)
    for _ in range(40):
        for i in range(len(moved)):
            for j in range(i):
                gap = moved[i] - moved[j]
                distance = float(np.hypot(*gap))
                if distance < apart:
                    # Two in the very same place part along a direction of their own.
                    aside = np.array([math.cos(2.4 * i), math.sin(2.4 * i)])
                    way = gap / distance if distance > 1e-6 else aside
                    moved[i] += way * (apart - distance) / 2
                    moved[j] -= way * (apart - distance) / 2
    inside = np.clip(moved, EDGE, [CONTENT_WIDTH - EDGE, style.plane - EDGE])
    result = list(at)
    for i, (x, y) in zip(marked, inside.tolist(), strict=True):
        result[i] = (x, y)
    return result


def _write_titles(plane: Image.Image, scene: _Scene) -> None:
    style = scene.style
    marked_pen, other_pen = Pen(style.letters, INK), Pen(style.letters, MUTED)
    titled = [(i, dot) for i, dot in enumerate(scene.dots) if dot.title and legible(dot.title)]
    titled.sort(key=lambda pair: not _is_marked(pair[1]))
    texts = [shortened(dot.title or "", marked_pen, style.longest_title) for _, dot in titled]
    tags = [
        Tag(
            scene.at[i],
            style.numbered if _is_marked(dot) else scene.radius,
            (width(text, marked_pen) + 12, style.letters * 1.25),
            needed=_is_marked(dot),
        )
        for (i, dot), text in zip(titled, texts, strict=True)
    ]
    marks = [
        _box_around(at, style.numbered)
        for dot, at in zip(scene.dots, scene.at, strict=True)
        if _is_marked(dot)
    ]
    room = Box(8, 8, CONTENT_WIDTH - 8, style.plane - 8)
    dots = np.array(scene.at, np.float32).reshape(-1, 2)
    for number, box in placed(tags, dots, marks, room, style.titles).items():
        pen = marked_pen if _is_marked(titled[number][1]) else other_pen
        _write_title(plane, box, texts[number], pen)


def _box_around(at: tuple[float, float], reach: int) -> Box:
    return Box(at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)


def _write_title(plane: Image.Image, box: Box, text: str, pen: Pen) -> None:
    """Write a title on a darkened, translucent ground."""
    size = (round(box.right - box.left), round(box.bottom - box.top))
    veil = rounded(*size, 12).point(lambda value: value * 7 // 10)
    plane.paste(HOLLOW, (round(box.left), round(box.top)), veil)
    draw = ImageDraw.Draw(plane)
    write(draw, (box.left + 6, box.top + pen.size * 0.98), text, pen)


def _draw_numbered(
    plane: Image.Image, at: tuple[float, float], number: int, colour: Rgb, style: MapStyle
) -> None:
    draw_dot(plane, at, style.numbered, colour)
    x, y = round(at[0]), round(at[1])
    letters = style.letters if number < 100 else round(style.letters * 0.7)
    pen = Pen(letters, ink_on(colour))
    write(ImageDraw.Draw(plane), (x, y + round(letters * 0.37)), str(number), pen, "m")


def _ripple(plane: Image.Image, at: tuple[float, float], star: float) -> None:
    """Draw rings around a song asked about."""
    x, y = round(at[0]), round(at[1])
    for ring in range(RIPPLES, 0, -1):
        reach = round(star * (1 + ring * 0.75))
        for radius, paint in ((reach, MOONLIT), (reach - 4, HOLLOW)):
            plane.paste(paint, (x - radius, y - radius), rounded(2 * radius, 2 * radius, radius))


def _draw_star(plane: Image.Image, at: tuple[float, float], star: float) -> None:
    for radius, paint in ((star + 6, HOLLOW), (star, EAR_PINK)):
        points = [
            (
                at[0] + radius * reach * math.sin(math.pi * corner / 5),
                at[1] - radius * reach * math.cos(math.pi * corner / 5),
            )
            for corner in range(10)
            for reach in (0.45 if corner % 2 else 1.0,)
        ]
        plane.paste(paint, mask=filled(plane.size, points))
