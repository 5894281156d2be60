from __future__ import annotations

import asyncio
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import backup, restore
from storage.database import SqliteDatabase
from storage.erasure import Erasure
from storage.errors import DatabaseDamagedError, DatabaseLockedError, NewerSchemaError
from storage.files import DataFolder
from storage.lessons import Matter
from storage.songs import Songs
from tests.unit.storage import SERVER, heard, post
from tests.unit.storage.lessons import MEMBER, kept, taught


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def copy_path(tmp_path: Path) -> Path:
    return tmp_path / "copy.zip"


async def write(data: DataFolder, *numbers: int) -> None:
    async with SqliteDatabase.open(data.database) as database:
        for number in numbers:
            await Songs(database).remember(post(number), heard(number))


async def teach(data: DataFolder) -> int:
    """Have a crop and a model kept, with their files; gives the crop's contribution."""
    async with SqliteDatabase.open(data.database) as database:
        crop = await kept(database, 1, matter=Matter.ART, file="crop.png")
        model = await taught(database)
    for file, content in (
        (data.art / "crop.png", b"a crop"),
        (data.models / model.file, b"taught"),
    ):
        spoil(file, content)
    return crop


def cut(path: Path, part: float) -> None:
    """Keep only the beginning of a file."""
    whole = path.read_bytes()
    path.write_bytes(whole[: round(part * len(whole))])


def spoil(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def swap(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".db"
    }


async def messages(data: DataFolder) -> list[int]:
    async with SqliteDatabase.open(data.database) as database:
        await database.check()
        songs = await Songs(database).latest(SERVER, [10], limit=10_000)
    return sorted(song.post.message_id for song in songs)


async def test_a_backup_is_one_file_with_everything(data: DataFolder, copy_path: Path) -> None:
    await write(data, 1, 2, 3)
    await teach(data)
    await backup(data, copy_path)
    assert {path.name for path in copy_path.parent.iterdir()} == {"copy.zip", "data"}
    elsewhere = DataFolder(copy_path.parent / "new" / "machine")
    await restore(copy_path, elsewhere)
    assert await messages(elsewhere) == [1, 2, 3]
    assert len(files(data.path)) == 2
    assert files(elsewhere.path) == files(data.path)


async def test_files_that_belong_to_nothing_are_not_copied(
    data: DataFolder, copy_path: Path
) -> None:
    crop = await teach(data)
    spoil(data.art / "stray.png", b"left by a crash")
    async with SqliteDatabase.open(data.database) as database:
        await Erasure(database).erase_contributions(MEMBER, [crop])
    await backup(data, copy_path)
    with zipfile.ZipFile(copy_path) as packed:
        assert sorted(packed.namelist()) == ["models/1.safetensors", "usamimi.db"]


async def test_a_file_taken_back_while_the_backup_is_made_is_left_out(
    data: DataFolder, copy_path: Path
) -> None:
    await teach(data)
    (data.art / "crop.png").unlink()
    await backup(data, copy_path)
    with zipfile.ZipFile(copy_path) as packed:
        assert "art/crop.png" not in packed.namelist()


async def test_a_backup_while_songs_come_in_is_whole_and_stops_nobody(
    data: DataFolder, copy_path: Path
) -> None:
    async with SqliteDatabase.open(data.database) as database:
        songs = Songs(database)
        for number in range(200):
            await songs.remember(post(number), heard(number))
        copying = asyncio.create_task(backup(data, copy_path))
        number = 200
        while not copying.done():
            await songs.remember(post(number), heard(number))
            number += 1
        await copying
    elsewhere = DataFolder(data.path / "elsewhere")
    await restore(copy_path, elsewhere)
    copied = await messages(elsewhere)
    assert copied == list(range(len(copied)))
    assert 200 <= len(copied) <= number
    assert await messages(data) == list(range(number))


async def test_a_backup_replaces_an_earlier_one(data: DataFolder, copy_path: Path) -> None:
    spoil(copy_path, b"yesterday's")
    await write(data, 1)
    await backup(data, copy_path)
    await write(data, 2)
    await restore(copy_path, data)
    assert await messages(data) == [1]


async def test_a_backup_of_nothing_makes_nothing(data: DataFolder, copy_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await backup(data, copy_path)
    assert list(copy_path.parent.iterdir()) == []


async def test_an_earlier_backup_stays_when_there_can_be_no_other(
    data: DataFolder, copy_path: Path
) -> None:
    await write(data, 1)
    await backup(data, copy_path)
    spoil(data.database, b"no database at all" * 500)
    with pytest.raises(DatabaseDamagedError):
        await backup(data, copy_path)
    await restore(copy_path, data)
    assert await messages(data) == [1]
    assert {path.name for path in copy_path.parent.iterdir()} == {"copy.zip", "data"}


async def test_restoring_brings_back_what_was(data: DataFolder, copy_path: Path) -> None:
    await write(data, 1, 2)
    await teach(data)
    before = files(data.path)
    await backup(data, copy_path)
    await write(data, 3)
    (data.art / "crop.png").unlink()
    spoil(data.models / "1.safetensors", b"taught to another lesson of the same number")
    await restore(copy_path, data)
    assert await messages(data) == [1, 2]
    assert files(data.path) == before


async def test_a_copy_of_the_database_alone_can_be_restored(
    data: DataFolder, copy_path: Path
) -> None:
    await write(data, 1)
    await teach(data)
    before = files(data.path)
    spoil(copy_path, data.database.read_bytes())
    await write(data, 2)
    await restore(copy_path, data)
    assert await messages(data) == [1]
    assert files(data.path) == before


async def test_restoring_under_a_running_bot_is_refused(data: DataFolder, copy_path: Path) -> None:
    await write(data, 1)
    await teach(data)
    await backup(data, copy_path)
    (data.art / "crop.png").unlink()
    async with SqliteDatabase.open(data.database) as database:
        await Songs(database).remember(post(2), heard(2))
        with pytest.raises(DatabaseLockedError):
            await restore(copy_path, data)
    assert await messages(data) == [1, 2]
    assert list(files(data.path)) == ["models/1.safetensors"]


async def test_a_damaged_database_can_be_restored_with_no_leftovers(
    data: DataFolder, copy_path: Path
) -> None:
    await write(data, 1)
    await backup(data, copy_path)
    spoil(data.database, b"no database at all" * 500)
    spoil(data.path / "usamimi.db-wal", b"a stale journal")
    await restore(copy_path, data)
    assert await messages(data) == [1]


async def require_refused(copy_path: Path, data: DataFolder) -> None:
    """Try to restore what is no backup; nothing of what is kept is touched."""
    before = files(data.path)
    with pytest.raises(DatabaseDamagedError) as error:
        await restore(copy_path, data)
    assert error.value.path == copy_path
    assert await messages(data) == [1]
    assert files(data.path) == before


@pytest.mark.parametrize("content", [b"", b"a song" * 2000, b"PK\x05\x06" + bytes(18)])
async def test_what_is_no_backup_is_refused_and_everything_stays(
    data: DataFolder, copy_path: Path, content: bytes
) -> None:
    await write(data, 1)
    await teach(data)
    spoil(copy_path, content)
    await require_refused(copy_path, data)


@pytest.mark.parametrize("inside", [b"a crop", b"SQLite format"])
async def test_a_backup_with_a_spoilt_byte_is_refused_and_everything_stays(
    data: DataFolder, copy_path: Path, inside: bytes
) -> None:
    await write(data, 1)
    await teach(data)
    await backup(data, copy_path)
    swap(copy_path, inside, b"X" * len(inside))
    await require_refused(copy_path, data)


@pytest.mark.parametrize("part", [0.2, 0.99])
async def test_a_backup_that_was_not_copied_to_its_end_says_so(
    data: DataFolder, copy_path: Path, part: float
) -> None:
    await write(data, 1)
    await teach(data)
    await backup(data, copy_path)
    cut(copy_path, part)
    with pytest.raises(DatabaseDamagedError, match="only the beginning of a backup; copy it again"):
        await restore(copy_path, data)
    assert await messages(data) == [1]


@pytest.mark.parametrize(
    "name",
    ["../other.db", "art/../../x.png", "/etc/x", "art/sub/x.png", "x.png", "art\\x.png", "art"],
)
async def test_a_backup_whose_files_lead_elsewhere_is_refused(
    data: DataFolder, copy_path: Path, name: str
) -> None:
    await write(data, 1)
    await backup(data, copy_path)
    with zipfile.ZipFile(copy_path, "a") as packed:
        packed.writestr(name, b"not ours")
    await require_refused(copy_path, data)


async def test_a_backup_of_a_later_version_is_refused(data: DataFolder, copy_path: Path) -> None:
    await write(data, 1)
    spoil(copy_path, data.database.read_bytes())
    with closing(sqlite3.connect(copy_path)) as later_version:
        later_version.execute("PRAGMA user_version = 999")
    with pytest.raises(NewerSchemaError):
        await restore(copy_path, data)
    assert await messages(data) == [1]
