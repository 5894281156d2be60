from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.portraits import UNDO_TIME, Icons
from tests.unit.storage import NOW, OTHER_SERVER, SERVER


class Clock:
    def __init__(self) -> None:
        self.time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def icons(database: Database, clock: Clock) -> Icons:
    return Icons(database, now=clock)


async def test_an_old_icon_can_be_found_again(icons: Icons) -> None:
    change = await icons.changed(SERVER, 3, new_icon="new", old_icon=b"old")
    assert await icons.change(SERVER, change.change_id) == change
    assert (change.old_icon, change.new_icon, change.changed_at) == (b"old", "new", NOW)
    assert await icons.change(OTHER_SERVER, change.change_id) is None


async def test_a_server_without_an_icon_gets_none_back(icons: Icons) -> None:
    change = await icons.changed(SERVER, 3, new_icon="new", old_icon=None)
    assert change.old_icon is None


async def test_what_was_undone_or_is_too_old_is_forgotten(icons: Icons, clock: Clock) -> None:
    undone = await icons.changed(SERVER, 3, new_icon="a", old_icon=b"old")
    await icons.forget_change(SERVER, undone.change_id)
    assert await icons.change(SERVER, undone.change_id) is None
    change = await icons.changed(SERVER, 3, new_icon="b", old_icon=b"old")
    clock.time += UNDO_TIME - timedelta(seconds=1)
    await icons.forget_old()
    assert await icons.change(SERVER, change.change_id) == change
    clock.time += timedelta(seconds=1)
    assert await icons.change(SERVER, change.change_id) is None


async def test_old_icons_leave_the_database(icons: Icons, clock: Clock, database: Database) -> None:
    await icons.changed(SERVER, 3, new_icon="a", old_icon=b"old")
    clock.time += UNDO_TIME
    await icons.forget_old()
    assert await database.rows("SELECT 1 FROM icon_changes") == []
