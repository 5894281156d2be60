from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from storage.channels import Channels, Imports
from storage.database import SqliteDatabase
from storage.members import OptOuts
from storage.migrations import MIGRATIONS, Run
from storage.portraits import Portraits
from storage.songs import Songs

SERVER = 1

# What a host's file may hold at each schema, in the words of that schema. A new migration adds
# its own entry; the earlier ones never change.
DATA: dict[int, tuple[str, ...]] = {
    1: (
        "INSERT INTO models VALUES (1, 'ear-0', 2)",
        """INSERT INTO songs VALUES (5, 1, 10, NULL, 100, 1000, 7, 'Old', 'old', 0, 0, 9, NULL,
            60.0, 'rock', '{"rock": 1.0}', 120.0, '{}', 1, NULL)""",
        "INSERT INTO vectors VALUES (5, x'0000803F00000000')",
    ),
    2: (
        "INSERT INTO servers VALUES (1, 1)",
        "INSERT INTO watched_channels VALUES (1, 10, 0, 3)",
        "INSERT INTO opt_outs VALUES (1, 8, 0)",
    ),
    3: (
        """INSERT INTO imports (import_id, guild_id, channel_id, started_by, started_at,
            updated_at, state, cursor_id, messages)
            VALUES (4, 1, 10, 3, 0, 0, 'running', 99, 12)""",
    ),
    4: ("UPDATE imports SET notice_channel_id = 10, notice_message_id = 11, locale = 'ja'",),
    5: (
        """INSERT INTO portraits VALUES (6, 1, 7, NULL, 'brush-0', 'reisen', x'0000803F', 0.5,
            x'00000000', 0, 1, x'00')""",
        "INSERT INTO icon_changes VALUES (7, 1, 3, 0, 'abc', NULL)",
    ),
    6: (
        "INSERT INTO consents VALUES (1, 7, 1, 0)",
        """INSERT INTO contributions (guild_id, member_id, kind, title, label, content, given_at)
            VALUES (1, 7, 'song', 'Old', 'drill', x'00', 0)""",
        """INSERT INTO jobs (guild_id, member_id, kind, state, queued_at)
            VALUES (1, 7, 'genre', 'waiting', 0)""",
        """INSERT INTO taught_models VALUES (8, 1, 'genre', 1, 'a.safetensors',
            zeroblob(32), 0, 7, 1, 0, '{}')""",
        "INSERT INTO model_sources VALUES (8, 1)",
        "INSERT INTO promotions VALUES (9, 1, 'genre', 8, 0, 7)",
    ),
    7: ("UPDATE songs SET by_command = 0",),
    8: ("INSERT INTO owner VALUES (1000)",),
    9: (),  # indexes only
    10: ("UPDATE songs SET style = 'surf', camelot = '8A'",),
    11: (),  # columns that are filled from others
    12: ("INSERT INTO ratings VALUES (1, 1, 7, 5, NULL, 1, 'ear-0', '{}', 0)",),
    13: ("UPDATE watched_channels SET tells_repeats = 1",),
    14: ("INSERT INTO taste_sharing VALUES (1, 7, 0)",),
    16: ("UPDATE songs SET contribution_id = 1",),
    15: ("INSERT INTO weekly_cards VALUES (1, 10, 3, 0, 0)",),
    17: ("""UPDATE portraits SET choices = '{"mood": "wink"}'""",),
    18: ("UPDATE imports SET too_short = 2",),
    19: (
        "UPDATE jobs SET state = 'running', worker = 'alone', lease_until = 0",
        """INSERT INTO lesson_progress SELECT job_id, 1, 2, 3.0, '[[1, {"unseen": 0.5}]]', x'00'
            FROM jobs""",
    ),
}


def statements_into(connection: aiosqlite.Connection) -> Run:
    async def run(sql: str) -> Any:
        return await connection.execute_fetchall(sql)

    return run


async def make_schema(path: Path, version: int) -> None:
    """Write the file that a bot of that time left behind, with data in every table."""
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute_fetchall("BEGIN")
        for number in range(1, version + 1):
            await MIGRATIONS[number - 1](statements_into(connection))
            for statement in DATA[number]:
                await connection.execute_fetchall(statement)
        await connection.execute_fetchall(f"PRAGMA user_version = {version}")
        await connection.execute_fetchall("COMMIT")


def test_every_schema_has_data_to_be_tried_with() -> None:
    assert sorted(DATA) == list(range(1, len(MIGRATIONS) + 1))


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
async def test_data_of_every_earlier_schema_is_still_there(path: Path, version: int) -> None:
    await make_schema(path, version)
    async with SqliteDatabase.open(path) as database:
        await database.check()
        song = await Songs(database).song(SERVER, 5)
        assert (song is not None and song.post.title == "Old") is (version >= 1)
        assert len(await Channels(database).watched(SERVER)) == (version >= 2)
        assert await OptOuts(database).opted_out(SERVER, 8) is (version >= 2)
        assert [found.cursor_id for found in await Imports(database).running()] == (
            [99] if version >= 3 else []
        )
        kept = await Portraits(database).export_member(SERVER, 7)
        assert [portrait.seed for portrait in kept] == (["reisen"] if version >= 5 else [])


async def test_songs_of_before_are_told_by_their_moment_to_be_of_a_command_or_a_message(
    path: Path,
) -> None:
    await make_schema(path, 6)
    message_id = 1_500_000_000_000_000_000
    at = (message_id >> 22) + 1_420_070_400_000
    with closing(sqlite3.connect(path)) as connection, connection:
        for song, moment in ((8, at), (9, at - 250)):
            connection.execute(
                """INSERT INTO songs VALUES (?, 1, 10, NULL, ?, ?, 7, '', '', ?, 0, 9, NULL,
                    60.0, 'rock', '{}', 120.0, '{}', 1, NULL)""",
                (song, message_id, song, moment),
            )
    async with SqliteDatabase.open(path) as database:
        found = await Songs(database).songs(SERVER, [8, 9])
    assert [song.post.by_command for song in found] == [False, True]


async def test_a_genre_of_before_can_be_filtered_by_like_a_family(path: Path) -> None:
    await make_schema(path, 9)
    async with SqliteDatabase.open(path) as database:
        (song,) = await Songs(database).songs(SERVER, [5])
    assert (song.traits.genre, song.traits.sure_genres) == ("rock", ("rock",))


async def test_every_way_to_the_newest_schema_ends_in_the_same(tmp_path: Path) -> None:
    shapes = set()
    for version in range(len(MIGRATIONS) + 1):
        path = tmp_path / f"{version}.db"
        await make_schema(path, version)
        async with SqliteDatabase.open(path) as database:
            tables = await database.rows("SELECT name, sql FROM sqlite_schema ORDER BY name")
        shapes.add(tuple(tables))
    assert len(shapes) == 1


async def test_a_migration_that_fails_leaves_the_schema_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_schema(path, 2)

    async def breaks_off(run: Run) -> None:
        await run("CREATE TABLE half (done INTEGER)")
        await run("INSERT INTO nowhere VALUES (1)")

    broken: tuple[Callable[..., Any], ...] = (*MIGRATIONS[:2], breaks_off)
    monkeypatch.setattr("storage.database.MIGRATIONS", broken)
    with pytest.raises(Exception, match="nowhere"):
        async with SqliteDatabase.open(path):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert (
            connection.execute("SELECT name FROM sqlite_schema WHERE name = 'half'").fetchall()
            == []
        )


async def test_two_bots_that_migrate_at_once_do_not_disturb_each_other(path: Path) -> None:
    async with SqliteDatabase.open(path) as first, SqliteDatabase.open(path) as second:
        await Channels(first).watch(SERVER, 10, 3)
        assert len(await Channels(second).watched(SERVER)) == 1
