"""Everything moves into PostgreSQL, or nothing does."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import SqliteDatabase
from storage.erasure import Erasure, Scope
from storage.errors import DatabaseLockedError
from storage.files import DataFolder
from storage.lessons import Matter
from storage.moving import MoveError, move
from storage.postgres import PostgresDatabase
from storage.songs import Songs
from tests.helpers.databases import table_names
from tests.helpers.postgres import PostgresServer, connected
from tests.unit.storage import NOW, SERVER, heard, post
from tests.unit.storage.lessons import kept, taught
from tests.unit.storage.test_erasure import ALICE, BOB, HERE, THERE, dump, fill


@pytest.fixture
async def data(tmp_path: Path) -> DataFolder:
    """A data folder with something in every table, and a crop."""
    folder = DataFolder(tmp_path)
    async with SqliteDatabase.open(folder.database) as database:
        for guild_id, member_id in ((HERE, ALICE), (THERE, BOB)):
            await fill(database, guild_id, member_id)
        await kept(database, 9, matter=Matter.ART, file="face.png")
        await taught(database)
        await Erasure(database).claim_for_bot(1000)
        await database.files(folder.art).put("face.png", b"a face")
    return folder


async def test_everything_is_there_and_the_file_is_put_aside(
    data: DataFolder, postgres: PostgresServer
) -> None:
    async with SqliteDatabase.open(data.database) as database:
        before = await dump(database)
    moved = await move(data, url := await postgres.empty_schema())
    async with PostgresDatabase.open(url) as database:
        there = await dump(database)
        assert await database.files(data.art).read("face.png") == b"a face"
    assert there == before
    assert moved.rows == {table: len(rows) for table, rows in before.items()}
    assert "1.safetensors" in "".join(moved.missing)  # the test made no file for its model
    assert moved.files == 1
    assert not data.database.exists()
    assert data.database.with_name("usamimi.db.moved").exists()


async def test_a_number_that_was_given_once_is_not_given_again(
    data: DataFolder, postgres: PostgresServer
) -> None:
    async with SqliteDatabase.open(data.database) as database:
        songs = Songs(database, lambda: NOW)
        last = (await songs.remember(post(1), heard(1))).song_id
        await songs.forget_song(SERVER, last or 0)
    await move(data, url := await postgres.empty_schema())
    async with PostgresDatabase.open(url) as database:
        new = (await Songs(database, lambda: NOW).remember(post(2), heard(2))).song_id
    assert new is not None
    assert last is not None
    assert new > last


async def test_a_target_with_rows_is_refused_and_nothing_is_touched(
    data: DataFolder, postgres: PostgresServer
) -> None:
    url = await postgres.empty_schema()
    async with PostgresDatabase.open(url) as database:
        await Songs(database).remember(post(1), heard(1))
    with pytest.raises(MoveError, match="not empty"):
        await move(data, url)
    async with PostgresDatabase.open(url) as database:
        assert len(await Songs(database).posted_with(SERVER, 1)) == 1
        assert (await Erasure(database).erase(Scope.guild(HERE))).deleted == {}
    assert data.database.exists()


async def test_a_copy_that_differs_is_undone(data: DataFolder, postgres: PostgresServer) -> None:
    url = await postgres.empty_schema()
    async with PostgresDatabase.open(url):
        pass
    async with connected(url) as other:  # spoils what arrives
        await other.execute(
            """CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.seconds := NEW.seconds + 1e-9; RETURN NEW; END $$"""
        )
        await other.execute(
            "CREATE TRIGGER spoil BEFORE INSERT ON songs FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    with pytest.raises(MoveError, match="songs differs"):
        await move(data, url)
    async with PostgresDatabase.open(url) as database:
        for table in await table_names(database):
            assert await database.rows(f"SELECT 1 FROM {table}") == []
    assert data.database.exists()


async def test_a_running_bot_keeps_its_file(data: DataFolder, postgres: PostgresServer) -> None:
    url = await postgres.empty_schema()
    async with SqliteDatabase.open(data.database):
        with pytest.raises(DatabaseLockedError):
            await move(data, url)
    assert data.database.exists()


async def test_an_empty_folder_has_nothing_to_move(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    with pytest.raises(FileNotFoundError):
        await move(DataFolder(tmp_path), await postgres.empty_schema())


def make_up(path: Path, songs: int) -> None:
    """Write songs of many servers, faster than the bot could."""
    chance = random.Random(1)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO models VALUES (1, 'ear-1', 160)")
        database.executemany(
            """INSERT INTO songs (song_id, guild_id, channel_id, message_id, attachment_id,
                    poster_id, title, title_key, posted_at, remembered_at, file_bytes, seconds,
                    genre, genres, tempo_bpm, rhythm, model_id)
                VALUES (?, ?, 10, ?, ?, ?, ?, ?, ?, 0, 4000000, ?, 'rock', '{"rock": 1.0}', ?, '{}',
                    1)""",
            (
                (n, n % 999, n, n, n % 5_000, f"うさ {n}", f"うさ {n}", n, n / 7, 60 + n % 200)
                for n in range(1, songs + 1)
            ),
        )
        database.executemany(
            "INSERT INTO vectors VALUES (?, ?)",
            ((n, chance.randbytes(640)) for n in range(1, songs + 1)),
        )


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_a_million_songs_move_whole(tmp_path: Path, postgres: PostgresServer) -> None:
    data = DataFolder(tmp_path)
    async with SqliteDatabase.open(data.database):
        pass
    make_up(data.database, 1_000_000)
    begun = time.monotonic()
    moved = await move(data, await postgres.empty_schema())
    print(f"moved and compared in {time.monotonic() - begun:.0f} s")  # noqa: T201
    assert moved.rows["songs"] == moved.rows["vectors"] == 1_000_000
