from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import backup, restore
from storage.database import Database
from storage.errors import Damaged, Locked, NewerSchema
from storage.songs import Songs
from tests.storage import SERVER, heard, post


@pytest.fixture
def copy_path(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


async def write(path: Path, *numbers: int) -> None:
    async with Database.open(path) as database:
        for number in numbers:
            await Songs(database).remember(post(number), heard(number))


def spoil(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def messages(path: Path) -> list[int]:
    async with Database.open(path) as database:
        await database.check()
        songs = await Songs(database).latest(SERVER, [10], limit=10_000)
    return sorted(song.post.message_id for song in songs)


async def test_a_backup_is_one_file_with_everything(path: Path, copy_path: Path) -> None:
    await write(path, 1, 2, 3)
    await backup(path, copy_path)
    assert sorted(found.name for found in path.parent.iterdir()) == ["copy.db", "usamimi.db"]
    assert await messages(copy_path) == [1, 2, 3]


async def test_a_backup_while_songs_come_in_is_whole_and_stops_nobody(
    path: Path, copy_path: Path
) -> None:
    async with Database.open(path) as database:
        songs = Songs(database)
        for number in range(200):
            await songs.remember(post(number), heard(number))
        copying = asyncio.create_task(backup(path, copy_path))
        number = 200
        while not copying.done():
            await songs.remember(post(number), heard(number))
            number += 1
        await copying
    copied = await messages(copy_path)
    assert copied == list(range(len(copied)))
    assert 200 <= len(copied) <= number
    assert await messages(path) == list(range(number))


async def test_a_backup_replaces_an_earlier_one(path: Path, copy_path: Path) -> None:
    spoil(copy_path, b"yesterday's")
    await write(path, 1)
    await backup(path, copy_path)
    assert await messages(copy_path) == [1]


async def test_a_backup_of_nothing_makes_nothing(path: Path, copy_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await backup(path, copy_path)
    assert list(path.parent.iterdir()) == []


async def test_restoring_brings_back_what_was(path: Path, copy_path: Path) -> None:
    await write(path, 1, 2)
    await backup(path, copy_path)
    await write(path, 3)
    await restore(copy_path, path)
    assert await messages(path) == [1, 2]


async def test_restoring_on_a_new_machine_needs_no_database(path: Path, copy_path: Path) -> None:
    await write(path, 1)
    await backup(path, copy_path)
    await restore(copy_path, path.with_name("new.db"))
    assert await messages(path.with_name("new.db")) == [1]


async def test_restoring_under_a_running_bot_is_refused(path: Path, copy_path: Path) -> None:
    await write(path, 1)
    await backup(path, copy_path)
    async with Database.open(path) as database:
        await Songs(database).remember(post(2), heard(2))
        with pytest.raises(Locked):
            await restore(copy_path, path)
    assert await messages(path) == [1, 2]
    assert list(path.parent.glob("*.partial")) == []


async def test_a_damaged_database_can_be_restored_with_no_leftovers(
    path: Path, copy_path: Path
) -> None:
    await write(path, 1)
    await backup(path, copy_path)
    spoil(path, b"no database at all" * 500)
    spoil(path.with_name(f"{path.name}-wal"), b"a stale journal")
    await restore(copy_path, path)
    assert await messages(path) == [1]


@pytest.mark.parametrize("content", [b"", b"a song" * 2000])
async def test_what_is_no_backup_is_refused_and_the_database_stays(
    path: Path, copy_path: Path, content: bytes
) -> None:
    await write(path, 1)
    spoil(copy_path, content)
    with pytest.raises(Damaged) as error:
        await restore(copy_path, path)
    assert error.value.path == copy_path
    assert await messages(path) == [1]


async def test_a_backup_of_a_later_version_is_refused(path: Path, copy_path: Path) -> None:
    await write(path, 1)
    await backup(path, copy_path)
    with closing(sqlite3.connect(copy_path)) as later_version:
        later_version.execute("PRAGMA user_version = 999")
    with pytest.raises(NewerSchema):
        await restore(copy_path, path)
    assert await messages(path) == [1]
