"""The song map as an answer: picture, description, and the words when it is empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import discord
from discord.utils import escape_markdown

from bot.i18n import Translator, genre_name
from bot.rendering.genre_card import clock
from bot.rendering.song_map import LIST, NEAR, Dot, SongMapLabels, song_map
from bot.songbook.values import Closeness, SongMap
from ml.music.taxonomy import GENRE_KEYS
from storage.song_values import Post, Song

NAME = "map.png"
NEARNESS = {
    Closeness.VERY_CLOSE: "similar-very-close",
    Closeness.CLOSE: "similar-close",
    Closeness.RELATED: "similar-related",
    Closeness.DISTANT: "similar-distant",
}
ALT_LIMIT = 1024  # characters Discord keeps of a file's description
GENRES_NAMED = 4
TITLE_LIMIT = 80  # characters of a title in a list


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
    dots = _dots(around, {})
    alt = tr("map-alt", songs=around.songs, genres=_frequent_genres(around, tr))
    labels = _labels(around, tr("map-heading", songs=around.songs), tr)
    return MapPicture(song_map(dots, labels), alt[:ALT_LIMIT])


def drawn_around(
    around: SongMap,
    asked: Sequence[str],
    song_ids: Collection[int],
    numbered: Mapping[int, int],
    titles: Sequence[str],
    tr: Translator,
) -> MapPicture:
    """Draw where songs stand among the others, and those that sound like them.

    Args:
        around: the songs.
        asked: titles of the songs asked about.
        song_ids: ids of those of them that are remembered.
        numbered: the songs found: id -> number on the map.
        titles: of the songs found, in the order of their numbers.
        tr: the reader's language.
    """
    dots = [Dot(x, y, asked=True) for x, y in around.asked]
    dots += _dots(around, numbered, song_ids)
    comma, found = tr("list-comma"), zip(numbered.values(), titles, strict=True)
    alt = tr(
        "map-alt-around",
        title=comma.join(asked),
        found=comma.join(f"{number} {title}" for number, title in found),
        songs=around.songs,
        genres=_frequent_genres(around, tr),
    )
    heading = tr("map-heading-compared", songs=around.songs)
    return MapPicture(song_map(dots, _labels(around, heading, tr), NEAR), alt[:ALT_LIMIT])


def drawn_list(
    around: SongMap,
    songs: Sequence[Song],
    alt: str,
    tr: Translator,
    *,
    joined: bool = False,
) -> MapPicture:
    """Draw where the songs of a list stand among the others, numbered from 1.

    Args:
        around: the songs.
        songs: the list, at most a dozen.
        alt: what the list is; what the map shows is added.
        tr: the reader's language.
        joined: draw a line from each song to the next.
    """
    numbers = {song.song_id: number for number, song in enumerate(songs, 1)}
    dots = _dots(around, numbers)
    labels = _labels(around, tr("map-heading", songs=around.songs), tr)
    found = tr("list-comma").join(f"{n} {song.post.title}" for n, song in enumerate(songs, 1))
    words = tr(
        "map-alt-list",
        what=alt,
        found=found,
        songs=around.songs,
        genres=_frequent_genres(around, tr),
    )
    path = range(1, len(songs) + 1) if joined else ()
    return MapPicture(song_map(dots, labels, LIST, path=path), words[:ALT_LIMIT])


def _dots(around: SongMap, numbered: Mapping[int, int], asked: Collection[int] = ()) -> list[Dot]:
    """Draw every spot, with the numbers of some songs and stars for those asked about."""
    return [
        Dot(
            spot.x,
            spot.y,
            spot.genre,
            spot.title,
            number=numbered.get(spot.song_id),
            asked=spot.song_id in asked,
            sure=spot.sure,
        )
        for spot in around.spots
    ]


def song_line(number: int, song: Song, tr: Translator, *notes: str) -> str:
    """Word one song of a list: title, link, genre, tempo, length, poster."""
    post = song.post
    title = escape_markdown(post.title[:TITLE_LIMIT]).replace("[", "(").replace("]", ")")
    line = tr(
        "song-line",
        number=number,
        title=title,
        link=message_link(post),
        facts=song_facts(song, tr),
        poster=f"<@{post.poster_id}>",
    )
    return " · ".join([line, *notes])


def song_facts(song: Song, tr: Translator) -> str:
    """Word a song's genre, tempo, key (as Camelot's code) and length."""
    traits = song.traits
    tempo = [] if traits.tempo_bpm is None else [tr("tempo-bpm", bpm=round(traits.tempo_bpm))]
    genre = genre_text(song, tr)
    key = [traits.camelot] if traits.camelot else []
    return " · ".join([*([genre] if genre else []), *tempo, *key, clock(traits.seconds)])


def message_link(post: Post) -> str:
    """Return the address of the message in which a song was posted."""
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{post.message_id}"


def genre_names(tr: Translator) -> Mapping[str, str]:
    """Name the shipped genres in the reader's language."""
    return {genre: genre_name(genre, tr) for genre in GENRE_KEYS}


def genre_text(song: Song, tr: Translator) -> str:
    """Word a song's genre; with a question mark where it is only the likeliest."""
    if song.genre is None:
        return ""
    name = genre_name(song.genre, tr)
    if song.label is not None:
        return escape_markdown(name)
    if not song.sure:
        return tr("genre-likely", genre=name)
    style = song.traits.style
    return tr("genre-with-style", genre=name, style=genre_name(style, tr)) if style else name


def _labels(around: SongMap, heading: str, tr: Translator) -> SongMapLabels:
    return SongMapLabels(
        heading=heading,
        genres=genre_names(tr),
        counts=[(count.genre, count.songs) for count in around.genres],
        unsure=tr("genre-none"),
        others=tr("card-others"),
    )


def _frequent_genres(around: SongMap, tr: Translator) -> str:
    """Word the most frequent genres and how many songs have them."""
    names = genre_names(tr)
    named = [
        tr("map-count", genre=names.get(count.genre, count.genre), songs=count.songs)
        for count in around.genres[:GENRES_NAMED]
        if count.genre is not None
    ]
    return tr("list-comma").join(named) or tr("genre-none")


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
