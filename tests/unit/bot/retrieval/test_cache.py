"""Changes that come in the middle of reading or searching."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from bot.retrieval.vectors import VectorCache
from bot.songbook.similar import SimilaritySearch
from storage.database import Database
from storage.song_values import StoredSong, VectorPage
from storage.songs import Songs
from tests.unit.bot.songbook.factories import (
    ALL_ALIKE,
    EVERYWHERE,
    MODEL,
    SERVER,
    heard,
    post,
    query,
)

ROOMY = 1 << 30


class SlowSongs(Songs):
    """Reads its first page, and gives it only when it is told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.has_read, self.may_give = asyncio.Event(), asyncio.Event()

    async def vectors(self, *arguments: Any, **more: Any) -> VectorPage | None:
        page = await super().vectors(*arguments, **more)
        self.has_read.set()
        await self.may_give.wait()
        return page


class AtOnce(Executor):
    """Runs work where it is submitted, with something happening before and after it."""

    def __init__(self, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._before, self._after = before, after

    def submit(self, work: Callable[..., Any], /, *values: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        self._before()
        done.set_result(work(*values, **named))
        self._after()
        return done


@pytest.fixture
def songs(database: Database) -> SlowSongs:
    return SlowSongs(database)


@pytest.fixture
async def cache(songs: SlowSongs) -> AsyncIterator[VectorCache]:
    with ThreadPoolExecutor(1) as executor:
        cache = VectorCache(songs, MODEL, ROOMY, executor)
        yield cache
        await cache.close()


async def remember(songs: Songs, *numbers: int) -> list[int]:
    remembered = [await songs.remember(post(number), heard(15 * number)) for number in numbers]
    return [found.song_id or 0 for found in remembered]


async def test_a_song_forgotten_while_its_page_is_on_the_way_is_not_taken_up(
    songs: SlowSongs, cache: VectorCache
) -> None:
    first, second = await remember(songs, 1, 2)
    reading = asyncio.create_task(cache.matrix(SERVER))
    await songs.has_read.wait()
    cache.remove(SERVER, await songs.forget_song(SERVER, first))
    songs.may_give.set()
    matrix = await reading
    assert (matrix.contains(first), matrix.contains(second), matrix.songs) == (False, True, 1)


async def test_a_song_remembered_while_the_server_is_read_is_held_once(
    songs: SlowSongs, cache: VectorCache
) -> None:
    await remember(songs, 1)
    reading = asyncio.create_task(cache.matrix(SERVER))
    await songs.has_read.wait()
    (second,) = await remember(songs, 2)
    cache.add(StoredSong(second, second), post(2), heard(30))
    songs.may_give.set()
    matrix = await reading
    assert matrix.songs == 2
    cache.add(StoredSong(second, second), post(2), heard(30))
    assert matrix.songs == 2


async def test_a_server_dropped_while_it_is_read_is_read_anew(
    songs: SlowSongs, cache: VectorCache
) -> None:
    (first,) = await remember(songs, 1)
    reading = asyncio.create_task(cache.matrix(SERVER))
    await songs.has_read.wait()
    cache.evict(SERVER)
    songs.may_give.set()
    matrix = await reading
    assert matrix.contains(first)
    assert not matrix.wiped


async def test_a_reader_who_gives_up_does_not_stop_the_others(
    songs: SlowSongs, cache: VectorCache
) -> None:
    (first,) = await remember(songs, 1)
    impatient = asyncio.create_task(cache.matrix(SERVER))
    patient = asyncio.create_task(cache.matrix(SERVER))
    await songs.has_read.wait()
    impatient.cancel()
    songs.may_give.set()
    assert (await patient).contains(first)


async def test_a_forgotten_song_leaves_the_matrix(songs: SlowSongs, cache: VectorCache) -> None:
    songs.may_give.set()
    first, second = await remember(songs, 1, 2)
    matrix = await cache.matrix(SERVER)
    cache.remove(SERVER, [first])
    assert (matrix.contains(first), matrix.contains(second)) == (False, True)


def answering(songs: SlowSongs, cache: VectorCache, executor: Executor) -> SimilaritySearch:
    songs.may_give.set()
    return SimilaritySearch(songs, cache, executor, ALL_ALIKE)


async def test_a_matrix_given_up_during_a_search_is_searched_anew(
    songs: SlowSongs, cache: VectorCache
) -> None:
    await remember(songs, 2, 4)
    drops = iter([SERVER])
    executor = AtOnce(before=lambda: cache.evict(next(drops, 0)), after=lambda: None)
    nearest = answering(songs, cache, executor)
    page = await nearest.nearest(SERVER, query(), EVERYWHERE)
    assert len(page.matches) == 2


async def test_a_song_forgotten_during_a_search_is_left_out(
    songs: SlowSongs, cache: VectorCache
) -> None:
    first, second = await remember(songs, 2, 4)
    executor = AtOnce(before=lambda: None, after=lambda: cache.remove(SERVER, [first]))
    nearest = answering(songs, cache, executor)
    page = await nearest.nearest(SERVER, query(), EVERYWHERE)
    assert [match.song.song_id for match in page.matches] == [second]
