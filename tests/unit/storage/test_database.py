from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from storage.database import Database, SqliteDatabase
from storage.errors import (
    DatabaseDamagedError,
    DatabaseLockedError,
    DatabaseReadOnlyError,
    DatabaseUnavailableError,
    DiskFullError,
    NewerSchemaError,
    StorageError,
)
from storage.migrations import MIGRATIONS
from storage.songs import Songs
from tests.unit.storage import SERVER, heard, post


async def watched(database: Database) -> list[int]:
    rows = await database.rows("SELECT channel_id FROM watched_channels ORDER BY channel_id")
    return [channel_id for (channel_id,) in rows]


WATCH = """INSERT INTO watched_channels (guild_id, channel_id, watched_since, watched_by)
    VALUES (1, ?, 0, 0)"""


async def watch_and_fail(database: Database, channel_id: int) -> None:
    async with database.transaction() as tx:
        await tx.rows(WATCH, (channel_id,))
        await asyncio.sleep(0.01)
        raise ZeroDivisionError


async def fill_the_disk(database: SqliteDatabase) -> None:
    async with database.transaction() as tx:
        await tx.rows("PRAGMA max_page_count = 1")
        await tx.rows("CREATE TABLE large (content BLOB)")
        await tx.rows("INSERT INTO large VALUES (zeroblob(1000000))")


def spoil(path: Path, last_bytes: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-last_bytes] + os.urandom(last_bytes))


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


async def test_what_is_committed_is_there_after_opening_again(path: Path) -> None:
    async with SqliteDatabase.open(path) as database, database.transaction() as tx:
        await tx.rows(WATCH, (5,))
    async with SqliteDatabase.open(path) as database:
        assert await watched(database) == [5]


async def test_the_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    async with SqliteDatabase.open(tmp_path / "new" / "folder" / "usamimi.db") as database:
        await database.check()


async def test_an_exception_undoes_the_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await watch_and_fail(database, 5)
    assert await watched(database) == []


async def test_a_cancelled_transaction_is_undone_and_the_next_goes_on(database: Database) -> None:
    begun = asyncio.Event()

    async def half_done() -> None:
        async with database.transaction() as tx:
            await tx.rows(WATCH, (5,))
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(half_done())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as tx:
        await tx.rows(WATCH, (6,))
    assert await watched(database) == [6]


async def test_cancelling_at_any_moment_leaves_all_or_nothing(database: Database) -> None:
    async def both(channel_id: int) -> None:
        async with database.transaction() as tx:
            await tx.rows(WATCH, (channel_id,))
            await tx.rows(WATCH, (channel_id + 1000,))

    for channel_id in range(100):
        task = asyncio.create_task(both(channel_id))
        for _ in range(channel_id % 12):
            await asyncio.sleep(0.0001)
        task.cancel()
        await asyncio.wait([task])
    channels = set(await watched(database))
    assert {c + 1000 for c in channels if c < 1000} == {c for c in channels if c >= 1000}


async def test_two_writers_at_once_take_turns(database: Database) -> None:
    async def add_ten(first: int) -> None:
        for channel_id in range(first, first + 10):
            async with database.transaction() as tx:
                await tx.rows(WATCH, (channel_id,))
                await asyncio.sleep(0)

    await asyncio.gather(add_ten(0), add_ten(100))
    assert await watched(database) == [*range(10), *range(100, 110)]


async def test_one_writers_failure_does_not_undo_or_commit_another(database: Database) -> None:
    async def succeeds() -> None:
        async with database.transaction() as tx:
            await tx.rows(WATCH, (2,))

    await asyncio.gather(watch_and_fail(database, 1), succeeds(), return_exceptions=True)
    assert await watched(database) == [2]


async def test_a_read_neither_waits_for_a_write_nor_sees_it_half_done(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.rows(WATCH, (5,))
        assert await asyncio.wait_for(watched(database), timeout=5) == []
    assert await watched(database) == [5]


async def test_reads_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseReadOnlyError):
        await database.rows(WATCH, (5,))


async def test_a_transaction_is_of_no_use_after_its_end(database: Database) -> None:
    async with database.transaction() as tx:
        pass
    with pytest.raises(RuntimeError):
        await tx.rows(WATCH, (5,))


async def test_a_broken_reference_is_refused(database: Database) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)):
        async with database.transaction() as tx:
            await tx.rows("INSERT INTO vectors VALUES (1, ?)", (b"",))


async def test_a_database_held_by_another_program_is_locked(path: Path) -> None:
    async with SqliteDatabase.open(path, busy_seconds=0.05) as database:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLockedError) as error:
            async with database.transaction():
                pass
        other.close()
        assert error.value.path == path
        async with database.transaction() as tx:
            await tx.rows(WATCH, (5,))


async def test_a_full_disk_is_named_and_what_was_there_stays(sqlite: SqliteDatabase) -> None:
    songs = Songs(sqlite)
    await songs.remember(post(1), heard(1))
    with pytest.raises(DiskFullError) as error:
        await fill_the_disk(sqlite)
    assert error.value.free_bytes is not None
    assert len(await songs.posted_with(SERVER, 1)) == 1


async def test_a_file_that_is_no_database_is_damaged(path: Path) -> None:
    path.write_bytes(b"this is a song, not a database" * 100)  # noqa: ASYNC240 - a test waits
    with pytest.raises(DatabaseDamagedError) as error:
        async with SqliteDatabase.open(path):
            pass
    assert error.value.path == path


async def test_a_damaged_page_is_found_by_the_check(path: Path) -> None:
    async with SqliteDatabase.open(path) as database:
        for number in range(50):
            await Songs(database).remember(post(number), heard(number))
    spoil(path, last_bytes=3 * 4096)
    async with SqliteDatabase.open(path) as database:
        with pytest.raises(DatabaseDamagedError):
            await database.check()


async def test_a_newer_schema_is_refused_untouched(path: Path) -> None:
    async with SqliteDatabase.open(path):
        pass
    newer = len(MIGRATIONS) + 3
    with sqlite3.connect(path) as later_version:
        later_version.execute(f"PRAGMA user_version = {newer}")
    later_version.close()
    with pytest.raises(NewerSchemaError) as error:
        async with SqliteDatabase.open(path):
            pass
    assert (error.value.found, error.value.known) == (newer, len(MIGRATIONS))


async def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(DatabaseUnavailableError):
        async with SqliteDatabase.open(tmp_path / "data" / "usamimi.db"):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into every folder")
async def test_a_folder_that_cannot_be_written_is_named(unwritable: Path) -> None:
    with pytest.raises(DatabaseReadOnlyError):
        async with SqliteDatabase.open(unwritable / "usamimi.db"):
            pass


async def test_a_path_that_cannot_be_opened_is_read_only(tmp_path: Path) -> None:
    with pytest.raises(DatabaseReadOnlyError) as error:
        async with SqliteDatabase.open(tmp_path):  # a folder
            pass
    assert error.value.path == tmp_path


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in StorageError.__subclasses__()]
    assert len(codes) == len(set(codes)) == 7


async def test_tidying_moves_the_journal_into_the_file(sqlite: SqliteDatabase, path: Path) -> None:
    songs = Songs(sqlite)
    secret = "The Forgotten Song"
    await songs.remember(post(1, title=secret), heard(1))
    await songs.forget_attachment(SERVER, 1, 1)
    await sqlite.tidy()
    left = [file for file in path.parent.iterdir() if secret.encode() in file.read_bytes()]
    assert left == []
