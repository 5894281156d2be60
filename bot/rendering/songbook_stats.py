"""Draw `/songbook stats`: counts, genres and tempos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
from bot.rendering.palette import HOLLOW, INK, LAVENDER, MUTED, OTHERS, Rgb, genre_colours, mixed
from bot.rendering.text import Pen, fitted, legible, shortened, width, write

TITLE, HEADING = Pen(46), Pen(SMALLEST, MUTED)
NUMBER, UNIT = Pen(64, INK), Pen(SMALLEST, MUTED)
NAME, COUNT = Pen(40, INK), Pen(40, INK)
TITLE_HEIGHT, TILES_HEIGHT, HEADING_HEIGHT = 108, 150, 76  # px
ROW_HEIGHT, BAR_HEIGHT = 60, 36  # px
TEMPO_HEIGHT, AXIS_HEIGHT, FOOT_HEIGHT = 220, 66, 30  # px
NAME_WIDTH, COUNT_WIDTH, GAP = 348, 150, 24  # px
TILE_GAP = 24  # px
MOST_GENRES = 8
FADED = 0.5  # how far a colour goes towards the ground
TEMPO_STEP = 10  # beats a minute, of one column
FEWEST_COLUMNS = 8
LABEL_EVERY = (20, 40, 60, 100, 200)  # beats a minute, between two marks of the axis
LABEL_ROOM = 110  # px that one mark of the axis needs


@dataclass(frozen=True, slots=True)
class Tile:
    """A number and what it counts."""

    number: str
    unit: str


@dataclass(frozen=True, slots=True)
class SongbookNumbers:
    """The numbers the picture shows.

    Attributes:
        tiles: at most three numbers, largest letters.
        genres: (genre, songs, of which sure), most first; None: songs without a genre.
        tempos: (lowest beats a minute of a step of ten, songs), rising.
    """

    tiles: Sequence[Tile]
    genres: Sequence[tuple[str | None, int, int]]
    tempos: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SongbookLabels:
    """The words on the picture, in the reader's language.

    Attributes:
        heading: above everything.
        genre_names: how each genre is called; one without an entry shows its own name.
        unsure: songs without a genre.
        others: genres without a row, together.
        genres: heading of the rows.
        tempo: heading of the columns.
    """

    heading: str
    genre_names: Mapping[str, str]
    unsure: str
    others: str
    genres: str
    tempo: str


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    count: int
    sure: int
    colour: Rgb


def songbook_stats(numbers: SongbookNumbers, labels: SongbookLabels) -> bytes:
    """Draw a songbook's numbers; safe to call from several threads.

    Returns:
        A PNG, 1200 px wide, transparent around the card.
    """
    rows = _rows(numbers, labels)
    genres_height = HEADING_HEIGHT + len(rows) * ROW_HEIGHT
    tempo_height = HEADING_HEIGHT + TEMPO_HEIGHT + AXIS_HEIGHT if numbers.tempos else 0
    card = new_card(TITLE_HEIGHT + TILES_HEIGHT + genres_height + tempo_height + FOOT_HEIGHT)
    top = EARS_ABOVE
    pen = fitted(labels.heading, TITLE, CONTENT_WIDTH, SMALLEST)
    heading = shortened(labels.heading, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 74), heading, pen)
    _draw_tiles(card, top + TITLE_HEIGHT, numbers.tiles)
    top += TITLE_HEIGHT + TILES_HEIGHT
    _draw_genres(card, top, labels.genres, rows)
    if numbers.tempos:
        _draw_tempos(card, top + genres_height, labels.tempo, numbers.tempos)
    return card.png()


def _rows(numbers: SongbookNumbers, labels: SongbookLabels) -> list[_Row]:
    named = [each for each in numbers.genres if each[0] is not None]
    colours = genre_colours(genre for genre, _, _ in named if genre)
    rows = [
        _Row(legible(labels.genre_names.get(genre, "")) or genre, count, sure, colours[genre])
        for genre, count, sure in named[:MOST_GENRES]
        if genre is not None
    ]
    others = sum(count for _, count, _ in named[MOST_GENRES:])
    without = sum(count for genre, count, _ in numbers.genres if genre is None)
    rest = [(labels.others, others), (labels.unsure, without)]
    return rows + [_Row(name, count, count, OTHERS) for name, count in rest if count]


def _draw_tiles(card: Card, top: int, tiles: Sequence[Tile]) -> None:
    wide = (CONTENT_WIDTH - TILE_GAP * (len(tiles) - 1)) // max(len(tiles), 1)
    for place, tile in enumerate(tiles):
        left = MARGIN + place * (wide + TILE_GAP)
        panel = Image.new("RGB", (wide, TILES_HEIGHT - 10), HOLLOW)
        draw = ImageDraw.Draw(panel)
        room = wide - 2 * GAP
        number = fitted(tile.number, NUMBER, room, SMALLEST)
        write(draw, (wide / 2, 74), shortened(tile.number, number, room), number, "m")
        write(draw, (wide / 2, 120), shortened(tile.unit, UNIT, room), UNIT, "m")
        sink(card, (left, top), panel)


def _draw_genres(card: Card, top: int, heading: str, rows: Sequence[_Row]) -> None:
    draw = ImageDraw.Draw(card.canvas)
    write(draw, (MARGIN, top + 58), shortened(heading, HEADING, CONTENT_WIDTH), HEADING)
    most = max((row.count for row in rows), default=1)
    room = CONTENT_WIDTH - NAME_WIDTH - COUNT_WIDTH
    for number, row in enumerate(rows):
        middle = top + HEADING_HEIGHT + number * ROW_HEIGHT + ROW_HEIGHT // 2
        baseline = middle + round(NAME.size * 0.37)
        pen = fitted(row.name, NAME, NAME_WIDTH - GAP, SMALLEST)
        write(draw, (MARGIN, baseline), shortened(row.name, pen, NAME_WIDTH - GAP), pen)
        write(draw, (MARGIN + CONTENT_WIDTH, baseline), f"{row.count:,}", COUNT, "r")
        at = (MARGIN + NAME_WIDTH, middle - BAR_HEIGHT // 2)
        card.canvas.paste(HOLLOW, at, rounded(room, BAR_HEIGHT, BAR_HEIGHT // 2))
        # Songs of which the genre is only the likeliest lengthen the bar in a faded colour.
        faded = mixed(row.colour, HOLLOW, FADED)
        for count, colour in ((row.count, faded), (row.sure, row.colour)):
            if count:
                length = max(BAR_HEIGHT, round(room * count / most))
                card.canvas.paste(colour, at, rounded(length, BAR_HEIGHT, BAR_HEIGHT // 2))


def _draw_tempos(card: Card, top: int, heading: str, tempos: Sequence[tuple[int, int]]) -> None:
    draw = ImageDraw.Draw(card.canvas)
    write(draw, (MARGIN, top + 58), shortened(heading, HEADING, CONTENT_WIDTH), HEADING)
    first, columns = _columns(tempos)
    edges = [round(i * CONTENT_WIDTH / len(columns)) for i in range(len(columns) + 1)]
    panel = Image.new("RGB", (CONTENT_WIDTH, TEMPO_HEIGHT), HOLLOW)
    most = max(columns)
    for count, (left, right) in zip(columns, pairwise(edges), strict=True):
        if count:
            height = max(8, round((TEMPO_HEIGHT - 20) * count / most))
            bar = rounded(max(4, right - left - 6), height, 8)
            colour = mixed(OTHERS, LAVENDER, count / most)
            panel.paste(colour, (left + 3, TEMPO_HEIGHT - height), bar)
    sink(card, (MARGIN, top + HEADING_HEIGHT), panel)
    _draw_axis(draw, top + HEADING_HEIGHT + TEMPO_HEIGHT + 46, first, len(columns))


def _columns(tempos: Sequence[tuple[int, int]]) -> tuple[int, list[int]]:
    """Return the first column's lowest tempo and every column's count."""
    counts = dict(tempos)
    first, last = min(counts), max(counts)
    missing = FEWEST_COLUMNS - ((last - first) // TEMPO_STEP + 1)
    if missing > 0:
        first = max(0, first - missing // 2 * TEMPO_STEP)
        last = first + (FEWEST_COLUMNS - 1) * TEMPO_STEP
    return first, [counts.get(low, 0) for low in range(first, last + 1, TEMPO_STEP)]


def _draw_axis(draw: ImageDraw.ImageDraw, baseline: int, first: int, columns: int) -> None:
    pixels = CONTENT_WIDTH / (columns * TEMPO_STEP)
    every = next((n for n in LABEL_EVERY if n * pixels >= LABEL_ROOM), LABEL_EVERY[-1])
    for tempo in range(-(-first // every) * every, first + columns * TEMPO_STEP + 1, every):
        x = MARGIN + (tempo - first) * pixels
        half = width(str(tempo), HEADING) / 2
        x = min(max(x, MARGIN + half), MARGIN + CONTENT_WIDTH - half)
        write(draw, (x, baseline), str(tempo), HEADING, "m")
