from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import pytest

from bot.songbook.values import (
    Closeness,
    Filters,
    Query,
    ReadableChannels,
    UnknownSongError,
)
from ml.music.hearing import SimilarityScale
from storage.database import Database
from tests.unit.bot.songbook.factories import (
    ADULT_CHANNEL,
    CHANNEL,
    EVERYWHERE,
    MODEL,
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

# What is found


async def test_the_nearest_come_first_with_their_cosines(book: Book) -> None:
    await keep_at(book, [80, 30, 50])
    page = await book.search.nearest(SERVER, query(), EVERYWHERE)
    assert [match.song.post.message_id for match in page.matches] == [2, 3, 1]
    cosines = [match.parts.shares["timbre"] for match in page.matches]
    np.testing.assert_allclose(cosines, np.cos(np.radians([30, 50, 80])), atol=1e-6)
    assert (page.pages, page.alike, page.compared) == (1, 3, 3)


async def test_the_search_finds_what_comparing_everything_finds(book: Book) -> None:
    angles = np.random.default_rng(1).uniform(15, 180, 60)
    await keep_at(book, angles.tolist())
    found = await numbers(book, limit=10)
    distinct = [int(number) + 1 for number in np.argsort(angles)]
    assert found[0] == distinct[0]
    assert found == sorted(found, key=lambda number: angles[number - 1])


async def test_an_empty_songbook_answers_with_an_empty_page(book: Book) -> None:
    page = await book.search.nearest(SERVER, query(), EVERYWHERE)
    assert (page.matches, page.more, page.compared) == ((), False, 0)


async def test_the_length_of_a_vector_does_not_matter(book: Book) -> None:
    loud = Query(MODEL, at_angle(0)[np.newaxis] * 1000)
    await keep_at(book, [30])
    (match,) = (await book.search.nearest(SERVER, loud, EVERYWHERE)).matches
    assert match.parts.shares["timbre"] == pytest.approx(np.cos(np.radians(30)), abs=1e-6)


async def test_similar_never_returns_the_song_asked_about(book: Book) -> None:
    song_ids = await keep_at(book, [10, 40, 80])
    about = await book.search.query_about(SERVER, song_ids[1], EVERYWHERE)
    assert await numbers(book, query=about) == [1, 3]


async def test_the_same_file_posted_elsewhere_is_no_answer(book: Book) -> None:
    await keep(book, post(1, content_hash=bytes([7] * 32)), heard(60))
    await keep(book, post(2), heard(70))
    assert await numbers(book, query=query(content_hash=bytes([7] * 32))) == [2]


async def test_the_same_song_in_another_encoding_is_no_answer(book: Book) -> None:
    await keep_at(book, [2, 40])
    assert await numbers(book) == [2]


async def test_copies_of_one_song_are_shown_once(book: Book) -> None:
    await keep_at(book, [40, 41, 42, 70])
    assert await numbers(book) == [1, 4]


async def test_copies_of_one_file_are_shown_once(book: Book) -> None:
    await keep(book, post(1, content_hash=bytes([7] * 32)), heard(40))
    await keep(book, post(2, content_hash=bytes([7] * 32)), heard(60))
    await keep(book, post(3), heard(80))
    assert await numbers(book) == [1, 3]


async def test_what_counts_as_the_same_song_is_an_option(
    database: Database, executor: Executor
) -> None:
    async with open_book(database, executor, same_song=0.99999) as book:
        await keep_at(book, [40, 41, 42])
        assert await numbers(book) == [1, 2, 3]


async def test_at_most_two_by_one_poster_on_a_page(book: Book) -> None:
    await keep_at(book, [20, 35, 50, 65], poster_id=7)
    await keep(book, post(9), heard(80))
    pages = [await numbers(book, limit=3, page=page) for page in range(3)]
    assert pages == [[1, 2, 9], [3, 4], []]


async def test_a_page_is_filled_even_where_one_member_posted_everything(book: Book) -> None:
    await keep_at(book, [20, 35, 50, 65, 80], poster_id=7)
    assert [await numbers(book, limit=3, page=page) for page in (0, 1)] == [[1, 2, 3], [4, 5]]


async def test_asking_for_one_poster_shows_more_than_two(book: Book) -> None:
    await keep_at(book, [20, 35, 50], poster_id=7)
    await keep(book, post(9), heard(80))
    assert await numbers(book, filters=Filters(poster_id=7)) == [1, 2, 3]


async def test_pages_follow_each_other_without_gap_or_repetition(book: Book) -> None:
    await keep_at(book, [float(angle) for angle in range(20, 180, 13)])
    shown: list[int] = []
    more, page = True, 0
    while more:
        answer = await book.search.nearest(SERVER, query(), EVERYWHERE, limit=5, page=page)
        shown += [match.song.post.message_id for match in answer.matches]
        more, page = answer.more, page + 1
    assert shown == list(range(1, 14))
    assert page == 3


# Filters and reach


async def test_filters_leave_only_what_was_asked_for(book: Book) -> None:
    await keep(book, post(1), heard(20, genre="jazz", tempo=90.0))
    await keep(book, post(2), heard(40, genre="rock", tempo=170.0))
    await keep(book, post(3), heard(60, genre=None, tempo=None))
    for filters, found in (
        (Filters(genre="jazz"), [1]),
        (Filters(genre="disco"), []),
        (Filters(poster_id=1003), [3]),
        (Filters(tempo_bpm=(90.0, 170.0)), [1, 2]),
        (Filters(tempo_bpm=(91.0, 200.0)), [2]),
        (Filters(genre="rock"), [2, 3]),  # of the last it is only the likeliest
        (Filters(genre="rock", tempo_bpm=(80.0, 100.0)), []),
    ):
        assert await numbers(book, filters=filters) == found


async def test_only_channels_that_the_asker_can_read_answer(book: Book) -> None:
    await keep(book, post(1, channel_id=OTHER_CHANNEL), heard(20))
    hidden = await keep(book, post(2, channel_id=99), heard(40))
    assert await numbers(book) == [1]
    with pytest.raises(UnknownSongError):
        await book.search.query_about(SERVER, hidden, EVERYWHERE)
    assert [
        title.title for title in await book.titles.matching(SERVER, "", EVERYWHERE.channels)
    ] == ["Song 1"]
    assert (await book.songbook.statistics.of(SERVER, EVERYWHERE.channels)).songs == 1
    assert len(await book.songs.latest(SERVER, EVERYWHERE.channels)) == 1


async def test_who_can_read_nothing_hears_nothing(book: Book) -> None:
    await keep_at(book, [20])
    nowhere = ReadableChannels(frozenset(), frozenset(), asked_in=CHANNEL)
    assert await numbers(book, reach=nowhere) == []


@pytest.mark.parametrize(("asked_in", "found"), [(CHANNEL, [1]), (ADULT_CHANNEL, [2, 1])])
async def test_age_restricted_channels_are_heard_of_only_in_such(
    book: Book, asked_in: int, found: list[int]
) -> None:
    await keep(book, post(1), heard(50))
    await keep(book, post(2, channel_id=ADULT_CHANNEL), heard(20))
    reach = ReadableChannels(
        frozenset({CHANNEL, ADULT_CHANNEL}), frozenset({ADULT_CHANNEL}), asked_in
    )
    assert await numbers(book, reach=reach) == found


async def test_no_question_reaches_into_another_server(book: Book) -> None:
    song_id = await keep(book, post(1), heard(20))
    await keep(book, post(1, guild_id=OTHER_SERVER), heard(70))
    page = await book.search.nearest(OTHER_SERVER, query(), EVERYWHERE)
    assert [match.song.post.guild_id for match in page.matches] == [OTHER_SERVER]
    assert await book.songs.song(OTHER_SERVER, song_id) is None
    with pytest.raises(UnknownSongError):
        await book.search.query_about(OTHER_SERVER, song_id, EVERYWHERE)
    assert await book.songbook.forget_song(OTHER_SERVER, song_id) == 0
    assert await songs_erased(book.erasure.erase_messages(OTHER_SERVER, [1])) == 1
    assert await numbers(book) == [1]


# Explanation and ranks


async def test_each_match_is_explained_by_its_own_vector(book: Book) -> None:
    await keep_at(book, [20, 40])
    page = await book.search.nearest(SERVER, query(), EVERYWHERE)
    for match, degrees in zip(page.matches, (20, 40), strict=True):
        assert match.parts.cosines["timbre"] == pytest.approx(np.cos(np.radians(degrees)), abs=1e-6)


@pytest.mark.parametrize(
    ("degrees", "word"),
    [
        (15, Closeness.VERY_CLOSE),
        (40, Closeness.CLOSE),
        (50, Closeness.RELATED),
        (85, Closeness.DISTANT),
    ],
)
async def test_how_alike_two_songs_are_is_a_word(
    database: Database, executor: Executor, degrees: float, word: Closeness
) -> None:
    scale = SimilarityScale(slope=10.0, offset=-7.0)  # even odds at a cosine of 0.7
    async with open_book(database, executor, scale=scale) as book:
        await keep_at(book, [degrees])
        (match,) = (await book.search.nearest(SERVER, query(), EVERYWHERE)).matches
    assert match.closeness is word


async def test_ranks_go_on_and_end_where_likeness_ends(
    database: Database, executor: Executor
) -> None:
    scale = SimilarityScale(slope=10.0, offset=-7.0)
    async with open_book(database, executor, scale=scale) as book:
        await keep_at(book, [12, 24, 36, 48, 70, 90])
        pages = [
            await book.search.nearest(SERVER, query(), EVERYWHERE, limit=3, page=number)
            for number in (0, 1)
        ]
    assert [len(page.matches) for page in pages] == [3, 1]
    assert [page.first for page in pages] == [1, 4]
    assert [(page.pages, page.alike, page.compared) for page in pages] == [(2, 4, 6)] * 2


async def test_songs_like_several_lie_between_them(book: Book) -> None:
    ids = await keep_at(book, [0, 60, 29, 100])
    asked = Query.joined(
        [await book.search.query_about(SERVER, song_id, EVERYWHERE) for song_id in ids[:2]]
    )
    assert await numbers(book, query=asked) == [3, 4]


async def test_a_song_is_as_close_to_several_as_to_each_of_them_on_average(
    database: Database, executor: Executor
) -> None:
    scale = SimilarityScale(slope=10.0, offset=-7.0)
    async with open_book(database, executor, scale=scale) as book:
        ids = await keep_at(book, [0, 90, 45])
        about = [await book.search.query_about(SERVER, each, EVERYWHERE) for each in ids[:2]]
        page = await book.search.nearest(SERVER, Query.joined(about), EVERYWHERE)
    (match,) = page.matches
    assert match.parts.cosines["timbre"] == pytest.approx(np.cos(np.radians(45)), abs=1e-6)
    assert match.closeness is Closeness.CLOSE, "right between both, but very close to neither"


@pytest.mark.parametrize(
    ("asked", "other", "ratio"), [(85, 170, 2.0), (120, 120, 1.0), (None, 120, None)]
)
async def test_tempos_are_compared_where_both_have_one(
    book: Book, asked: float | None, other: float | None, ratio: float | None
) -> None:
    await keep(book, post(1), heard(30, tempo=other))
    about = Query(MODEL, at_angle(0)[np.newaxis], tempo_bpm=asked)
    (match,) = (await book.search.nearest(SERVER, about, EVERYWHERE)).matches
    assert match.tempo_ratio == ratio
