"""What is asked of the songbook and what it answers, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ml.music.hearing import Hearing
from storage.song_values import HeardSong, Song, Traits


class AnotherModelError(Exception):
    """A song was heard by another model than the songbook compares.

    The background job hears such songs again; until then they cannot be compared.
    """

    code = "another_model"

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"heard by {found}, the songbook compares {expected}")
        self.found = found
        self.expected = expected


class UnknownSongError(Exception):
    """The song is not in this server's songbook, or not where the asker can read."""

    code = "unknown_song"

    def __init__(self, song_id: int) -> None:
        super().__init__(f"no song {song_id} here")
        self.song_id = song_id


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """How a song sounds, in numbers.

    Attributes:
        vector: (n,) float32, not zero.
        rhythm: what is known of its rhythm.
        tempo_bpm: beats a minute, or None.
    """

    vector: npt.NDArray[np.float32]
    rhythm: Mapping[str, Any] = field(default_factory=dict)
    tempo_bpm: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """The song asked about.

    Attributes:
        model: the model that heard it.
        sound: how it sounds.
        content_hash: SHA-256 of its file, to leave out the same file; None: unknown.
        song_id: its own id where it is remembered, to leave itself out.
    """

    model: str
    sound: Sound
    content_hash: bytes | None = None
    song_id: int | None = None

    @classmethod
    def of(cls, heard: HeardSong, content_hash: bytes | None = None) -> Query:
        """Ask about a song that was just heard."""
        traits = heard.traits
        sound = Sound(heard.vector, traits.rhythm, traits.tempo_bpm)
        return cls(heard.model, sound, content_hash)


@dataclass(frozen=True, slots=True)
class ReadableChannels:
    """The channels an asker may get answers from.

    Attributes:
        readable: ids of the channels and threads the asker can read.
        age_restricted: those of them that are age-restricted.
        asked_in: where the question was asked.
    """

    readable: frozenset[int]
    age_restricted: frozenset[int]
    asked_in: int

    @property
    def channels(self) -> frozenset[int]:
        """What may be answered from: age-restricted channels are heard of only in such."""
        if self.asked_in in self.age_restricted:
            return self.readable
        return self.readable - self.age_restricted


@dataclass(frozen=True, slots=True)
class Filters:
    """What the asker wants to hear of only.

    Attributes:
        genre: songs that the ear is sure are of this genre.
        poster_id: songs of this member.
        tempo_bpm: (lowest, highest) beats a minute, both included.
    """

    genre: str | None = None
    poster_id: int | None = None
    tempo_bpm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class SimilarityParts:
    """How alike two songs are, in words' reach.

    Attributes:
        percent: calibrated, 0 to 100.
        parts: what timbre, harmony and rhythm add to the cosine of the two vectors, which is
            their sum; negative where they differ, missing where not heard in both songs.
        tempo_ratio: the other's tempo by that of the song asked about; None: unknown.
    """

    percent: float
    parts: Mapping[str, float]
    tempo_ratio: float | None = None


class ExplainsSimilarity(Protocol):
    """Says how alike the song asked about and others are; called off the event loop."""

    def __call__(self, asked: Sound, others: Sequence[Sound]) -> Sequence[SimilarityParts]:
        """Give one likeness for each of `others`, in their order."""


@dataclass(frozen=True, slots=True)
class SongbookOptions:
    """How the songbook behaves.

    Attributes:
        memory_bytes: vectors kept in memory at most, over all servers; the server asked last
            stays, however large it is.
        same_song: cosine from which two vectors are taken for one song in two encodings.
        per_poster: how many songs of one member a page shows, unless one was asked for.
        likening: says how alike two songs are, beyond the cosine.
    """

    memory_bytes: int = 256 * 1024 * 1024
    same_song: float = 0.98
    per_poster: int = 2
    explain: ExplainsSimilarity | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A song that sounds like the one asked about.

    Attributes:
        song: the song.
        cosine: of the two vectors, -1 to 1.
        likeness: what the songbook's `ExplainsSimilarity` says of the two, None without one.
    """

    song: Song
    cosine: float
    likeness: SimilarityParts | None = None

    @property
    def percent(self) -> int:
        """How alike the two are, 0 to 99; the one rule for what members are told.

        Calibrated where the songbook has a `ExplainsSimilarity`. Otherwise the cosine itself: vectors of
        unrelated songs are at about a right angle, which counts as nothing in common. Never
        100: nothing that was only heard is certain.
        """
        percent = 100 * self.cosine if self.likeness is None else self.likeness.percent
        return round(min(max(percent, 0.0), 99.0))


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the nearest songs, nearest first; `more` tells whether another page follows."""

    matches: tuple[Match, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A song's place on a map.

    Attributes:
        song_id: the song.
        x: 0 to 1.
        y: 0 to 1.
        genre: None where the ear was not sure.
        title: as posted; None for songs that a picture need not name.
        likely: the likeliest genre where the ear was not sure.
    """

    song_id: int
    x: float
    y: float
    genre: str | None
    title: str | None
    likely: str | None = None


@dataclass(frozen=True, slots=True)
class SongMap:
    """A server's songs on a plane; what sounds alike lies together.

    Attributes:
        spots: the songs, those worth naming first.
        songs: how many there are within reach; with very many, not all have a spot.
        asked: where a song lies that was asked about and is not remembered.
    """

    spots: tuple[Spot, ...]
    songs: int
    asked: tuple[float, float] | None = None


def heard_from(hearing: Hearing) -> HeardSong:
    """Give what the songbook keeps of one listening."""
    rhythm = hearing.rhythm
    traits = Traits(
        hearing.seconds,
        hearing.genres,
        hearing.genre,
        rhythm.tempo_bpm if rhythm else None,
        {**rhythm.in_numbers(), "profile": rhythm.profile.tolist()} if rhythm else {},
    )
    return HeardSong(hearing.model, hearing.vector, traits)
