"""Values and errors of the songbook that cross its files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.hearing import Hearing, SimilarityParts
from storage.song_values import HeardSong, Song, Traits


class AnotherModelError(Exception):
    """A song was embedded by another model than the songbook compares.

    The background job embeds such songs again; until then they cannot be compared.

    Attributes:
        found: name and version of that model.
        expected: name and version of the model in use.
    """

    code = "another_model"

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"embedded by {found}, the songbook compares {expected}")
        self.found = found
        self.expected = expected


class UnknownSongError(Exception):
    """The song is not in this server's songbook, or not readable."""

    code = "unknown_song"

    def __init__(self, song_id: int) -> None:
        super().__init__(f"no song {song_id} here")
        self.song_id = song_id


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """The song asked about.

    Attributes:
        model: the model that embedded it.
        vector: (n,) float32, not zero.
        tempo_bpm: beats a minute; None: unknown.
        content_hash: SHA-256 of its file, to leave out the same file; None: unknown.
        song: the song itself where it is remembered, to leave itself out.
    """

    model: str
    vector: npt.NDArray[np.float32]
    tempo_bpm: float | None = None
    content_hash: bytes | None = None
    song: Song | None = None

    @property
    def song_id(self) -> int | None:
        """Id of the song where it is remembered."""
        return self.song.song_id if self.song else None


@dataclass(frozen=True, slots=True)
class ReadableChannels:
    """The channels an asker may get answers from.

    Attributes:
        readable: ids of the channels and threads the asker can read.
        age_restricted: those of them that are age-restricted.
        asked_in: where the command was used.
    """

    readable: frozenset[int]
    age_restricted: frozenset[int]
    asked_in: int

    @property
    def channels(self) -> frozenset[int]:
        """Channels to answer from: age-restricted ones answer in age-restricted ones only."""
        if self.asked_in in self.age_restricted:
            return self.readable
        return self.readable - self.age_restricted


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrict an answer to some songs; None leaves a restriction out.

    Attributes:
        genre: songs of which the model is sure that they are of this genre.
        poster_id: songs of this member.
        tempo_bpm: (lowest, highest) beats a minute, both included.
    """

    genre: str | None = None
    poster_id: int | None = None
    tempo_bpm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A song that sounds like the one asked about.

    Attributes:
        song: the song.
        cosine: of the two vectors, -1 to 1.
        parts: how alike the model finds the two, and why; None where nothing explains it.
        tempo_ratio: its tempo divided by that of the song asked about; None: unknown.
    """

    song: Song
    cosine: float
    parts: SimilarityParts | None = None
    tempo_ratio: float | None = None

    @property
    def percent(self) -> int:
        """Similarity as members read it, 0 to 99.

        Calibrated where `parts` are known. Otherwise the cosine itself: vectors of unrelated
        songs are at about a right angle, which counts as nothing in common. Never 100: no
        estimate is certain.
        """
        percent = 100 * self.cosine if self.parts is None else self.parts.percent
        return round(min(max(percent, 0.0), 99.0))


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the nearest songs, nearest first.

    `more` says whether another page follows.
    """

    matches: tuple[Match, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A song's place on a map.

    Attributes:
        song_id: the song.
        x: 0 to 1.
        y: 0 to 1.
        genre: None where the model was not sure.
        title: as posted; None for songs that a picture need not name.
        likely: the likeliest genre where the model was not sure.
    """

    song_id: int
    x: float
    y: float
    genre: str | None
    title: str | None
    likely: str | None = None


@dataclass(frozen=True, slots=True)
class SongMap:
    """A server's songs on a plane; similar ones lie together.

    Attributes:
        spots: the songs, those worth naming first.
        songs: how many songs there are; with very many, not all have a spot.
        asked: where a song lies that was asked about and is not remembered.
    """

    spots: tuple[Spot, ...]
    songs: int
    asked: tuple[float, float] | None = None


def heard_from(hearing: Hearing) -> HeardSong:
    """Return what the songbook stores of one hearing."""
    rhythm = hearing.rhythm
    traits = Traits(
        hearing.seconds,
        hearing.genres,
        hearing.genre,
        rhythm.tempo_bpm if rhythm else None,
        {**rhythm.in_numbers(), "profile": rhythm.profile.tolist()} if rhythm else {},
    )
    return HeardSong(hearing.model, hearing.vector, traits)
