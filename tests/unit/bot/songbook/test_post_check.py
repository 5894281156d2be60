"""Songs are looked up before they are shown; only what is certainly gone is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import CannotFetch, NeedsPermissions
from bot.retrieval.cache import VectorCache
from bot.songbook.ingest import Find, PostedSong
from bot.songbook.service import Songbook
from bot.songbook.sync import TRUST_SECONDS, PostCheck
from storage.database import Database
from storage.song_values import Post, Song
from storage.songs import Songs
from tests.unit.storage import MODEL, POST, SERVER, heard, post

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
async def songbook(tmp_path: Path) -> AsyncIterator[Songbook]:
    """Three songs."""
    with ThreadPoolExecutor(1) as executor:
        async with Database.open(tmp_path / "songs.db") as database:
            cache = VectorCache(Songs(database), MODEL, 1 << 20, executor)
            songbook = Songbook(database, cache)
            for number in (1, 2, 3):
                await songbook.remember(post(number), heard(number))
            yield songbook


async def kept(songbook: Songbook) -> tuple[Song, ...]:
    return (await songbook.posted_by(SERVER, POST.poster_id))[::-1]


async def look(
    check: PostCheck, find: Find, songbook: Songbook, seconds: float = LONG
) -> list[int]:
    """Look everything up; gives the messages whose songs are left."""
    until = asyncio.get_running_loop().time() + seconds
    await check.forget_gone(await kept(songbook), find, until)
    return [song.post.message_id for song in await kept(songbook)]


async def test_what_is_gone_is_forgotten_and_named(songbook: Songbook) -> None:
    messages = Messages()
    messages.states[2] = False
    songs = await kept(songbook)
    until = asyncio.get_running_loop().time() + LONG
    gone = await PostCheck(songbook).forget_gone(songs, messages.find, until)
    assert gone == {songs[1].song_id}
    assert [song.post.message_id for song in await kept(songbook)] == [1, 3]


@pytest.mark.parametrize("error", [CannotFetch(), NeedsPermissions(1, ("view_channel",))])
async def test_what_cannot_be_told_stays(songbook: Songbook, error: Exception) -> None:
    messages = Messages()
    messages.states |= {1: error, 3: False}
    assert await look(PostCheck(songbook), messages.find, songbook) == [1, 2]


async def test_nobody_waits_for_long_and_what_was_told_in_time_counts(songbook: Songbook) -> None:
    messages = Messages()
    messages.states |= {1: None, 2: False}
    assert await look(PostCheck(songbook), messages.find, songbook, seconds=0.2) == [1, 3]


async def test_all_are_asked_about_at_once(songbook: Songbook) -> None:
    meeting = asyncio.Barrier(3)

    async def find(_: Post) -> PostedSong | None:
        await meeting.wait()
        return None

    assert await look(PostCheck(songbook), find, songbook) == []


async def test_without_time_nobody_is_asked(songbook: Songbook) -> None:
    messages = Messages()
    await look(PostCheck(songbook), messages.find, songbook, seconds=0.0)
    assert messages.asked == []


async def test_a_song_that_was_handed_to_a_command_is_not_asked_about(songbook: Songbook) -> None:
    messages = Messages()
    messages.states[4] = False
    await songbook.remember(post(4, by_command=True), heard(4))
    assert await look(PostCheck(songbook), messages.find, songbook) == [1, 2, 3, 4]
    assert sorted(messages.asked) == [1, 2, 3]


async def test_what_was_found_is_trusted_for_a_while(songbook: Songbook) -> None:
    messages, time = Messages(), 0.0
    messages.states[1] = CannotFetch()
    check = PostCheck(songbook, lambda: time)
    asked = []
    for moment in (1.0, 2.0, 2.0 + TRUST_SECONDS):
        time = moment
        messages.asked.clear()
        await look(check, messages.find, songbook)
        asked.append(sorted(messages.asked))
    assert asked == [[1, 2, 3], [1], [1, 2, 3]]


async def test_after_a_new_session_nothing_is_trusted(songbook: Songbook) -> None:
    messages = Messages()
    check = PostCheck(songbook)
    await look(check, messages.find, songbook)
    check.trust_nothing()
    messages.states[1] = False
    assert await look(check, messages.find, songbook) == [2, 3]
