"""Draw the picture in the answer to `/genre`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

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
from bot.rendering.palette import (
    HOLLOW,
    LAVENDER,
    MUTED,
    OTHERS,
    Rgb,
    genre_colours,
    mixed,
    moonrise,
)
from bot.rendering.text import Pen, fitted, legible, shortened, write
from bot.rendering.timeline import Floats, draw_ribbons, marks, name_ribbons, ribbon_edges
from ml.music.hearing import GENRES, Hearing

FEWEST_SHOWN, MOST_SHOWN = 3, 4
WORTH_SHOWING = 0.05  # below this a genre is shown only to make up the fewest
PASSAGE_PARTS = 8  # a passage told in words lasts about this part of a song, or longer


@dataclass(frozen=True, slots=True)
class Share:
    """A genre and its probability, 0 to 1."""

    genre: str
    share: float

    @property
    def percent(self) -> str:
        """Format for the picture: "62%", "<1%"."""
        return f"{self.share:.0%}" if self.share >= 0.01 else "<1%"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the song in which one genre leads; times in seconds."""

    genre: str
    begins: float
    ends: float


def shares_to_show(hearing: Hearing) -> tuple[Share, ...]:
    """Choose three or four genres for bars, most likely first."""
    best = [Share(genre, share) for genre, share in hearing.genres.items()][:MOST_SHOWN]
    return tuple(s for i, s in enumerate(best) if i < FEWEST_SHOWN or s.share >= WORTH_SHOWING)


def passages(hearing: Hearing, columns: Sequence[str] = GENRES) -> tuple[Passage, ...]:
    """Split the song by leading genre, in order, without gaps.

    Args:
        hearing: what the model found.
        columns: genre of each column of the timeline.
    """
    windows = len(hearing.starts)
    reach = max(1, windows // PASSAGE_PARTS) // 2
    calm = [
        hearing.timeline[max(0, i - reach) : i + reach + 1].mean(axis=0) for i in range(windows)
    ]
    leads = [(columns[int(np.argmax(row))], i) for i, row in enumerate(calm)]
    firsts = [next(group) for _, group in groupby(leads, key=lambda lead: lead[0])]
    begins = [0.0, *(hearing.starts[i] for _, i in firsts[1:])]
    ends = [*begins[1:], hearing.seconds]
    return tuple(
        Passage(genre, begin, end)
        for (genre, _), begin, end in zip(firsts, begins, ends, strict=True)
    )


NAME_WIDTH = 348  # px, the column of genre names, with the gap after it
NAME_GAP = 24  # px
PERCENT_WIDTH = 196  # px, the column of percentages, with the gap before it
OUTLINE = 5  # px, of a bar that is only a guess
ABOVE_BASELINE = 0.37  # of the letters' size: half the height of a capital


@dataclass(frozen=True, slots=True)
class Row:
    """How one line is drawn.

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


SHORTEST = 0.12  # of the strip's height: a bar that only repeats is still a bar
DIMMEST = 0.3  # of the ramp, so that it stands out from the hollow


def draw_rhythm(bars: Sequence[float], size: tuple[int, int]) -> Image.Image:
    """Paint one column for each bar of the rhythm.

    Args:
        bars: variety of each bar, 0 (heard before) to 1 (new).
        size: width and height in px.

    Returns:
        An "RGB" picture of `size`.
    """
    width, height = size
    ramp = moonrise()
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = HOLLOW
    edges = np.linspace(0, width, len(bars) + 1).round().astype(int)
    gap = min(6, width // max(len(bars), 1) // 3)
    for variety, left, right in zip(np.clip(bars, 0, 1), edges, edges[1:], strict=False):
        top = height - round(height * (SHORTEST + (1 - SHORTEST) * variety))
        colour = ramp[round(255 * (DIMMEST + (1 - DIMMEST) * variety))]
        picture[top:, left : max(left + 1, right - gap)] = colour
    return Image.fromarray(picture)


QUIETEST, LOUDEST = 12.0, 99.3  # percentiles of the dB values that span the ramp
LEAST_RANGE = 20.0  # dB; keeps a nearly even sound from being blown up into a storm


def draw_spectrogram(mel: npt.NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    """Paint a mel spectrogram.

    Args:
        mel: (bands, columns) in dB, low frequency first.
        size: width and height in px.

    Returns:
        An "RGB" picture of `size`.
    """
    levels = np.nan_to_num(mel, nan=-80.0, posinf=0.0, neginf=-80.0)
    quiet, loud = np.percentile(levels, (QUIETEST, LOUDEST))
    span = max(float(loud - quiet), LEAST_RANGE)
    steps = np.clip((levels - loud) / span + 1.0, 0.0, 1.0) * 255
    picture = Image.fromarray(np.rint(steps[::-1]).astype(np.uint8))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    picture.putpalette(moonrise().tobytes())
    return picture.convert("RGB")


TITLE = Pen(46)
UNSURE = Pen(62, colour=LAVENDER)
HEADING = Pen(SMALLEST, colour=MUTED)
RIBBONS_HEIGHT, SOUND_HEIGHT, RHYTHM_HEIGHT = 168, 150, 74  # px


@dataclass(frozen=True, slots=True)
class GenreCardLabels:
    """The words on the card, in the reader's language.

    Attributes:
        title: the song as it was posted; any length, any script.
        genres: how each genre is called; one without an entry shows its own name.
        unsure: headline when the model is not sure.
        movement: heading of the timeline.
        others: the genres without a bar, together.
        rhythm: heading of the bar-by-bar strip.
    """

    title: str
    genres: Mapping[str, str]
    unsure: str
    movement: str
    others: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of the card: its height in px, and the function that draws it."""

    height: int
    paint: Callable[[Card, int], None]


def genre_card(
    hearing: Hearing,
    labels: GenreCardLabels,
    *,
    bars: Sequence[float] | None = None,
    columns: Sequence[str] = GENRES,
) -> bytes:
    """Draw one hearing as a card; safe to call from several threads.

    Args:
        hearing: what the model found.
        labels: the words.
        bars: variety of each bar of the rhythm, 0 to 1; None or an empty one leaves it out.
        columns: genre of each column of the timeline.

    Returns:
        A PNG, 1200 px wide, transparent around the card.

    Raises:
        ValueError: the timeline has another number of columns.
    """
    if hearing.timeline.shape != (len(hearing.starts), len(columns)):
        raise ValueError(f"timeline {hearing.timeline.shape} for {len(columns)} genres")
    scene = _Scene(hearing, labels, tuple(columns), shares_to_show(hearing))
    sections = _sections(scene, () if bars is None else tuple(bars))
    pose = Pose.PUZZLED if hearing.genre is None else Pose.LISTENING
    card = new_card(sum(section.height for section in sections), pose)
    top = EARS_ABOVE
    for section in sections:
        section.paint(card, top)
        top += section.height
    return card.png()


@dataclass(frozen=True, slots=True)
class _Scene:
    """What one card shows."""

    hearing: Hearing
    labels: GenreCardLabels
    columns: tuple[str, ...]
    shown: tuple[Share, ...]

    @property
    def moving(self) -> tuple[Share, ...]:
        """Return the shown genres with a timeline column; a server's own have none."""
        return tuple(share for share in self.shown if share.genre in self.columns)

    def name(self, share: Share) -> str:
        # Without a font for the reader's script, the genre's own name is better than none.
        return legible(self.labels.genres.get(share.genre, "")) or share.genre

    def colours(self) -> dict[str, Rgb]:
        return genre_colours({*self.columns, *self.hearing.genres})


def _sections(scene: _Scene, bars: tuple[float, ...]) -> list[_Section]:
    """Return the card's sections, top to bottom."""
    # A title of nothing but emoji leaves only the margin.
    named = bool(legible(scene.labels.title))
    sections = [_Section(98 if named else MARGIN, partial(_title, scene))]
    if scene.hearing.genre is None:
        sections.append(_Section(92, partial(_unsure, scene)))
    for place, share in enumerate(scene.shown):
        row = GUESSED if scene.hearing.genre is None else FOLLOWING if place else LEADING
        sections.append(_Section(row.height, partial(_share, scene, share, row)))
    sections.append(_Section(78 + RIBBONS_HEIGHT, partial(_movement, scene)))
    sections.append(_Section(8 + SOUND_HEIGHT + 80, partial(_sound, scene)))
    if bars:
        sections.append(_Section(92 + RHYTHM_HEIGHT, partial(_rhythm, scene, bars)))
    return sections


def _title(scene: _Scene, card: Card, top: int) -> None:
    text = shortened(scene.labels.title, TITLE, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 74), text, TITLE)


def _unsure(scene: _Scene, card: Card, top: int) -> None:
    pen = fitted(scene.labels.unsure, UNSURE, CONTENT_WIDTH, SMALLEST)
    text = shortened(scene.labels.unsure, pen, CONTENT_WIDTH)
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 64), text, pen)


def _share(scene: _Scene, share: Share, row: Row, card: Card, top: int) -> None:
    colour = scene.colours()[share.genre]
    draw_share(card, top, row, scene.name(share), share, colour)


def _movement(scene: _Scene, card: Card, top: int) -> None:
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 60), scene.labels.movement, HEADING)
    colours = [*(scene.colours()[share.genre] for share in scene.moving), OTHERS]
    names = [*(scene.name(share) for share in scene.moving), scene.labels.others]
    edges = ribbon_edges(_ribbon_shares(scene), scene.hearing, CONTENT_WIDTH)
    picture = draw_ribbons(edges, colours, RIBBONS_HEIGHT)
    name_ribbons(picture, edges, names, colours)
    sink(card, (MARGIN, top + 78), picture)


def _ribbon_shares(scene: _Scene) -> Floats:
    """Return the shown genres' timeline, and the rest of each window."""
    timeline = scene.hearing.timeline
    shown = timeline[:, [scene.columns.index(share.genre) for share in scene.moving]]
    others = np.clip(1.0 - shown.sum(axis=1, keepdims=True), 0.0, 1.0)
    return np.hstack([shown, others])


def _sound(scene: _Scene, card: Card, top: int) -> None:
    picture = draw_spectrogram(scene.hearing.mel, (CONTENT_WIDTH, SOUND_HEIGHT))
    sink(card, (MARGIN, top + 8), picture)
    draw = ImageDraw.Draw(card.canvas)
    for mark in marks(scene.hearing.seconds):
        align = {0.0: "l", 1.0: "r"}.get(mark.at, "m")
        at = (MARGIN + mark.at * CONTENT_WIDTH, top + 8 + SOUND_HEIGHT + 44)
        write(draw, at, mark.text, HEADING, align)


def _rhythm(scene: _Scene, bars: tuple[float, ...], card: Card, top: int) -> None:
    write(ImageDraw.Draw(card.canvas), (MARGIN, top + 26), scene.labels.rhythm, HEADING)
    picture = draw_rhythm(bars, (CONTENT_WIDTH, RHYTHM_HEIGHT))
    sink(card, (MARGIN, top + 44), picture)
