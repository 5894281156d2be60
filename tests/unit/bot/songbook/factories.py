"""Songs with chosen vectors, for tests of the songbook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from bot.privacy.erasure import ErasureService
from bot.retrieval.vectors import VectorCache
from bot.songbook.map import SongMaps
from bot.songbook.service import Songbook
from bot.songbook.similar import SimilaritySearch, WeightsOf, all_alike
from bot.songbook.values import Query, ReadableChannels
from ml.music.hearing import SimilarityScale
from storage.database import Database
from storage.erasure import Erased, Erasure
from storage.members import OptOuts
from storage.song_queries import SongTitles
from storage.song_values import HeardSong, Post
from storage.songs import Songs
from tests import factories
from tests.factories import CHANNEL, MODEL, NOW, OTHER_CHANNEL, OTHER_SERVER, SERVER, at_angle
from tests.factories import VECTOR_SIZE as SIZE

__all__ = [
    "ADULT_CHANNEL",
    "ALL_ALIKE",
    "CHANNEL",
    "EVERYWHERE",
    "MODEL",
    "NOW",
    "OTHER_CHANNEL",
    "OTHER_SERVER",
    "SERVER",
    "SIZE",
    "Book",
    "at_angle",
    "heard",
    "keep",
    "keep_at",
    "numbers",
    "open_book",
    "post",
    "query",
]  # fmt: skip

ADULT_CHANNEL = 18
ALL_ALIKE = SimilarityScale(offset=20.0)  # any two songs sound alike, so that none is cut off
EVERYWHERE = ReadableChannels(
    readable=frozenset({CHANNEL, OTHER_CHANNEL}), age_restricted=frozenset(), asked_in=CHANNEL
)


def post(number: int, **changes: object) -> Post:
    """Return a song by a poster of its own, in a file that nobody compared."""
    return factories.post(number, **{"poster_id": 1000 + number, "content_hash": None, **changes})


def heard(
    degrees: float, genre: str | None = "rock", tempo: float | None = 120.0, model: str = MODEL
) -> HeardSong:
    vector = at_angle(degrees)
    return factories.heard_song(vector=vector, model=model, genre=genre, tempo_bpm=tempo)


def query(degrees: float = 0.0, content_hash: bytes | None = None) -> Query:
    contents = () if content_hash is None else (content_hash,)
    return Query(MODEL, at_angle(degrees)[np.newaxis], contents=contents)


@dataclass(frozen=True, slots=True)
class Book:
    """A songbook with everything that reads it."""

    songs: Songs
    titles: SongTitles
    opt_outs: OptOuts
    cache: VectorCache
    songbook: Songbook
    search: SimilaritySearch
    maps: SongMaps
    erasure: ErasureService


async def songs_erased(erasure: Awaitable[Erased]) -> int:
    """Count the songs that an erasure deletes."""
    return (await erasure).deleted.get("songs", 0)


@asynccontextmanager
async def open_book(
    database: Database,
    executor: Executor,
    *,
    memory_bytes: int = 1 << 28,
    same_song: float = 0.98,
    scale: SimilarityScale = ALL_ALIKE,
    weights: WeightsOf = all_alike,
    now: Callable[[], datetime] = lambda: NOW,
) -> AsyncIterator[Book]:
    """Open a songbook of `MODEL` on a database."""
    songs = Songs(database, now)
    cache = VectorCache(songs, MODEL, memory_bytes, executor)
    search = SimilaritySearch(songs, cache, executor, scale, same_song=same_song, weights=weights)
    songbook = Songbook(database, cache, now, same_song=same_song)
    maps = SongMaps(songs, cache)
    files = database.files(Path("no-files-here"))
    erasure = ErasureService(Erasure(database), files, files, [songbook])
    opt_outs, titles = OptOuts(database, now), SongTitles(database)
    yield Book(songs, titles, opt_outs, cache, songbook, search, maps, erasure)
    await cache.close()


async def keep(book: Book, given: Post, listening: HeardSong) -> int:
    remembered = await book.songbook.remember(given, listening)
    assert remembered.song_id is not None
    return remembered.song_id


async def keep_at(book: Book, angles: Sequence[float], **changes: object) -> list[int]:
    """Remember songs at these angles, numbered from 1."""
    return [
        await keep(book, post(number, **changes), heard(angle))
        for number, angle in enumerate(angles, start=1)
    ]


async def numbers(book: Book, guild_id: int = SERVER, **asked: object) -> list[int]:
    """Search the nearest and return the numbers of the posts."""
    reach = asked.pop("reach", EVERYWHERE)
    about = asked.pop("query", query())
    page = await book.search.nearest(guild_id, about, reach, **asked)  # type: ignore[arg-type]
    return [match.song.post.message_id for match in page.matches]
