"""Songs as values, and how rows become them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from storage.codecs import fold, milliseconds, moment, short_content, vectors_from
from storage.database import Row


@dataclass(frozen=True, slots=True)
class Post:
    """Where a song was posted and by whom: ids and a title, never audio or a link.

    Attributes:
        guild_id: the server.
        channel_id: the channel or thread of the message.
        message_id: the message.
        attachment_id: the file within the message.
        poster_id: the member who posted it.
        title: by the file's tags, else its name.
        posted_at: when, with a time zone.
        parent_id: the channel a thread belongs to; None outside threads.
        file_bytes: size of the file.
        content_hash: SHA-256 of the file's bytes, to know the same file again; None: unknown.
        by_command: it was handed to a command; its file is in no message, so that it cannot be
            fetched again.
    """

    guild_id: int
    channel_id: int
    message_id: int
    attachment_id: int
    poster_id: int
    title: str
    posted_at: datetime
    parent_id: int | None = None
    file_bytes: int = 0
    content_hash: bytes | None = None
    by_command: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What the music model found in a song, apart from its vector.

    Genres are families and styles; their keys and those of tags are in `ml.music.taxonomy`.

    Attributes:
        seconds: length of the whole song.
        genres: probability of each family; several can be true at once.
        genre: the family that is said first, or None when the model was not sure of any.
        tempo_bpm: beats a minute, or None when no beat was found.
        rhythm: the rest of what is known of its rhythm, as JSON can hold it.
        style: the style that is said beside the family; None where none is likely.
        sure_genres: every family that the model was sure of, the one said first leading, then the
            likely styles of those; what songs are filtered by.
        styles: probability of each style that is at all likely.
        tags: probability of each tag that is at all likely.
        camelot: code of its key, 1A to 12B; None: no clear key.
        key_confidence: probability that the key is right; None without one.
    """

    seconds: float
    genres: Mapping[str, float]
    genre: str | None
    tempo_bpm: float | None = None
    rhythm: Mapping[str, Any] = field(default_factory=dict)
    style: str | None = None
    sure_genres: tuple[str, ...] = ()
    styles: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, float] = field(default_factory=dict)
    camelot: str | None = None
    key_confidence: float | None = None

    @property
    def likeliest(self) -> str | None:
        """The genre, or the likeliest where the model was not sure; None: no genre at all."""
        if self.genre is not None or not self.genres:
            return self.genre
        return max(self.genres, key=lambda genre: self.genres[genre])

    @property
    def names(self) -> tuple[str, ...]:
        """The genres by which the song is found, what is said of it first."""
        return genre_names(None, self.likeliest, json.dumps(self.sure_genres))


@dataclass(frozen=True, slots=True, eq=False)
class HeardSong:
    """The result of one listening: traits and vector, with the model that made them.

    Attributes:
        model: name and version of the model.
        vector: (n,) float32, finite; n is the same for every vector of a model.
        traits: what the model found.
    """

    model: str
    vector: npt.NDArray[np.float32]
    traits: Traits


@dataclass(frozen=True, slots=True)
class Song:
    """One remembered song.

    Attributes:
        song_id: its number, never given twice.
        post: where it was posted.
        traits: what the model found.
        model: name and version of that model.
        remembered_at: when it was stored.
        recording_id: the same for all posts of one recording in a server.
        label: the genre that a member named; None: nobody corrected the model.
        gone: its message could not be found again.
    """

    song_id: int
    post: Post
    traits: Traits
    model: str
    remembered_at: datetime
    recording_id: int
    label: str | None = None
    gone: bool = False

    @property
    def genre(self) -> str | None:
        """What it is: what a member said, or else the likeliest that the model found."""
        return self.label or self.traits.likeliest

    @property
    def sure(self) -> bool:
        """Whether its genre is more than the model's best guess."""
        return self.label is not None or self.traits.genre is not None


@dataclass(frozen=True, slots=True)
class StoredSong:
    """The numbers that the database gave a song."""

    song_id: int
    recording_id: int


class Outcome(Enum):
    """The outcome for a song that was to be remembered."""

    REMEMBERED = "remembered"
    KNOWN = "known"  # this very attachment is in the songbook already
    REFUSED = "refused"  # its poster opted out
    NOT_MUSIC = "not_music"  # it is speech, noise or a single sound
    TOO_SHORT = "too_short"  # too little of it is sound for its vector to mean anything
    FORGOTTEN = "forgotten"  # it was deleted, or to be forgotten, while it was being analysed


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of a song that was to be remembered.

    Attributes:
        outcome: whether it is remembered.
        song_id: its id unless it was refused or forgotten.
        recording_id: of a song that was stored just now; its own id where it is new here.
    """

    outcome: Outcome
    song_id: int | None
    recording_id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VectorPage:
    """Some songs of one server and one model, column by column, in the order of their ids.

    Attributes:
        song_ids: (n,) int64.
        recordings: (n,) int64, the same for all posts of one recording.
        channel_ids: (n,) int64.
        poster_ids: (n,) int64.
        contents: (n,) uint64, the first 8 bytes of the content hash; 0 where unknown.
        tempos: (n,) float32, beats a minute; NaN where unknown.
        genres: n times the names by which a song is found: what it is first, which may be only
            the likeliest, then what else it surely is. Empty: no genre at all.
        sure: (n,) bool, whether the first is more than the likeliest.
        vectors: (n, dimensions) float32, as the model made them.
    """

    song_ids: npt.NDArray[np.int64]
    recordings: npt.NDArray[np.int64]
    channel_ids: npt.NDArray[np.int64]
    poster_ids: npt.NDArray[np.int64]
    contents: npt.NDArray[np.uint64]
    tempos: npt.NDArray[np.float32]
    genres: tuple[tuple[str, ...], ...]
    sure: npt.NDArray[np.bool_]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread of which songs are remembered."""

    channel_id: int
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Title:
    """A song by its name, for choosing one while typing."""

    song_id: int
    title: str
    poster_id: int


@dataclass(frozen=True, slots=True)
class GenreCount:
    """How many songs are of a genre.

    Attributes:
        genre: its name; None: songs of no genre at all.
        songs: how many, those included of which it is only the likeliest genre.
        sure: of how many the model is sure.
    """

    genre: str | None
    songs: int
    sure: int


@dataclass(frozen=True, slots=True)
class SongStats:
    """A server's songbook in numbers.

    Attributes:
        songs: how many recordings are remembered; one that was posted again counts once.
        seconds: their length together.
        posters: how many members posted them.
        file_bytes: size of all files, none of which is stored.
        stored_bytes: what is stored of them: vectors, titles and traits.
        first_posted_at: the oldest post, None when there is none.
        last_posted_at: the newest post.
        genres: most frequent first.
        styles: (style, songs) of those it is said of, most frequent first, at most five.
        tempos: (lowest beats a minute of a step of 10, songs), rising.
        most_songs: (member, recordings), most first, at most ten.
    """

    songs: int
    seconds: float
    posters: int
    file_bytes: int
    stored_bytes: int
    first_posted_at: datetime | None
    last_posted_at: datetime | None
    genres: tuple[GenreCount, ...]
    styles: tuple[tuple[str, int], ...]
    tempos: tuple[tuple[int, int], ...]
    most_songs: tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def genre_names(label: str | None, likeliest: str | None, sure_genres: str) -> tuple[str, ...]:
    """Return the genres by which a song is found, what is said of it first.

    Args:
        label: what a member said it is; nothing else counts then.
        likeliest: the model's first.
        sure_genres: what else the model was sure of, as the column has it.
    """
    if label is not None:
        return (label,)
    named = [likeliest, *json.loads(sure_genres)]
    return tuple(dict.fromkeys(name for name in named if name is not None))


LABEL = """(SELECT c.label FROM contributions AS c
    WHERE c.contribution_id = songs.contribution_id)"""
SONG_COLUMNS = f"""song_id, guild_id, channel_id, parent_id, message_id, attachment_id, poster_id,
    title, posted_at, remembered_at, file_bytes, content_hash, seconds, genre, genres, tempo_bpm,
    rhythm, style, sure_genres, styles, tags, camelot, key_confidence, models.name AS model,
    gone_at, by_command, recording, {LABEL} AS label"""
TRAITS_COLUMNS = """seconds, genre, likeliest, genres, tempo_bpm, rhythm, style, sure_genres,
    styles, tags, camelot, key_confidence"""
VECTOR_COLUMNS = f"""song_id, recording, channel_id, poster_id, content_hash, tempo_bpm,
    {LABEL} AS label, likeliest, sure_genres, genre IS NOT NULL, vector"""


def post_values(post: Post) -> tuple[Any, ...]:
    """Return guild to by-command in the order of the columns of `Songs.remember`."""
    return (
        post.guild_id,
        post.channel_id,
        post.parent_id,
        post.message_id,
        post.attachment_id,
        post.poster_id,
        post.title,
        fold(post.title),
        milliseconds(post.posted_at),
        post.file_bytes,
        post.content_hash,
        int(post.by_command),
    )


def traits_values(traits: Traits) -> tuple[Any, ...]:
    """Return values in the order of `TRAITS_COLUMNS`."""
    return (
        traits.seconds,
        traits.genre,
        traits.likeliest,
        json.dumps(dict(traits.genres)),
        traits.tempo_bpm,
        json.dumps(dict(traits.rhythm), allow_nan=False),
        traits.style,
        json.dumps(traits.sure_genres),
        json.dumps(dict(traits.styles)),
        json.dumps(dict(traits.tags)),
        traits.camelot,
        traits.key_confidence,
    )


def song_from(row: Row) -> Song:
    """Read a row of `SONG_COLUMNS`."""
    return Song(
        song_id=row["song_id"],
        post=Post(
            guild_id=row["guild_id"],
            channel_id=row["channel_id"],
            parent_id=row["parent_id"],
            message_id=row["message_id"],
            attachment_id=row["attachment_id"],
            poster_id=row["poster_id"],
            title=row["title"],
            posted_at=moment(row["posted_at"]),
            file_bytes=row["file_bytes"],
            content_hash=row["content_hash"],
            by_command=bool(row["by_command"]),
        ),
        traits=Traits(
            row["seconds"],
            json.loads(row["genres"]),
            row["genre"],
            row["tempo_bpm"],
            json.loads(row["rhythm"]),
            row["style"],
            tuple(json.loads(row["sure_genres"])),
            json.loads(row["styles"]),
            json.loads(row["tags"]),
            row["camelot"],
            row["key_confidence"],
        ),
        model=row["model"],
        remembered_at=moment(row["remembered_at"]),
        recording_id=row["recording"],
        label=row["label"],
        gone=row["gone_at"] is not None,
    )


def page_from(rows: list[Row]) -> VectorPage:
    """Turn rows of `VECTOR_COLUMNS`, at least one, into columns."""
    # By position: a name is looked up for each of thousands of rows, six times.
    songs, recordings, channels, posters, hashes, tempos, *genres, sure, blobs = zip(
        *rows, strict=True
    )
    labels, likeliest, sure_genres = genres
    return VectorPage(
        song_ids=np.array(songs, np.int64),
        recordings=np.array(recordings, np.int64),
        channel_ids=np.array(channels, np.int64),
        poster_ids=np.array(posters, np.int64),
        contents=np.array([short_content(content) for content in hashes], np.uint64),
        tempos=np.array([np.nan if tempo is None else tempo for tempo in tempos], np.float32),
        genres=tuple(map(genre_names, labels, likeliest, sure_genres)),
        sure=np.array(
            [label is not None or each for label, each in zip(labels, sure, strict=True)], bool
        ),
        vectors=vectors_from(blobs, len(rows)),
    )
