from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import timedelta

import numpy as np
import pytest

from bot.songbook.values import (
    AnotherModelError,
    Filters,
    Query,
    heard_from,
)
from ml.music.hearing import Key, Rhythm, Verdict
from storage.database import Database
from storage.lessons import Contributions
from storage.song_values import Outcome, Song, Traits
from tests import factories
from tests.factories import contribution
from tests.unit.bot.songbook.factories import (
    CHANNEL,
    EVERYWHERE,
    MODEL,
    NOW,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    Book,
    at_angle,
    heard,
    keep,
    keep_at,
    numbers,
    open_book,
    post,
    query,
    songs_erased,
)

# Coming and going


@pytest.mark.parametrize("asked_before", [True, False])
async def test_songs_are_found_whether_or_not_the_server_was_asked_before(
    book: Book, asked_before: bool
) -> None:
    if asked_before:
        assert await numbers(book) == []
    await keep_at(book, [20, 40])
    assert await numbers(book) == [1, 2]


async def test_songs_remembered_and_forgotten_while_the_server_is_read(
    book: Book, database: Database, executor: Executor
) -> None:
    song_ids = await keep_at(book, [float(angle) for angle in range(20, 180, 13)])
    async with open_book(database, executor) as fresh:
        asking = asyncio.create_task(numbers(fresh, limit=20))
        await asyncio.sleep(0)  # it has begun to read
        await fresh.songbook.forget_song(SERVER, song_ids[0])
        await keep(fresh, post(50), heard(20))
        await asking
        assert await numbers(fresh, limit=20) == [50, *range(2, 14)]


@pytest.mark.parametrize(
    "way",
    ["song", "messages", "attachment", "channel", "channel deleted", "poster", "opt out", "member"],
)
async def test_a_forgotten_song_is_not_found_again(book: Book, way: str) -> None:
    song_id = await keep(book, post(1, channel_id=OTHER_CHANNEL), heard(20))
    await keep(book, post(2), heard(40))
    assert await numbers(book) == [1, 2]
    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "song": lambda: book.songbook.forget_song(SERVER, song_id),
        "messages": lambda: songs_erased(book.erasure.erase_messages(SERVER, [1, 77])),
        "attachment": lambda: book.songbook.forget_attachment(SERVER, 1, 1),
        "channel": lambda: book.songbook.forget_channel_songs(SERVER, OTHER_CHANNEL),
        "channel deleted": lambda: songs_erased(book.erasure.erase_channel(SERVER, OTHER_CHANNEL)),
        "poster": lambda: book.songbook.forget_poster(SERVER, 1001),
        "opt out": lambda: book.songbook.opt_out(SERVER, 1001),
        "member": lambda: songs_erased(book.erasure.erase_member(1001)),
    }
    forget = ways[way]
    assert await forget() == 1
    assert await forget() == 0
    assert await numbers(book) == [2]


async def test_a_server_that_is_left_leaves_nothing_in_memory(book: Book) -> None:
    await keep_at(book, [20, 40])
    await numbers(book)
    assert book.cache.nbytes > 0
    assert await songs_erased(book.erasure.erase_guild(SERVER)) == 2
    assert book.cache.nbytes == 0
    assert await numbers(book) == []


async def test_many_songs_forgotten_give_their_memory_back(book: Book) -> None:
    await keep_at(book, [0.1 * number for number in range(200)], poster_id=7)
    await keep(book, post(500), heard(90))
    await numbers(book)
    before = book.cache.nbytes
    await book.songbook.forget_poster(SERVER, 7)
    assert await numbers(book) == [500]
    assert book.cache.nbytes < before / 5


async def test_old_songs_leave_every_server(database: Database, executor: Executor) -> None:
    clock = [NOW - timedelta(days=40)]
    async with open_book(database, executor, now=lambda: clock[0]) as book:
        await keep_at(book, [20])
        await keep(book, post(1, guild_id=OTHER_SERVER), heard(20))
        clock[0] = NOW
        await keep(book, post(2), heard(40))
        assert await numbers(book) == [1, 2]
        assert await book.songbook.forget_older_than(NOW - timedelta(days=30)) == 2
        assert await numbers(book) == [2]
        assert await numbers(book, OTHER_SERVER) == []


async def test_who_opted_out_is_not_remembered_until_they_opt_in(book: Book) -> None:
    await book.songbook.opt_out(SERVER, 1001)
    assert await book.opt_outs.opted_out(SERVER, 1001)
    assert (await book.songbook.remember(post(1), heard(20))).outcome is Outcome.REFUSED
    assert await book.songbook.opt_in(SERVER, 1001)
    assert (await book.songbook.remember(post(1), heard(20))).outcome is Outcome.REMEMBERED
    assert (await book.songbook.remember(post(1), heard(20))).outcome is Outcome.KNOWN
    assert await numbers(book) == [1]


@pytest.mark.parametrize("way", ["messages", "attachment", "channel", "poster", "member", "server"])
async def test_a_song_deleted_while_it_is_heard_is_not_remembered(book: Book, way: str) -> None:
    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "messages": lambda: songs_erased(book.erasure.erase_messages(SERVER, [1])),
        "attachment": lambda: book.songbook.forget_attachment(SERVER, 1, 1),
        "channel": lambda: songs_erased(book.erasure.erase_channel(SERVER, 5)),
        "poster": lambda: book.songbook.opt_out(SERVER, 1001),
        "member": lambda: songs_erased(book.erasure.erase_member(1001)),
        "server": lambda: songs_erased(book.erasure.erase_guild(SERVER)),
    }
    forget = ways[way]
    in_thread = post(1, channel_id=CHANNEL, parent_id=5)
    elsewhere, pending = post(2, poster_id=3, guild_id=9), book.songbook.pending
    with pending.expect(in_thread), pending.expect(elsewhere):
        assert await forget() == 0
        remembered = await book.songbook.remember(in_thread, heard(20))
        assert remembered.outcome is Outcome.FORGOTTEN
        other = await book.songbook.remember(elsewhere, heard(20))
        assert other.outcome is Outcome.REMEMBERED
    if way != "poster":
        assert (await book.songbook.remember(in_thread, heard(20))).outcome is Outcome.REMEMBERED


async def test_a_member_may_remember_again_what_they_forgot(book: Book) -> None:
    await keep_at(book, [20])
    await book.erasure.erase_messages(SERVER, [1])
    with book.songbook.pending.expect(post(1)):
        assert (await book.songbook.remember(post(1), heard(20))).outcome is Outcome.REMEMBERED


async def test_two_members_at_once_are_both_answered(book: Book) -> None:
    await keep_at(book, [20, 40, 60])
    answers = await asyncio.gather(*(numbers(book) for _ in range(10)))
    assert answers == [[1, 2, 3]] * 10


async def test_searching_remembering_and_forgetting_at_once_stays_true(
    book: Book, database: Database, executor: Executor
) -> None:
    async def come_and_go(first: int) -> None:
        for number in range(first, first + 30):
            song_id = await keep(book, post(number), heard(20 + number % 150))
            if number % 2:
                await book.songbook.forget_song(SERVER, song_id)

    async def ask() -> None:
        for _ in range(30):
            await numbers(book, limit=50)

    await asyncio.gather(come_and_go(100), come_and_go(200), ask(), ask())
    async with open_book(database, executor) as reread:
        assert await numbers(book, limit=50) == await numbers(reread, limit=50)


async def test_a_cancelled_change_leaves_memory_and_database_the_same(
    book: Book, database: Database, executor: Executor
) -> None:
    await numbers(book)
    for turn, angle in enumerate(range(20, 180, 13)):
        task = asyncio.create_task(keep(book, post(turn), heard(angle)))
        for _ in range(turn):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.wait([task])
    async with open_book(database, executor) as fresh:
        assert await numbers(book, limit=20) == await numbers(fresh, limit=20)


# Models


async def test_vectors_of_another_model_are_never_compared(book: Book) -> None:
    old = await keep(book, post(1), heard(20, model="ear-0"))
    await keep(book, post(2), heard(40))
    assert await numbers(book) == [2]
    with pytest.raises(AnotherModelError):
        await book.search.nearest(SERVER, Query("ear-0", at_angle(0)), EVERYWHERE)
    with pytest.raises(AnotherModelError) as error:
        await book.search.query_about(SERVER, old, EVERYWHERE)
    assert (error.value.found, error.value.expected) == ("ear-0", MODEL)


async def waiting(book: Book) -> list[Song]:
    return list(await book.songs.embedded_by_other_models(MODEL))


async def test_a_song_heard_again_is_found_again(book: Book) -> None:
    await keep(book, post(1), heard(20, model="ear-0"))
    assert await numbers(book) == []
    (song,) = await waiting(book)
    assert await book.songbook.replace_embedding(song, heard(30))
    assert await numbers(book) == [1]
    assert await waiting(book) == []


async def test_a_song_forgotten_before_it_is_heard_again_stays_forgotten(
    book: Book,
) -> None:
    await keep(book, post(1), heard(20, model="ear-0"))
    (song,) = await waiting(book)
    await book.songbook.forget_song(SERVER, song.song_id)
    assert await book.songbook.replace_embedding(song, heard(30)) is False
    assert await numbers(book) == []


async def test_a_song_whose_message_is_gone_vanishes_quietly(book: Book) -> None:
    song_ids = await keep_at(book, [20, 40])
    assert await numbers(book) == [1, 2]
    assert await book.songbook.mark_gone(SERVER, song_ids[0])
    assert await numbers(book) == [2]


# Memory and explanation


async def test_servers_asked_long_ago_leave_memory(database: Database, executor: Executor) -> None:
    limit = 20_000
    async with open_book(database, executor, memory_bytes=limit) as book:
        for guild_id in range(1, 8):
            for number in range(20):
                await keep(book, post(number, guild_id=guild_id), heard(20 + 5 * number))
        for guild_id in range(1, 8):
            assert len(await numbers(book, guild_id)) == 5
            assert book.cache.nbytes <= limit
        assert len(await numbers(book, 1)) == 5


async def test_one_server_larger_than_the_limit_is_still_answered(
    database: Database, executor: Executor
) -> None:
    async with open_book(database, executor, memory_bytes=1) as book:
        await keep_at(book, [20, 40])
        assert await numbers(book) == [1, 2]


# Recordings and names


async def test_posts_of_one_recording_are_known_as_such(book: Book) -> None:
    ids = await keep_at(book, [0, 3, 60])
    again = await keep(book, post(4, content_hash=bytes([9] * 32)), heard(100))
    twice = await keep(book, post(5, content_hash=bytes([9] * 32)), heard(140))
    songs = await book.songs.songs(SERVER, [*ids, again, twice])
    assert [song.recording_id for song in songs] == [ids[0], ids[0], ids[2], again, again]


async def test_songs_that_are_each_like_the_next_are_not_one_recording(book: Book) -> None:
    ids = await keep_at(book, [0, 8, 16, 24])
    songs = await book.songs.songs(SERVER, ids)
    assert [song.recording_id for song in songs] == [ids[0], ids[0], ids[2], ids[2]]


async def test_a_song_posted_again_counts_once_in_stats_map_and_answers(book: Book) -> None:
    await keep_at(book, [20, 21, 60], poster_id=7)
    stats = await book.songbook.statistics.of(SERVER, EVERYWHERE.channels)
    around = await book.maps.map(SERVER, EVERYWHERE)
    page = await book.search.nearest(SERVER, query(), EVERYWHERE)
    assert (stats.songs, around.songs, page.compared, page.alike) == (2, 2, 2, 2)
    assert (stats.most_songs, len(around.spots)) == (((7, 2),), 2)
    assert [(count.genre, count.songs) for count in around.genres] == [("rock", 2)]


async def test_a_song_that_a_member_named_is_called_so_everywhere_until_that_is_taken_back(
    book: Book, database: Database
) -> None:
    song_id = await keep(book, post(1), heard(20))
    given = await Contributions(database).add(contribution(label="Space Techno"))
    assert given is not None
    await numbers(book)  # its matrix is in memory
    assert await book.songbook.set_label(SERVER, song_id, given.contribution_id)
    for genre, found in (("Space Techno", [1]), ("rock", [])):
        assert await numbers(book, filters=Filters(genre=genre)) == found
    stats = await book.songbook.statistics.of(SERVER, EVERYWHERE.channels)
    (spot,) = (await book.maps.map(SERVER, EVERYWHERE)).spots
    assert (stats.genres[0].genre, stats.genres[0].sure) == ("Space Techno", 1)
    assert (spot.genre, spot.sure) == ("Space Techno", True)
    await book.erasure.erase_contributions(given.member_id, [given.contribution_id])
    assert await numbers(book, filters=Filters(genre="rock")) == [1]
    song = await book.songs.song(SERVER, song_id)
    assert song is not None
    assert (song.label, song.genre) == (None, "rock")


async def test_a_song_that_is_forgotten_cannot_be_named(book: Book) -> None:
    song_id = await keep(book, post(1), heard(20))
    await book.songbook.forget_song(SERVER, song_id)
    assert not await book.songbook.set_label(SERVER, song_id, 1)


async def test_a_hearing_becomes_a_remembered_song(book: Book) -> None:
    hearing = factories.hearing(
        families={"electronic": 0.8, "jazz": 0.2},
        styles={"techno": 0.4, "house": 0.01},
        tags={"instrumental": 0.9, "sad": 0.02},
        verdict=Verdict(("electronic",), "techno", False, ("techno",)),
        key=Key("A", "minor", "8A", 0.6),
        vector=at_angle(20),
        seconds=90.0,
        model=MODEL,
        rhythm=Rhythm(128.0, 2.0, 0.2, 0.1, 0.0, (), (), (), np.zeros(16, np.float32)),
    )
    listening = heard_from(hearing)
    song_id = await keep(book, post(1), listening)
    song = await book.songs.song(SERVER, song_id)
    assert song is not None
    assert song.traits == Traits(
        seconds=90.0,
        genres={"electronic": 0.8, "jazz": 0.2},
        genre="electronic",
        tempo_bpm=128.0,
        rhythm=listening.traits.rhythm,
        style="techno",
        sure_genres=("electronic", "techno"),
        styles={"techno": 0.4},
        tags={"instrumental": 0.9},
        camelot="8A",
        key_confidence=0.6,
    )
    assert await numbers(book, query=query()) == [1]
