"""Songs are looked up before they are shown; only what is certainly gone is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import CannotFetchError, NeedsPermissionsError
from bot.songbook.ingest import Find, PostedSong
from bot.songbook.sync import TRUST_SECONDS, PostCheck
from storage.database import Database
from storage.song_values import Post, Song
from tests.unit.bot.songbook.factories import Book, open_book
from tests.unit.storage import POST, SERVER, heard, post

LONG = 60.0


class Messages:
    """Messages by their ids: True is there, False gone; an error is raised; None never comes."""

    def __init__(self) -> None:
        self.states: dict[int, bool | Exception | None] = {}
        self.asked: list[int] = []

    async def find(self, post: Post) -> PostedSong | None:
        self.asked.append(post.message_id)
        state = self.states.get(post.message_id, True)
        if state is None:
            await asyncio.Event().wait()
        if isinstance(state, Exception):
            raise state
        return PostedSong(post, fetch) if state else None


async def fetch() -> bytes:
    raise AssertionError  # nobody needs the file


@pytest.fixture
async def book(database: Database) -> AsyncIterator[Book]:
    """A songbook with three songs."""
    with ThreadPoolExecutor(1) as executor:
        async with open_book(database, executor) as opened:
            for number in (1, 2, 3):
                await opened.songbook.remember(post(number), heard(number))
            yield opened


async def kept(book: Book) -> tuple[Song, ...]:
    return (await book.songs.by_poster(SERVER, POST.poster_id))[::-1]


async def look(check: PostCheck, find: Find, book: Book, seconds: float = LONG) -> list[int]:
    """Look everything up; gives the messages whose songs are left."""
    until = asyncio.get_running_loop().time() + seconds
    await check.forget_gone(await kept(book), find, until)
    return [song.post.message_id for song in await kept(book)]


async def test_what_is_gone_is_forgotten_and_named(book: Book) -> None:
    messages = Messages()
    messages.states[2] = False
    songs = await kept(book)
    until = asyncio.get_running_loop().time() + LONG
    gone = await PostCheck(book.songbook).forget_gone(songs, messages.find, until)
    assert gone == {songs[1].song_id}
    assert [song.post.message_id for song in await kept(book)] == [1, 3]


@pytest.mark.parametrize("error", [CannotFetchError(), NeedsPermissionsError(1, ("view_channel",))])
async def test_what_cannot_be_told_stays(book: Book, error: Exception) -> None:
    messages = Messages()
    messages.states |= {1: error, 3: False}
    assert await look(PostCheck(book.songbook), messages.find, book) == [1, 2]


async def test_nobody_waits_for_long_and_what_was_told_in_time_counts(book: Book) -> None:
    messages = Messages()
    messages.states |= {1: None, 2: False}
    assert await look(PostCheck(book.songbook), messages.find, book, seconds=0.2) == [1, 3]


async def test_all_are_asked_about_at_once(book: Book) -> None:
    meeting = asyncio.Barrier(3)

    async def find(_: Post) -> PostedSong | None:
        await meeting.wait()
        return None

    assert await look(PostCheck(book.songbook), find, book) == []


async def test_without_time_nobody_is_asked(book: Book) -> None:
    messages = Messages()
    await look(PostCheck(book.songbook), messages.find, book, seconds=0.0)
    assert messages.asked == []


async def test_a_song_that_was_handed_to_a_command_is_not_asked_about(book: Book) -> None:
    messages = Messages()
    messages.states[4] = False
    await book.songbook.remember(post(4, by_command=True), heard(4))
    assert await look(PostCheck(book.songbook), messages.find, book) == [1, 2, 3, 4]
    assert sorted(messages.asked) == [1, 2, 3]


async def test_what_was_found_is_trusted_for_a_while(book: Book) -> None:
    messages, time = Messages(), 0.0
    messages.states[1] = CannotFetchError()
    check = PostCheck(book.songbook, lambda: time)
    asked = []
    for moment in (1.0, 2.0, 2.0 + TRUST_SECONDS):
        time = moment
        messages.asked.clear()
        await look(check, messages.find, book)
        asked.append(sorted(messages.asked))
    assert asked == [[1, 2, 3], [1], [1, 2, 3]]


async def test_after_a_new_session_nothing_is_trusted(book: Book) -> None:
    messages = Messages()
    check = PostCheck(book.songbook)
    await look(check, messages.find, book)
    check.trust_nothing()
    messages.states[1] = False
    assert await look(check, messages.find, book) == [2, 3]
