"""Songs found by what members type."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.songbook.finding import NoSongFoundError, NothingTypedError, SongFinder
from bot.songbook.sync import PostCheck
from storage.database import SqliteDatabase
from storage.song_queries import SongFactsList
from storage.song_values import Post
from tests.factories import heard_song
from tests.helpers.databases import migrated_file
from tests.unit.bot.songbook.factories import EVERYWHERE, SERVER, Book, keep, open_book, post


@dataclass
class Shelf:
    """A songbook and what finds its songs."""

    book: Book
    finder: SongFinder

    async def keep(self, number: int, title: str, **traits: Any) -> int:
        """Remember a song of these traits."""
        given = post(number, title=title, by_command=True)
        return await keep(self.book, given, heard_song(seed=number, **traits))

    async def titles(self, typed: str) -> list[str]:
        """Return the titles of the songs found."""
        found = await self.finder.find(SERVER, typed, EVERYWHERE, find)
        return [song.post.title for song in found.songs]


async def find(_: Post) -> None:
    raise AssertionError("songs handed to a command are not looked up")


async def nowhere(_: Post) -> None:
    """Every message is gone."""


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    with ThreadPoolExecutor(1) as executor:
        async with (
            SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database,
            open_book(database, executor) as book,
        ):
            facts, check = SongFactsList(database), PostCheck(book.songbook)
            finder = SongFinder(book.songs, facts, book.maps, check, choose=lambda ids: ids[-1])
            yield Shelf(book, finder)


@pytest.fixture
async def filled(shelf: Shelf) -> Shelf:
    await shelf.keep(
        1,
        "Nocturne",
        tags={"piano": 0.9, "quiet": 0.6},
        camelot="8A",
        tempo_bpm=88.0,
        genre="classical",
        genres={"classical": 0.9},
    )
    await shelf.keep(2, "Piano Man", tags={"guitar": 0.8}, camelot="8B", tempo_bpm=172.0)
    await shelf.keep(
        3,
        "夜明けのテクノ",
        tags={"fast": 0.7},
        genre="electronic",
        genres={"electronic": 0.8},
        sure_genres=("electronic", "techno"),
        styles={"techno": 0.6},
        tempo_bpm=130.0,
    )
    return shelf


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("calm piano in A minor around 90", ["Nocturne"]),
        ("静かなピアノ イ短調 90くらい", ["Nocturne"]),
        ("静かなピアノ Aマイナー 90くらい", ["Nocturne"]),
        ("piano", ["Piano Man", "Nocturne"]),  # in the title, and in the sound
        ("techno", ["夜明けのテクノ"]),
        ("テクノ 120-140", ["夜明けのテクノ"]),
        ("夜明け", ["夜明けのテクノ"]),
        ("man", ["Piano Man"]),
        ("8b", ["Piano Man"]),
    ],
)
async def test_songs_are_found_by_words(filled: Shelf, typed: str, titles: list[str]) -> None:
    assert await filled.titles(typed) == titles


async def test_where_nothing_fits_in_everything_the_best_come_and_say_so(filled: Shelf) -> None:
    found = await filled.finder.find(SERVER, "calm piano around 170", EVERYWHERE, find)
    assert [song.post.title for song in found.songs] == ["Piano Man", "Nocturne"]
    assert not found.complete
    assert (await filled.finder.find(SERVER, "piano", EVERYWHERE, find)).complete


async def test_where_nothing_fits_at_all_that_is_said(filled: Shelf) -> None:
    with pytest.raises(NoSongFoundError):
        await filled.finder.find(SERVER, "xyzzy", EVERYWHERE, find)
    with pytest.raises(NothingTypedError):
        await filled.finder.find(SERVER, "the music of", EVERYWHERE, find)


async def test_a_sure_genre_comes_before_a_guessed_one(shelf: Shelf) -> None:
    await shelf.keep(1, "Sure", genre="jazz", genres={"jazz": 0.8})
    await shelf.keep(2, "Guess", genre=None, genres={"jazz": 0.4})
    assert await shelf.titles("jazz") == ["Sure", "Guess"]


async def test_a_song_posted_twice_is_found_once(shelf: Shelf) -> None:
    for number in (1, 2):
        given = post(number, title="Twice", by_command=True, content_hash=bytes([7] * 32))
        await keep(shelf.book, given, heard_song(seed=number))
    found = await shelf.finder.find(SERVER, "twice", EVERYWHERE, find)
    assert found.count == 1


async def test_a_random_song_is_one_of_those_that_fit(filled: Shelf) -> None:
    song = await filled.finder.random(SERVER, "techno", EVERYWHERE, find)
    assert song.post.title == "夜明けのテクノ"


async def test_any_song_can_be_the_random_one(filled: Shelf) -> None:
    song = await filled.finder.random(SERVER, "", EVERYWHERE, find)
    assert song.post.title == "Nocturne", "the last of the list, as this file's chance picks it"


@pytest.mark.parametrize("typed", ["piano", "jazz"])
async def test_what_a_song_hardly_has_does_not_fit(shelf: Shelf, typed: str) -> None:
    await shelf.keep(1, "Faint", genre=None, genres={"rock": 0.6, "jazz": 0.2}, tags={"piano": 0.2})
    with pytest.raises(NoSongFoundError):
        await shelf.titles(typed)


async def test_an_empty_songbook_has_no_random_song(shelf: Shelf) -> None:
    with pytest.raises(NoSongFoundError):
        await shelf.finder.random(SERVER, "", EVERYWHERE, find)


async def test_what_is_no_longer_posted_is_forgotten_and_not_found(shelf: Shelf) -> None:
    await keep(shelf.book, post(1, title="Piano gone"), heard_song(seed=1))
    await shelf.keep(2, "Piano here")
    found = await shelf.finder.find(SERVER, "piano", EVERYWHERE, nowhere)
    assert [song.post.title for song in found.songs] == ["Piano here"]


async def test_what_is_no_longer_posted_is_not_picked_at_random(shelf: Shelf) -> None:
    await keep(shelf.book, post(1, title="Piano gone"), heard_song(seed=1))
    await shelf.keep(2, "Piano here")
    song = await shelf.finder.random(SERVER, "", EVERYWHERE, nowhere)
    assert song.post.title == "Piano here"
