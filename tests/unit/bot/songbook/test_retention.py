"""How long songs and lessons are kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from bot.retrieval.vectors import VectorCache
from bot.songbook.service import Songbook
from bot.songbook.sync import Retention
from storage.database import Database
from storage.lessons import Jobs
from storage.songs import Songs
from tests.unit.storage import MODEL, NOW, POST, SERVER, heard, post
from tests.unit.storage.lessons import MEMBER, taught


@pytest.mark.parametrize(("keep_days", "left"), [(0, 2), (30, 1), (365, 2)])
async def test_songs_are_forgotten_after_the_days_that_the_host_set(
    database: Database, keep_days: int, left: int
) -> None:
    time = NOW

    def now() -> datetime:
        return time

    with ThreadPoolExecutor(1) as executor:
        songbook = Songbook(database, VectorCache(Songs(database), MODEL, 1, executor), now)
        await songbook.remember(post(1), heard(1))
        time = NOW + timedelta(days=31)
        await songbook.remember(post(2), heard(2))
        assert await Retention(songbook, database, keep_days, now).sweep() == 2 - left
        assert len(await Songs(database).by_poster(SERVER, POST.poster_id)) == left
        await database.check()


async def test_lessons_are_forgotten_a_month_after_they_ended(database: Database) -> None:
    time = NOW
    with ThreadPoolExecutor(1) as executor:
        songbook = Songbook(database, VectorCache(Songs(database), MODEL, 1, executor))
        retention = Retention(songbook, database, 0, lambda: time)
        await taught(database)
        for days, left in ((29, 1), (31, 0)):
            time = NOW + timedelta(days=days)
            await retention.sweep()
            assert len(await Jobs(database).of_member(MEMBER)) == left
