"""The picture in the answer to `/genre`: which genre, when, and what it sounds like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import ImageDraw

from bot.pictures.card import CONTENT_WIDTH, EARS_ABOVE, MARGIN, SMALLEST, Card, new_card, sink
from bot.pictures.ears import Pose
from bot.pictures.genre_shares import Share, shares_to_show
from bot.pictures.lettering import Pen, fitted, legible, shortened, write
from bot.pictures.palette import LAVENDER, MUTED, OTHERS, Rgb, genre_colours
from bot.pictures.rhythm_strip import draw_rhythm
from bot.pictures.ribbons import draw_ribbons, name_ribbons
from bot.pictures.share_bars import FOLLOWING, GUESSED, LEADING, Row, draw_share
from bot.pictures.spectrogram import draw_spectrogram
from bot.pictures.timeline import Floats, marks, ribbon_edges
from ml.music.hearing import GENRES, Hearing

TITLE = Pen(46)
UNSURE = Pen(62, colour=LAVENDER)
HEADING = Pen(SMALLEST, colour=MUTED)
RIBBONS_HEIGHT, SOUND_HEIGHT, RHYTHM_HEIGHT = 168, 150, 74  # px


@dataclass(frozen=True, slots=True)
class GenreCardLabels:
    """The words on the card, translated by whoever knows the reader.

    Attributes:
        title: the song as it was posted; any length, any script.
        genres: how each genre is called; one without an entry shows its own name.
        unsure: headline when the ear is not sure.
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
    """A slice of the card: its height in px, and what draws it below a given top."""

    height: int
    paint: Callable[[Card, int], None]


def genre_card(
    hearing: Hearing,
    labels: GenreCardLabels,
    *,
    bars: Sequence[float] | None = None,
    columns: Sequence[str] = GENRES,
) -> bytes:
    """Draw what one listening found. Safe to call from several threads.

    Args:
        hearing: what the ear found.
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
    """All that one card shows."""

    hearing: Hearing
    labels: GenreCardLabels
    columns: tuple[str, ...]
    shown: tuple[Share, ...]

    @property
    def moving(self) -> tuple[Share, ...]:
        """The shown genres that the timeline tells of; one that a server taught has no column."""
        return tuple(share for share in self.shown if share.genre in self.columns)

    def name(self, share: Share) -> str:
        # Without a font for the reader's script, the genre's own name is better than none.
        return legible(self.labels.genres.get(share.genre, "")) or share.genre

    def colours(self) -> dict[str, Rgb]:
        return genre_colours({*self.columns, *self.hearing.genres})


def _sections(scene: _Scene, bars: tuple[float, ...]) -> list[_Section]:
    """The card from top to bottom."""
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
    """The timeline of the shown genres, and what is left of each window for the others."""
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
