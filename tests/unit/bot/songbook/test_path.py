"""Paths from song to song, by small steps and never backwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.songbook.path import NoWayError, SameSongError, SongPaths, smallest_steps
from bot.songbook.sync import PostCheck
from bot.songbook.values import Closeness, UnknownSongError
from ml.music.hearing import SimilarityScale
from storage.database import SqliteDatabase
from storage.song_values import Post
from tests.helpers.databases import migrated_file
from tests.unit.bot.songbook.factories import (
    EVERYWHERE,
    OTHER_SERVER,
    SERVER,
    Book,
    heard,
    keep,
    keep_at,
    open_book,
    post,
)

Vectors = npt.NDArray[np.float32]


async def nowhere(_: Post) -> None:
    """Every message is gone."""


def on_an_arc(*degrees: float) -> Vectors:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def cost(vectors: Vectors, path: list[int]) -> float:
    return sum(
        float(np.arccos(np.clip(vectors[a] @ vectors[b], -1, 1))) ** 2 for a, b in pairwise(path)
    )


def test_the_steps_between_two_songs_are_as_even_as_the_songs_allow() -> None:
    vectors = on_an_arc(0, 90, 2, 30, 31, 60, 89)
    assert smallest_steps(vectors, 0, 1, 4) == [0, 3, 5, 1]


@pytest.mark.parametrize("seed", [2, 3, 6, 7])  # two of which forgive no other cost
def test_the_path_is_the_best_of_all_that_do_not_turn_back(seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((12, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = smallest_steps(vectors, 0, 11, 5)
    to_first, to_last = (np.arccos(np.clip(vectors @ vectors[end], -1, 1)) for end in (0, 11))
    progress = to_first / (to_first + to_last)
    possible = (
        [0, *sorted(inner, key=lambda song: progress[song]), 11]
        for inner in combinations(range(1, 11), 3)
    )
    assert cost(vectors, found) == pytest.approx(min(cost(vectors, p) for p in possible), rel=1e-5)


def test_no_song_comes_twice_and_none_but_the_ends_begins_or_ends_it() -> None:
    random = np.random.default_rng(4)
    vectors = random.standard_normal((300, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    path = smallest_steps(vectors, 7, 8, 12)
    assert (len(path), len(set(path)), path[0], path[-1]) == (12, 12, 7, 8)


def test_with_few_songs_the_path_is_shorter() -> None:
    assert smallest_steps(on_an_arc(0, 90, 40), 0, 1, 8) == [0, 2, 1]
    with pytest.raises(NoWayError):
        smallest_steps(on_an_arc(0, 90), 0, 1, 8)


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Book]:
    with ThreadPoolExecutor(1) as executor:
        async with (
            SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database,
            open_book(database, executor) as opened,
        ):
            yield opened


def paths(book: Book) -> SongPaths:
    scale = SimilarityScale(slope=10.0, offset=-7.0)
    return SongPaths(book.songs, book.cache, book.maps, PostCheck(book.songbook), scale)


async def find(_: Post) -> None:
    raise AssertionError("songs handed to a command are not looked up")


async def test_a_path_names_its_songs_steps_and_map(book: Book) -> None:
    ids = await keep_at(book, [0, 90, 30, 60], by_command=True)
    path = await paths(book).find(SERVER, (ids[0], ids[1]), EVERYWHERE, find)
    assert [song.song_id for song in path.songs] == [ids[0], ids[2], ids[3], ids[1]]
    assert path.steps == (Closeness.VERY_CLOSE,) * 3
    assert path.map.songs == 4


async def test_a_path_never_leads_through_what_is_out_of_reach(book: Book) -> None:
    ids = await keep_at(book, [0, 90, 60], by_command=True)
    await keep(book, post(8, channel_id=99, by_command=True), heard(30))
    await keep(book, post(9, guild_id=OTHER_SERVER, by_command=True), heard(31))
    path = await paths(book).find(SERVER, (ids[0], ids[1]), EVERYWHERE, find)
    assert [song.song_id for song in path.songs] == [ids[0], ids[2], ids[1]]
    hidden = await keep(book, post(10, channel_id=99, by_command=True), heard(45))
    copy = await keep(book, post(11, channel_id=99, by_command=True), heard(0))
    for out_of_reach in (hidden, copy):  # nor is told that a song in reach is the same
        with pytest.raises(UnknownSongError):
            await paths(book).find(SERVER, (ids[0], out_of_reach), EVERYWHERE, find)


async def test_a_song_posted_twice_is_no_step(book: Book) -> None:
    ids = await keep_at(book, [0, 90, 30, 31, 60], by_command=True)
    path = await paths(book).find(SERVER, (ids[0], ids[1]), EVERYWHERE, find)
    assert [song.song_id for song in path.songs] == [ids[0], ids[2], ids[4], ids[1]]
    with pytest.raises(SameSongError):
        await paths(book).find(SERVER, (ids[2], ids[3]), EVERYWHERE, find)


async def test_what_is_no_longer_posted_is_forgotten_and_stepped_over(book: Book) -> None:
    ids = await keep_at(book, [0, 90], by_command=True)
    await keep(book, post(7), heard(45))
    other = await keep(book, post(8, by_command=True), heard(30))
    path = await paths(book).find(SERVER, (ids[0], ids[1]), EVERYWHERE, nowhere)
    assert [song.song_id for song in path.songs] == [ids[0], other, ids[1]]
