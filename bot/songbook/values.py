"""Values and errors of the songbook that cross its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ml.music.hearing import Hearing, SimilarityParts
from storage.song_values import GenreCount, HeardSong, Song, Traits

WORTH_STORING = 0.1  # least probability of a style or tag that a song is stored with


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
    """What is asked about: one song, or several at once.

    Attributes:
        model: the model that embedded them.
        vectors: (songs, n) float32, none zero, in any length; of `songs` first, then of files.
        tempo_bpm: beats a minute; None: unknown, or several songs.
        contents: SHA-256 of their files, where known, to leave out the same files.
        songs: those of them that are remembered, to leave them out.
    """

    model: str
    vectors: npt.NDArray[np.float32]
    tempo_bpm: float | None = None
    contents: tuple[bytes, ...] = ()
    songs: tuple[Song, ...] = ()

    @property
    def song_ids(self) -> tuple[int, ...]:
        """Ids of the songs that are remembered."""
        return tuple(song.song_id for song in self.songs)

    @classmethod
    def joined(cls, queries: Sequence[Query]) -> Query:
        """Ask about several at once, at least one and all of one model."""
        if len(queries) == 1:
            return queries[0]
        remembered_first = sorted(queries, key=lambda query: not query.songs)
        return cls(
            queries[0].model,
            np.concatenate([each.vectors for each in remembered_first]),
            None,
            tuple(content for each in queries for content in each.contents),
            tuple(song for each in remembered_first for song in each.songs),
        )


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
        genre: songs that are of this genre, or most likely are.
        poster_id: songs of this member.
        tempo_bpm: (lowest, highest) beats a minute, both included.
    """

    genre: str | None = None
    poster_id: int | None = None
    tempo_bpm: tuple[float, float] | None = None


class Closeness(Enum):
    """How alike two songs are, in words; the most alike first."""

    VERY_CLOSE = "very-close"
    CLOSE = "close"
    RELATED = "related"
    DISTANT = "distant"  # they do not really sound alike


# The least probability of each, that two excerpts are of one song if one song and two were as
# likely beforehand. Of all pairs of 40 clips of GTZAN's ten genres, 5 % reach the last and 1 % the
# second, with the model of version 1.
LEAST: Mapping[Closeness, float] = MappingProxyType(
    {Closeness.VERY_CLOSE: 0.8, Closeness.CLOSE: 0.5, Closeness.RELATED: 0.3}
)


def closeness(probability: float) -> Closeness:
    """Word how alike two songs are."""
    fitting = (each for each, least in LEAST.items() if probability >= least)
    return next(fitting, Closeness.DISTANT)


@dataclass(frozen=True, slots=True)
class Match:
    """A song that sounds like what was asked about.

    Attributes:
        song: the song.
        closeness: how alike they are.
        parts: how alike they are in each part of the vector, and why they are ranked here.
        tempo_ratio: its tempo divided by that of the song asked about; None: unknown.
    """

    song: Song
    closeness: Closeness
    parts: SimilarityParts
    tempo_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the nearest songs, nearest first.

    Attributes:
        matches: the page's songs.
        number: of the page, from 0.
        pages: how many there are.
        alike: how many songs are at least related. With none, the nearest are on the one page.
        compared: how many songs there were to choose from, each recording once.
        first: rank of the page's first song, from 1.
    """

    matches: tuple[Match, ...]
    number: int = 0
    pages: int = 1
    alike: int = 0
    compared: int = 0
    first: int = 1

    @property
    def more(self) -> bool:
        """Whether another page follows."""
        return self.number + 1 < self.pages


@dataclass(frozen=True, slots=True)
class Spot:
    """A song's place on a map.

    Attributes:
        song_id: the song.
        x: 0 to 1.
        y: 0 to 1.
        genre: the likeliest; None: it has none at all.
        sure: whether the model is sure of it.
        title: as posted; None for songs that a picture need not name.
    """

    song_id: int
    x: float
    y: float
    genre: str | None
    sure: bool
    title: str | None


@dataclass(frozen=True, slots=True)
class SongMap:
    """A server's songs on a plane; similar ones lie together.

    Attributes:
        spots: the songs, those worth naming first; of each recording one.
        songs: how many songs there are; with very many, not all have a spot.
        genres: how many of them are of each genre, most frequent first. Of the songs asked about,
            none is among these two numbers.
        asked: where the songs lie that were asked about and are not remembered.
    """

    spots: tuple[Spot, ...]
    songs: int
    genres: tuple[GenreCount, ...] = ()
    asked: tuple[tuple[float, float], ...] = ()


def _worth_storing(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items() if share >= WORTH_STORING}


def heard_from(hearing: Hearing) -> HeardSong:
    """Return what the songbook stores of one hearing."""
    rhythm = hearing.rhythm
    said, key = hearing.verdict, hearing.key
    traits = Traits(
        hearing.seconds,
        {family: round(share, 4) for family, share in hearing.families.items()},
        said.family,
        rhythm.tempo_bpm if rhythm else None,
        {**rhythm.in_numbers(), "profile": rhythm.profile.tolist()} if rhythm else {},
        said.style,
        (*said.families, *said.styles),
        _worth_storing(hearing.styles),
        _worth_storing(hearing.tags),
        key.camelot if key else None,
        round(key.confidence, 4) if key else None,
    )
    return HeardSong(hearing.model, hearing.vector, traits)
