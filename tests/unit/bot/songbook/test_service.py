from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.privacy.erasure import ErasureService
from bot.songbook.service import Songbook
from bot.songbook.values import (
    AnotherModelError,
    Filters,
    Query,
    ReadableChannels,
    SimilarityParts,
    SongbookOptions,
    Sound,
    UnknownSongError,
    heard_from,
)
from ml.music.hearing import Hearing
from ml.music.rhythm import Rhythm
from storage.backup import DataFolder
from storage.database import Database
from storage.erasure import Erased, Erasure
from storage.song_values import Outcome, Song
from tests.unit.bot.songbook.factories import (
    ADULT_CHANNEL,
    CHANNEL,
    EVERYWHERE,
    MODEL,
    NOW,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    at_angle,
    heard,
    keep,
    keep_at,
    numbers,
    post,
    query,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "usamimi.db") as database:
        yield database


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
async def songbook(database: Database, executor: Executor) -> AsyncIterator[Songbook]:
    songbook = Songbook(database, MODEL, executor, now=lambda: NOW)
    yield songbook
    await songbook.close()


@pytest.fixture
def erasure(database: Database, songbook: Songbook, tmp_path: Path) -> ErasureService:
    return ErasureService(Erasure(database), DataFolder(tmp_path), [songbook])


async def songs_of(erasure: Awaitable[Erased]) -> int:
    """Count the songs that were erased."""
    return (await erasure).deleted.get("songs", 0)


# What is found


async def test_the_nearest_come_first_with_their_cosines(songbook: Songbook) -> None:
    await keep_at(songbook, [80, 30, 50])
    page = await songbook.nearest(SERVER, query(), EVERYWHERE)
    assert [match.song.post.message_id for match in page.matches] == [2, 3, 1]
    cosines = [match.cosine for match in page.matches]
    np.testing.assert_allclose(cosines, np.cos(np.radians([30, 50, 80])), atol=1e-6)
    assert page.more is False


async def test_the_search_finds_what_comparing_everything_finds(songbook: Songbook) -> None:
    angles = np.random.default_rng(1).uniform(15, 180, 60)
    await keep_at(songbook, angles.tolist())
    found = await numbers(songbook, limit=10)
    distinct = [int(number) + 1 for number in np.argsort(angles)]
    assert found[0] == distinct[0]
    assert found == sorted(found, key=lambda number: angles[number - 1])


async def test_an_empty_songbook_answers_with_an_empty_page(songbook: Songbook) -> None:
    page = await songbook.nearest(SERVER, query(), EVERYWHERE)
    assert (page.matches, page.more) == ((), False)


async def test_the_length_of_a_vector_does_not_matter(songbook: Songbook) -> None:
    loud = Query(MODEL, Sound(at_angle(0) * 1000))
    await keep_at(songbook, [30])
    (match,) = (await songbook.nearest(SERVER, loud, EVERYWHERE)).matches
    assert match.cosine == pytest.approx(np.cos(np.radians(30)), abs=1e-6)


async def test_similar_never_returns_the_song_asked_about(songbook: Songbook) -> None:
    song_ids = await keep_at(songbook, [10, 40, 80])
    about = await songbook.query_about(SERVER, song_ids[1], EVERYWHERE)
    assert await numbers(songbook, query=about) == [1, 3]


async def test_the_same_file_posted_elsewhere_is_no_answer(songbook: Songbook) -> None:
    await keep(songbook, post(1, content_hash=bytes([7] * 32)), heard(60))
    await keep(songbook, post(2), heard(70))
    assert await numbers(songbook, query=query(content_hash=bytes([7] * 32))) == [2]


async def test_the_same_song_in_another_encoding_is_no_answer(songbook: Songbook) -> None:
    await keep_at(songbook, [2, 40])
    assert await numbers(songbook) == [2]


async def test_copies_of_one_song_are_shown_once(songbook: Songbook) -> None:
    await keep_at(songbook, [40, 41, 42, 70])
    assert await numbers(songbook) == [1, 4]


async def test_copies_of_one_file_are_shown_once(songbook: Songbook) -> None:
    await keep(songbook, post(1, content_hash=bytes([7] * 32)), heard(40))
    await keep(songbook, post(2, content_hash=bytes([7] * 32)), heard(60))
    await keep(songbook, post(3), heard(80))
    assert await numbers(songbook) == [1, 3]


async def test_what_counts_as_the_same_song_is_an_option(
    database: Database, executor: Executor
) -> None:
    songbook = Songbook(database, MODEL, executor, SongbookOptions(same_song=0.99999))
    await keep_at(songbook, [40, 41, 42])
    assert await numbers(songbook) == [1, 2, 3]
    await songbook.close()


async def test_at_most_two_by_one_poster_on_a_page(songbook: Songbook) -> None:
    await keep_at(songbook, [20, 35, 50, 65], poster_id=7)
    await keep(songbook, post(9), heard(80))
    pages = [await numbers(songbook, limit=3, page=page) for page in range(3)]
    assert pages == [[1, 2, 9], [3, 4], []]


async def test_asking_for_one_poster_shows_more_than_two(songbook: Songbook) -> None:
    await keep_at(songbook, [20, 35, 50], poster_id=7)
    await keep(songbook, post(9), heard(80))
    assert await numbers(songbook, filters=Filters(poster_id=7)) == [1, 2, 3]


async def test_pages_follow_each_other_without_gap_or_repetition(songbook: Songbook) -> None:
    await keep_at(songbook, [float(angle) for angle in range(20, 180, 13)])
    shown: list[int] = []
    more, page = True, 0
    while more:
        answer = await songbook.nearest(SERVER, query(), EVERYWHERE, limit=5, page=page)
        shown += [match.song.post.message_id for match in answer.matches]
        more, page = answer.more, page + 1
    assert shown == list(range(1, 14))
    assert page == 3


# Filters and reach


async def test_filters_leave_only_what_was_asked_for(songbook: Songbook) -> None:
    await keep(songbook, post(1), heard(20, genre="jazz", tempo=90.0))
    await keep(songbook, post(2), heard(40, genre="rock", tempo=170.0))
    await keep(songbook, post(3), heard(60, genre=None, tempo=None))
    for filters, found in (
        (Filters(genre="jazz"), [1]),
        (Filters(genre="disco"), []),
        (Filters(poster_id=1003), [3]),
        (Filters(tempo_bpm=(90.0, 170.0)), [1, 2]),
        (Filters(tempo_bpm=(91.0, 200.0)), [2]),
        (Filters(genre="rock", tempo_bpm=(80.0, 100.0)), []),
    ):
        assert await numbers(songbook, filters=filters) == found


async def test_only_channels_that_the_asker_can_read_answer(songbook: Songbook) -> None:
    await keep(songbook, post(1, channel_id=OTHER_CHANNEL), heard(20))
    hidden = await keep(songbook, post(2, channel_id=99), heard(40))
    assert await numbers(songbook) == [1]
    assert await songbook.song(SERVER, hidden, EVERYWHERE) is None
    with pytest.raises(UnknownSongError):
        await songbook.query_about(SERVER, hidden, EVERYWHERE)
    assert [title.title for title in await songbook.titles(SERVER, "", EVERYWHERE)] == ["Song 1"]
    assert (await songbook.stats(SERVER, EVERYWHERE)).songs == 1
    assert len(await songbook.latest(SERVER, EVERYWHERE)) == 1


async def test_who_can_read_nothing_hears_nothing(songbook: Songbook) -> None:
    await keep_at(songbook, [20])
    nowhere = ReadableChannels(frozenset(), frozenset(), asked_in=CHANNEL)
    assert await numbers(songbook, reach=nowhere) == []


@pytest.mark.parametrize(("asked_in", "found"), [(CHANNEL, [1]), (ADULT_CHANNEL, [2, 1])])
async def test_age_restricted_channels_are_heard_of_only_in_such(
    songbook: Songbook, asked_in: int, found: list[int]
) -> None:
    await keep(songbook, post(1), heard(50))
    await keep(songbook, post(2, channel_id=ADULT_CHANNEL), heard(20))
    reach = ReadableChannels(
        frozenset({CHANNEL, ADULT_CHANNEL}), frozenset({ADULT_CHANNEL}), asked_in
    )
    assert await numbers(songbook, reach=reach) == found


async def test_no_question_reaches_into_another_server(
    songbook: Songbook, erasure: ErasureService
) -> None:
    song_id = await keep(songbook, post(1), heard(20))
    await keep(songbook, post(1, guild_id=OTHER_SERVER), heard(70))
    page = await songbook.nearest(OTHER_SERVER, query(), EVERYWHERE)
    assert [match.song.post.guild_id for match in page.matches] == [OTHER_SERVER]
    assert await songbook.song(OTHER_SERVER, song_id, EVERYWHERE) is None
    with pytest.raises(UnknownSongError):
        await songbook.query_about(OTHER_SERVER, song_id, EVERYWHERE)
    assert await songbook.forget_song(OTHER_SERVER, song_id) == 0
    assert await songs_of(erasure.erase_messages(OTHER_SERVER, [1])) == 1
    assert await numbers(songbook) == [1]


# Coming and going


@pytest.mark.parametrize("asked_before", [True, False])
async def test_songs_are_found_whether_or_not_the_server_was_asked_before(
    songbook: Songbook, asked_before: bool
) -> None:
    if asked_before:
        assert await numbers(songbook) == []
    await keep_at(songbook, [20, 40])
    assert await numbers(songbook) == [1, 2]


async def test_songs_remembered_and_forgotten_while_the_server_is_read(
    songbook: Songbook, database: Database, executor: Executor
) -> None:
    song_ids = await keep_at(songbook, [float(angle) for angle in range(20, 180, 13)])
    fresh = Songbook(database, MODEL, executor)
    asking = asyncio.create_task(numbers(fresh, limit=20))
    await asyncio.sleep(0)  # it has begun to read
    await fresh.forget_song(SERVER, song_ids[0])
    await keep(fresh, post(50), heard(20))
    await asking
    assert await numbers(fresh, limit=20) == [50, *range(2, 14)]
    await fresh.close()


@pytest.mark.parametrize(
    "way",
    [
        "song",
        "messages",
        "attachment",
        "channel",
        "channel deleted",
        "poster",
        "opt out",
        "member",
    ],
)
async def test_a_forgotten_song_is_not_found_again(
    songbook: Songbook, erasure: ErasureService, way: str
) -> None:
    song_id = await keep(songbook, post(1, channel_id=OTHER_CHANNEL), heard(20))
    await keep(songbook, post(2), heard(40))
    assert await numbers(songbook) == [1, 2]
    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "song": lambda: songbook.forget_song(SERVER, song_id),
        "messages": lambda: songs_of(erasure.erase_messages(SERVER, [1, 77])),
        "attachment": lambda: songbook.forget_attachment(SERVER, 1, 1),
        "channel": lambda: songbook.forget_channel_songs(SERVER, OTHER_CHANNEL),
        "channel deleted": lambda: songs_of(erasure.erase_channel(SERVER, OTHER_CHANNEL)),
        "poster": lambda: songbook.forget_poster(SERVER, 1001),
        "opt out": lambda: songbook.opt_out(SERVER, 1001),
        "member": lambda: songs_of(erasure.erase_member(1001)),
    }
    forget = ways[way]
    assert await forget() == 1
    assert await forget() == 0
    assert await numbers(songbook) == [2]


async def test_a_server_that_is_left_leaves_nothing_in_memory(
    songbook: Songbook, erasure: ErasureService
) -> None:
    await keep_at(songbook, [20, 40])
    await numbers(songbook)
    assert songbook.memory_bytes > 0
    assert await songs_of(erasure.erase_guild(SERVER)) == 2
    assert songbook.memory_bytes == 0
    assert await numbers(songbook) == []


async def test_many_songs_forgotten_give_their_memory_back(songbook: Songbook) -> None:
    await keep_at(songbook, [0.1 * number for number in range(200)], poster_id=7)
    await keep(songbook, post(500), heard(90))
    await numbers(songbook)
    before = songbook.memory_bytes
    await songbook.forget_poster(SERVER, 7)
    assert await numbers(songbook) == [500]
    assert songbook.memory_bytes < before / 5


async def test_old_songs_leave_every_server(database: Database, executor: Executor) -> None:
    clock = [NOW - timedelta(days=40)]
    songbook = Songbook(database, MODEL, executor, now=lambda: clock[0])
    await keep_at(songbook, [20])
    await keep(songbook, post(1, guild_id=OTHER_SERVER), heard(20))
    clock[0] = NOW
    await keep(songbook, post(2), heard(40))
    assert await numbers(songbook) == [1, 2]
    assert await songbook.forget_older_than(NOW - timedelta(days=30)) == 2
    assert await numbers(songbook) == [2]
    assert await numbers(songbook, OTHER_SERVER) == []
    await songbook.close()


async def test_who_opted_out_is_not_remembered_until_they_opt_in(songbook: Songbook) -> None:
    await songbook.opt_out(SERVER, 1001)
    assert await songbook.opted_out(SERVER, 1001)
    assert (await songbook.remember(post(1), heard(20))).outcome is Outcome.REFUSED
    assert await songbook.opt_in(SERVER, 1001)
    assert (await songbook.remember(post(1), heard(20))).outcome is Outcome.REMEMBERED
    assert (await songbook.remember(post(1), heard(20))).outcome is Outcome.KNOWN
    assert await numbers(songbook) == [1]


@pytest.mark.parametrize("way", ["messages", "attachment", "channel", "poster", "member", "server"])
async def test_a_song_deleted_while_it_is_heard_is_not_remembered(
    songbook: Songbook, erasure: ErasureService, way: str
) -> None:
    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "messages": lambda: songs_of(erasure.erase_messages(SERVER, [1])),
        "attachment": lambda: songbook.forget_attachment(SERVER, 1, 1),
        "channel": lambda: songs_of(erasure.erase_channel(SERVER, 5)),
        "poster": lambda: songbook.opt_out(SERVER, 1001),
        "member": lambda: songs_of(erasure.erase_member(1001)),
        "server": lambda: songs_of(erasure.erase_guild(SERVER)),
    }
    forget = ways[way]
    in_thread = post(1, channel_id=CHANNEL, parent_id=5)
    with songbook.expecting(in_thread), songbook.expecting(post(2, poster_id=3, guild_id=9)):
        assert await forget() == 0
        remembered = await songbook.remember(in_thread, heard(20))
        assert remembered.outcome is Outcome.FORGOTTEN
        other = await songbook.remember(post(2, poster_id=3, guild_id=9), heard(20))
        assert other.outcome is Outcome.REMEMBERED
    if way != "poster":
        assert (await songbook.remember(in_thread, heard(20))).outcome is Outcome.REMEMBERED


async def test_a_member_may_remember_again_what_they_forgot(
    songbook: Songbook, erasure: ErasureService
) -> None:
    await keep_at(songbook, [20])
    await erasure.erase_messages(SERVER, [1])
    with songbook.expecting(post(1)):
        assert (await songbook.remember(post(1), heard(20))).outcome is Outcome.REMEMBERED


async def test_two_members_at_once_are_both_answered(songbook: Songbook) -> None:
    await keep_at(songbook, [20, 40, 60])
    answers = await asyncio.gather(*(numbers(songbook) for _ in range(10)))
    assert answers == [[1, 2, 3]] * 10


async def test_searching_remembering_and_forgetting_at_once_stays_true(
    songbook: Songbook, database: Database, executor: Executor
) -> None:
    async def come_and_go(first: int) -> None:
        for number in range(first, first + 30):
            song_id = await keep(songbook, post(number), heard(20 + number % 150))
            if number % 2:
                await songbook.forget_song(SERVER, song_id)

    async def ask() -> None:
        for _ in range(30):
            await numbers(songbook, limit=50)

    await asyncio.gather(come_and_go(100), come_and_go(200), ask(), ask())
    reread = Songbook(database, MODEL, executor)
    assert await numbers(songbook, limit=50) == await numbers(reread, limit=50)
    await reread.close()


async def test_a_cancelled_change_leaves_memory_and_database_the_same(
    songbook: Songbook, database: Database, executor: Executor
) -> None:
    await numbers(songbook)
    for turn, angle in enumerate(range(20, 180, 13)):
        task = asyncio.create_task(keep(songbook, post(turn), heard(angle)))
        for _ in range(turn):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.wait([task])
    fresh = Songbook(database, MODEL, executor)
    assert await numbers(songbook, limit=20) == await numbers(fresh, limit=20)
    await fresh.close()


# Models


async def test_vectors_of_another_model_are_never_compared(songbook: Songbook) -> None:
    old = await keep(songbook, post(1), heard(20, model="ear-0"))
    await keep(songbook, post(2), heard(40))
    assert await numbers(songbook) == [2]
    with pytest.raises(AnotherModelError):
        await songbook.nearest(SERVER, Query("ear-0", Sound(at_angle(0))), EVERYWHERE)
    with pytest.raises(AnotherModelError) as error:
        await songbook.query_about(SERVER, old, EVERYWHERE)
    assert (error.value.found, error.value.expected) == ("ear-0", MODEL)


async def waiting(songbook: Songbook) -> list[Song]:
    return list(await songbook.waiting_to_be_heard_again())


async def test_a_song_heard_again_is_found_again(songbook: Songbook) -> None:
    await keep(songbook, post(1), heard(20, model="ear-0"))
    assert await numbers(songbook) == []
    (song,) = await waiting(songbook)
    assert await songbook.hear_again(song, heard(30))
    assert await numbers(songbook) == [1]
    assert await waiting(songbook) == []


async def test_a_song_forgotten_before_it_is_heard_again_stays_forgotten(
    songbook: Songbook,
) -> None:
    await keep(songbook, post(1), heard(20, model="ear-0"))
    (song,) = await waiting(songbook)
    await songbook.forget_song(SERVER, song.song_id)
    assert await songbook.hear_again(song, heard(30)) is False
    assert await numbers(songbook) == []


async def test_a_song_whose_message_is_gone_vanishes_quietly(songbook: Songbook) -> None:
    song_ids = await keep_at(songbook, [20, 40])
    assert await numbers(songbook) == [1, 2]
    assert await songbook.mark_gone(SERVER, song_ids[0])
    assert await numbers(songbook) == [2]


# Memory and likeness


async def test_servers_asked_long_ago_leave_memory(database: Database, executor: Executor) -> None:
    limit = 20_000
    songbook = Songbook(database, MODEL, executor, SongbookOptions(memory_bytes=limit))
    for guild_id in range(1, 21):
        for number in range(20):
            await keep(songbook, post(number, guild_id=guild_id), heard(20 + 5 * number))
    for guild_id in range(1, 21):
        assert len(await numbers(songbook, guild_id)) == 5
        assert songbook.memory_bytes <= limit
    assert len(await numbers(songbook, 1)) == 5
    await songbook.close()


async def test_one_server_larger_than_the_limit_is_still_answered(
    database: Database, executor: Executor
) -> None:
    songbook = Songbook(database, MODEL, executor, SongbookOptions(memory_bytes=1))
    await keep_at(songbook, [20, 40])
    assert await numbers(songbook) == [1, 2]
    await songbook.close()


async def test_the_likening_is_asked_about_the_songs_of_the_page(
    database: Database, executor: Executor
) -> None:
    def by_tempo(asked: Sound, others: Sequence[Sound]) -> list[SimilarityParts]:
        assert asked.vector.shape == (8,)
        return [SimilarityParts(other.tempo_bpm or 0, {"timbre": 1.0}) for other in others]

    songbook = Songbook(database, MODEL, executor, SongbookOptions(explain=by_tempo))
    await keep(songbook, post(1), heard(20, tempo=90.0))
    await keep(songbook, post(2), heard(40, tempo=80.0))
    page = await songbook.nearest(SERVER, query(), EVERYWHERE)
    assert [match.likeness for match in page.matches] == [
        SimilarityParts(90.0, {"timbre": 1.0}),
        SimilarityParts(80.0, {"timbre": 1.0}),
    ]
    await songbook.close()


async def test_a_hearing_becomes_a_remembered_song(songbook: Songbook) -> None:
    hearing = Hearing(
        genres={"rock": 0.8, "pop": 0.2},
        genre="rock",
        vector=at_angle(20),
        timeline=np.ones((1, 1), np.float32),
        starts=(0.0,),
        mel=np.zeros((1, 1), np.float32),
        seconds=90.0,
        model=MODEL,
        rhythm=Rhythm(128.0, 2.0, 0.2, 0.1, 0.0, (), (), (), np.zeros(16, np.float32)),
    )
    listening = heard_from(hearing)
    song_id = await keep(songbook, post(1), listening)
    song = await songbook.song(SERVER, song_id, EVERYWHERE)
    assert song is not None
    assert (song.traits.genres, song.traits.tempo_bpm) == ({"rock": 0.8, "pop": 0.2}, 128.0)
    assert await numbers(songbook, query=Query.of(heard(0))) == [1]
