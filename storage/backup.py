"""A copy of everything that is kept, while it is in use, and the way back.

A backup is one ZIP file, uncompressed: the database under its own name, and beside it, in `art` and
`models`, the files that the database names. Any program that opens ZIP files can look into it.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from storage.data_folder import ART, DATABASE_NAME, MODELS, DataFolder
from storage.database_copy import (
    copy_checked,
    is_database,
    require_sound,
    settle_journal,
    take_place,
)
from storage.errors import Damaged, named

# Which files belong to something, by the folder they lie in: table and question.
FILES = {
    ART: ("contributions", "SELECT DISTINCT file FROM contributions WHERE file <> ''"),
    MODELS: ("taught_models", "SELECT DISTINCT file FROM taught_models"),
}
# What zipfile raises about a file that is spoilt, locked by a password or packed in other ways.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


async def backup(data: DataFolder, to_path: Path) -> None:
    """Copy everything as it is at this moment, while others go on writing.

    The copy appears at `to_path` complete and checked, or not at all; an earlier file there
    is replaced. It takes the room of the database once more while it is made.

    Raises:
        FileNotFoundError: there is no database in `data`.
        Damaged: the database does not pass SQLite's integrity check.
        StorageError: the copy cannot be written.
    """
    await asyncio.to_thread(_backup, data, to_path)


async def restore(from_path: Path, data: DataFolder) -> None:
    """Put the backup at `from_path` in the place of what is kept in `data`.

    A copy of the database alone is taken as well; it leaves the other files as they are.
    Everything is checked before anything is touched. Files come first and the database last, in one
    step: whatever interrupts this, the database is wholly the old one or wholly the new, and
    restoring once more brings the rest.

    Raises:
        FileNotFoundError: there is no backup at `from_path`.
        Damaged: the backup is not sound, or not this bot's.
        NewerSchema: a later version of the bot wrote the backup.
        Locked: a bot is running on `data`; stop it first.
    """
    await asyncio.to_thread(_restore, from_path, data)


def _backup(data: DataFolder, to_path: Path) -> None:
    if not data.database.is_file():
        raise FileNotFoundError(data.database)
    copy, packed = _beside(to_path, "database"), _beside(to_path, "partial")
    try:
        copy_checked(data.database, copy)
        with named(to_path):
            _pack(copy, data, packed)
            take_place(packed, to_path)
    finally:
        copy.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)


def _pack(copy: Path, data: DataFolder, to_path: Path) -> None:
    with zipfile.ZipFile(to_path, "w", strict_timestamps=False) as packed:
        packed.write(copy, DATABASE_NAME)
        for name in _files_named_in(copy):
            try:
                packed.write(data.path / name, name)
            except FileNotFoundError:  # taken back since the database was copied
                continue


def _files_named_in(database: Path) -> list[str]:
    """List the files that a copy of a database names, relative to the data folder."""
    with named(database), closing(sqlite3.connect(database)) as copy:
        rows = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in rows}  # a database from before an upgrade has fewer
        return [
            f"{folder}/{file}"
            for folder, (table, question) in FILES.items()
            if table in tables
            for (file,) in copy.execute(question)
        ]


def _restore(from_path: Path, data: DataFolder) -> None:
    if not from_path.is_file():
        raise FileNotFoundError(from_path)
    with named(data.path):
        data.path.mkdir(parents=True, exist_ok=True)
    partial = _beside(data.database, "partial")
    try:
        if is_database(from_path) or not zipfile.is_zipfile(from_path):
            copy_checked(from_path, partial)
            settle_journal(data.database)
        else:
            with _opened(from_path) as packed:
                _unpack(packed.open(DATABASE_NAME), partial)
                require_sound(partial, from_path)
                settle_journal(data.database)
                _unpack_files(packed, data)
        take_place(partial, data.database)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _opened(from_path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup of which every byte has been checked."""
    try:
        with zipfile.ZipFile(from_path) as packed:
            strange = [name for name in packed.namelist() if not _is_ours(name)]
            if strange or DATABASE_NAME not in packed.namelist():
                raise Damaged(from_path, "not a backup of this bot")
            if (spoilt := packed.testzip()) is not None:
                raise Damaged(from_path, f"{spoilt} in it is spoilt")
            yield packed
    except UNREADABLE as error:
        raise Damaged(from_path, str(error)) from error


def _is_ours(name: str) -> bool:
    """Tell whether a name in a backup is one that we give, and leads nowhere else."""
    path = PurePosixPath(name)
    plain = ".." not in path.parts and "\\" not in name and str(path) == name
    return name == DATABASE_NAME or (plain and len(path.parts) == 2 and path.parts[0] in FILES)


def _unpack_files(packed: zipfile.ZipFile, data: DataFolder) -> None:
    for name in packed.namelist():
        if name != DATABASE_NAME:
            file = data.path / name
            partial = _beside(file, "part")
            _unpack(packed.open(name), partial)
            take_place(partial, file)


def _unpack(source: IO[bytes], to_path: Path) -> None:
    with named(to_path):
        to_path.parent.mkdir(parents=True, exist_ok=True)
        with source, to_path.open("wb") as out:
            shutil.copyfileobj(source, out)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")
