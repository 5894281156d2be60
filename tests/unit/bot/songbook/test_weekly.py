"""When weekly cards are due, and what they show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.songbook.taste import TasteService
from bot.songbook.weekly import SONGS_LISTED, WEEK, WeeklyService, next_card
from storage.channels import WeeklyCards
from storage.database import Database, SqliteDatabase
from storage.members import Ratings, TasteSharing
from storage.song_queries import SongFactsList, SongStatistics
from tests.helpers.databases import migrated_file
from tests.unit.bot.songbook.factories import (
    EVERYWHERE,
    SERVER,
    Book,
    heard,
    keep,
    open_book,
    post,
)

MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A weekly service with a clock that the tests turn."""

    book: Book
    database: Database
    now: datetime = MONDAY - timedelta(days=3)

    @property
    def weekly(self) -> WeeklyService:
        """A service as it is after a start."""
        book, songs = self.book, self.book.songs
        sharing = TasteSharing(self.database)
        statistics, facts = SongStatistics(self.database), SongFactsList(self.database)
        tastes = TasteService(songs, statistics, facts, book.cache, sharing)
        return WeeklyService(
            WeeklyCards(self.database),
            songs,
            Ratings(self.database),
            book.cache,
            book.maps,
            tastes,
            lambda: self.now,
        )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with ThreadPoolExecutor(1) as executor:
        async with (
            SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database,
            open_book(database, executor) as book,
        ):
            yield Desk(book, database)


def days(count: float) -> datetime:
    return MONDAY - timedelta(days=count)


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (MONDAY - timedelta(seconds=1), MONDAY),
        (MONDAY, MONDAY + WEEK),
        (MONDAY + timedelta(days=6), MONDAY + WEEK),
    ],
)
def test_cards_are_due_on_mondays_at_noon(after: datetime, due: datetime) -> None:
    assert next_card(after) == due


async def test_a_card_is_due_once_whatever_restarts(desk: Desk) -> None:
    assert await desk.weekly.switch_on(SERVER, 10, by=3) == MONDAY
    assert await desk.weekly.due() == ()
    desk.now = MONDAY + timedelta(minutes=5)
    (card,) = await desk.weekly.due()
    claimed = [await desk.weekly.claim(card) for _ in range(3)]  # three processes, or starts
    assert claimed == [True, False, False]
    assert await desk.weekly.due() == ()
    desk.now += WEEK
    (following,) = await desk.weekly.due()
    assert following.due_at == MONDAY + WEEK


async def test_weeks_that_the_bot_slept_through_are_not_made_up_for(desk: Desk) -> None:
    await desk.weekly.switch_on(SERVER, 10, by=3)
    desk.now = MONDAY + 3 * WEEK + timedelta(days=3)
    (card,) = await desk.weekly.due()
    assert await desk.weekly.claim(card) is False
    assert await desk.weekly.due() == ()


async def test_switched_off_is_off(desk: Desk) -> None:
    await desk.weekly.switch_on(SERVER, 10, by=3)
    assert await desk.weekly.switch_off(SERVER) is True
    assert await desk.weekly.switch_off(SERVER) is False
    desk.now = MONDAY + WEEK
    assert await desk.weekly.due() == ()


async def test_a_card_shows_the_week_s_songs_each_recording_once(desk: Desk) -> None:
    book = desk.book
    await keep(book, post(1, posted_at=days(8)), heard(0))
    await keep(book, post(2, posted_at=days(6), poster_id=5), heard(40))
    await keep(book, post(3, posted_at=days(2), poster_id=6), heard(41))  # the same recording
    await keep(book, post(4, posted_at=days(1), poster_id=6), heard(80))
    await keep(book, post(5, posted_at=days(1), channel_id=99), heard(120))
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    assert [song.post.message_id for song in digest.songs] == [4, 2]
    assert (digest.count, digest.members, digest.map.songs) == (2, 2, 3)


async def test_a_week_without_songs_has_no_card(desk: Desk) -> None:
    await keep(desk.book, post(1, posted_at=days(8)), heard(0))
    assert await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY) is None


async def test_a_busy_week_lists_some_and_counts_all(desk: Desk) -> None:
    for number in range(SONGS_LISTED + 3):
        await keep(desk.book, post(number, posted_at=days(1)), heard(12.0 * number))
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    assert (len(digest.songs), digest.count) == (SONGS_LISTED, SONGS_LISTED + 3)


@pytest.mark.parametrize("agreed", [True, False])
async def test_whose_taste_moved_is_named_only_where_they_agreed(desk: Desk, agreed: bool) -> None:
    book = desk.book
    for number, degrees in enumerate((0, 12, 24)):
        await keep(book, post(number, posted_at=days(40), poster_id=7), heard(degrees))
    await keep(book, post(8, posted_at=days(1), poster_id=7), heard(110))
    await keep(book, post(9, posted_at=days(1), poster_id=8), heard(150))
    await TasteSharing(desk.database).share(SERVER, 7, shared=agreed)
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    if agreed:
        assert digest.moved is not None
        assert (digest.moved.member_id, digest.moved.song.post.message_id) == (7, 8)
    else:
        assert digest.moved is None


async def test_of_a_member_with_two_songs_before_nobody_says_that_their_taste_moved(
    desk: Desk,
) -> None:
    for number, degrees in enumerate((0, 20)):
        given = post(number, posted_at=days(40), poster_id=7)
        await keep(desk.book, given, heard(degrees))
    await keep(desk.book, post(8, posted_at=days(1), poster_id=7), heard(110))
    await TasteSharing(desk.database).share(SERVER, 7, shared=True)
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    assert digest.moved is None


async def test_an_old_song_that_fits_the_week_is_worth_another_listen(desk: Desk) -> None:
    book = desk.book
    await keep(book, post(1, posted_at=days(50)), heard(70))
    near = await keep(book, post(2, posted_at=days(60)), heard(20))
    await keep(book, post(3, posted_at=days(10)), heard(-19))  # nearer, but not old enough
    await keep(book, post(4, posted_at=days(1)), heard(0))
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    assert digest.again is not None
    assert digest.again.song_id == near


async def test_thumbs_up_make_a_song_more_worth_another_listen(desk: Desk) -> None:
    book, ratings = desk.book, Ratings(desk.database)
    liked = await keep(book, post(1, posted_at=days(50)), heard(40))
    await keep(book, post(2, posted_at=days(60)), heard(20))
    new = await keep(book, post(4, posted_at=days(1)), heard(0))
    for member in range(5):
        await ratings.rate(SERVER, member, liked, new, liked=True, model="ear-1", shares={})
    digest = await desk.weekly.digest(SERVER, EVERYWHERE, MONDAY)
    assert digest is not None
    assert digest.again is not None
    assert digest.again.song_id == liked
