"""The song map as an answer: picture, description, and the words when it is empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import discord

from bot.i18n import Translator
from bot.rendering.song_map import Dot, SongMapLabels, song_map
from bot.songbook.values import Match, SongMap
from ml.music.hearing import GENRES

NAME = "map.png"
ALT_LIMIT = 1024  # characters Discord keeps of a file's description
GENRES_NAMED = 4


@dataclass(frozen=True, slots=True)
class MapPicture:
    """A picture ready to be sent, with its description; a file is wrapped anew each time."""

    picture: bytes
    alt: str
    name: str = NAME

    def file(self) -> discord.File:
        """Wrap the picture for sending."""
        return discord.File(BytesIO(self.picture), self.name, description=self.alt)


def drawn(around: SongMap, tr: Translator) -> MapPicture:
    """Draw a server's songs. Takes a tenth of a second: keep it off the event loop."""
    dots = [
        Dot(spot.x, spot.y, spot.genre, spot.title, likely=spot.likely) for spot in around.spots
    ]
    alt = tr("map-alt", songs=around.songs, genres=_frequent_genres(around, tr))
    return MapPicture(song_map(dots, _labels(around, tr)), alt[:ALT_LIMIT])


def drawn_around(
    around: SongMap, title: str, song_id: int | None, matches: Sequence[Match], tr: Translator
) -> MapPicture:
    """Draw where a song stands among the others, and those that sound like it.

    Args:
        around: the songs.
        title: of the song asked about.
        song_id: its id where it is remembered.
        matches: the songs found, numbered from 1 on the map.
        tr: the reader's language.
    """
    numbers = {match.song.song_id: number for number, match in enumerate(matches, 1)}
    dots = [
        Dot(
            spot.x,
            spot.y,
            spot.genre,
            spot.title,
            number=numbers.get(spot.song_id),
            asked=spot.song_id == song_id,
            likely=spot.likely,
        )
        for spot in around.spots
    ]
    if around.asked is not None:
        dots.insert(0, Dot(*around.asked, title=title, asked=True))
    alt = tr(
        "map-alt-around",
        title=title,
        found=tr("list-comma").join(
            f"{number} {match.song.post.title}" for number, match in enumerate(matches, 1)
        ),
        songs=around.songs,
        genres=_frequent_genres(around, tr),
    )
    return MapPicture(song_map(dots, _labels(around, tr)), alt[:ALT_LIMIT])


def genre_names(tr: Translator) -> Mapping[str, str]:
    """Name the shipped genres in the reader's language."""
    return {genre: tr(f"genre-{genre}") for genre in GENRES}


def _labels(around: SongMap, tr: Translator) -> SongMapLabels:
    return SongMapLabels(
        heading=tr("map-heading", songs=around.songs),
        genres=genre_names(tr),
        unsure=tr("card-unsure"),
    )


def _frequent_genres(around: SongMap, tr: Translator) -> str:
    """Word the most frequent genres and how many songs have them."""
    counts = Counter(spot.genre for spot in around.spots if spot.genre is not None)
    names = genre_names(tr)
    named = [
        tr("map-count", genre=names.get(genre, genre), songs=count)
        for genre, count in counts.most_common(GENRES_NAMED)
    ]
    return tr("list-comma").join(named) or tr("card-unsure")


def words_for_nothing(tr: Translator, *, allowed: bool, administrator: bool, narrowed: bool) -> str:
    """Find the words for a songbook that shows its asker nothing.

    Args:
        tr: the reader's language.
        allowed: whether the server lets songs be remembered.
        administrator: whether the reader manages the server.
        narrowed: whether there are songs that only the reader, not everybody here, may see.
    """
    if narrowed:
        return tr("empty-narrowed")
    if not allowed:
        return tr("empty-not-allowed-administrator" if administrator else "empty-not-allowed")
    return tr("empty-administrator" if administrator else "empty-member")
