"""What the database says about songs, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Post:
    """Where a song was posted and by whom: ids and a title, never audio or a link.

    Attributes:
        guild_id: the server.
        channel_id: the channel or thread of the message.
        message_id: the message.
        attachment_id: the file within the message.
        poster_id: the member who posted it.
        title: the file's name as posted.
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
    """What the ear said of a song, apart from its vector.

    Attributes:
        seconds: length of the whole song.
        genres: probability of each genre.
        genre: the most likely genre, or None when the ear was not sure.
        tempo_bpm: beats a minute, or None when no beat was found.
        rhythm: the rest of what is known of its rhythm, as JSON can hold it.
    """

    seconds: float
    genres: Mapping[str, float]
    genre: str | None
    tempo_bpm: float | None = None
    rhythm: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One listening: the traits and the vector, with the model that made it.

    Attributes:
        model: name and version of the model.
        vector: (n,) float32, finite; n is the same for every vector of a model.
        traits: what the ear said of the song.
    """

    model: str
    vector: npt.NDArray[np.float32]
    traits: Traits


@dataclass(frozen=True, slots=True)
class Song:
    """One remembered song."""

    song_id: int
    post: Post
    traits: Traits
    model: str
    remembered_at: datetime
    gone: bool = False


class Outcome(Enum):
    """What became of a song that was to be remembered."""

    REMEMBERED = "remembered"
    KNOWN = "known"  # this very attachment is in the songbook already
    REFUSED = "refused"  # its poster does not want to be remembered
    FORGOTTEN = "forgotten"  # it was deleted, or to be forgotten, while it was being heard


@dataclass(frozen=True, slots=True)
class Remembered:
    """The outcome, and the song's id unless it was refused or forgotten."""

    outcome: Outcome
    song_id: int | None


@dataclass(frozen=True, slots=True, eq=False)
class VectorPage:
    """Some songs of one server and one model, column by column, in the order of their ids.

    Attributes:
        song_ids: (n,) int64.
        channel_ids: (n,) int64.
        poster_ids: (n,) int64.
        contents: (n,) uint64, the first 8 bytes of the content hash; 0 where unknown.
        tempos: (n,) float32, beats a minute; NaN where unknown.
        genres: n names, None where the ear was not sure.
        vectors: (n, dimensions) float32, as they were heard.
    """

    song_ids: npt.NDArray[np.int64]
    channel_ids: npt.NDArray[np.int64]
    poster_ids: npt.NDArray[np.int64]
    contents: npt.NDArray[np.uint64]
    tempos: npt.NDArray[np.float32]
    genres: tuple[str | None, ...]
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
class SongStats:
    """A server's songbook in numbers.

    Attributes:
        songs: how many are remembered.
        seconds: their length together.
        posters: how many members posted them.
        file_bytes: size of the files heard, none of which is kept.
        stored_bytes: what is kept of them: vectors, titles and traits.
        first_posted_at: the oldest post, None when there is none.
        last_posted_at: the newest post.
        genres: (genre, songs), most frequent first; None: not sure.
        tempos: (lowest beats a minute of a step of 10, songs), rising.
        most_songs: (member, songs), most first, at most ten.
    """

    songs: int
    seconds: float
    posters: int
    file_bytes: int
    stored_bytes: int
    first_posted_at: datetime | None
    last_posted_at: datetime | None
    genres: tuple[tuple[str | None, int], ...]
    tempos: tuple[tuple[int, int], ...]
    most_songs: tuple[tuple[int, int], ...]
