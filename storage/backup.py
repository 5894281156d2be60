"""Copy everything that is stored while it is in use, and restore it."""

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

from storage.errors import DatabaseDamagedError, NewerSchemaError, named
from storage.files import ART, DATABASE_NAME, MODELS, DataFolder, rename_durably
from storage.migrations import MIGRATIONS

HEADER = b"SQLite format 3\x00"  # https://www.sqlite.org/fileformat.html, 1.3.1
ZIP_HEADER = b"PK\x03\x04"  # its directory, by which zipfile knows one, is at the end
LOCK_SECONDS = 1.0  # a running bot holds its database for good; no use in waiting long


def is_database(path: Path) -> bool:
    """Return whether a file is a database of SQLite, by its first bytes."""
    return _starts_with(path, HEADER)


def _starts_with(path: Path, header: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(header)) == header


def copy_checked(from_path: Path, to_path: Path) -> None:
    """Copy a database as it is at this moment, while others go on writing it.

    The copy is one file, complete in itself and checked; after an error there is none.

    Raises:
        DatabaseDamagedError, NewerSchemaError: it is not a sound database of this bot.
        StorageError: it cannot be read, or the copy cannot be written.
    """
    to_path.unlink(missing_ok=True)
    try:
        _copy(from_path, to_path)
        require_sound(to_path, from_path)
    except BaseException:
        to_path.unlink(missing_ok=True)
        raise


def require_sound(path: Path, origin: Path) -> None:
    """Check a database that nobody uses; errors name `origin`, from where it came.

    Raises:
        DatabaseDamagedError, NewerSchemaError: it is not a sound database of this bot.
    """
    with named(origin), closing(sqlite3.connect(path)) as copy:
        finding = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        version = copy.execute("PRAGMA user_version").fetchone()[0]
    if finding != "ok":
        raise DatabaseDamagedError(origin, finding)
    if version == 0:
        raise DatabaseDamagedError(origin, "not a database of this bot")
    if version > len(MIGRATIONS):
        raise NewerSchemaError(origin, found=version, known=len(MIGRATIONS))


def settle_journal(path: Path) -> None:
    """Fold the old journal into the old database, which works while nobody else has it.

    A journal left beside a file that takes the name would be taken for that file's own.

    Raises:
        DatabaseLockedError: a bot is running on it.
    """
    if not path.exists():
        return
    try:
        with named(path), closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
    except DatabaseDamagedError:  # the reason for restoring; its journal is of no use either
        for suffix in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy(from_path: Path, to_path: Path) -> None:
    # Not read-only: the last reader of a journal could not clear it away.
    source_uri = f"{from_path.resolve().as_uri()}?mode=rw"
    with named(from_path), closing(sqlite3.connect(source_uri, uri=True)) as source:
        source.execute("PRAGMA schema_version")  # tells a file that is no database at all
        _copy_pages(source, to_path)


def _copy_pages(source: sqlite3.Connection, to_path: Path) -> None:
    with named(to_path), closing(sqlite3.connect(to_path)) as copy:
        source.backup(copy)  # in one step, which reads one snapshot and stops no writer
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself


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
        DatabaseDamagedError: the database does not pass SQLite's integrity check.
        StorageError: the copy cannot be written.
    """
    await asyncio.to_thread(_backup, data, to_path)


async def restore(from_path: Path, data: DataFolder) -> None:
    """Replace what is stored in `data` by the backup at `from_path`.

    A copy of the database alone is taken as well; it leaves the other files as they are.
    Everything is checked before anything is touched. Files come first and the database last, in one
    step: whatever interrupts this, the database is wholly the old one or wholly the new, and
    restoring once more brings the rest.

    Raises:
        FileNotFoundError: there is no backup at `from_path`.
        DatabaseDamagedError: the backup is not sound, or not this bot's.
        NewerSchemaError: a later version of the bot wrote the backup.
        DatabaseLockedError: a bot is running on `data`; stop it first.
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
            rename_durably(packed, to_path)
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
        plain = is_database(from_path)
        if not plain and not zipfile.is_zipfile(from_path):
            begun = _starts_with(from_path, ZIP_HEADER)
            what = "only the beginning of a backup; copy it again" if begun else "not a backup"
            raise DatabaseDamagedError(from_path, what)
        if plain:
            copy_checked(from_path, partial)
            settle_journal(data.database)
        else:
            with _opened(from_path) as packed:
                _unpack(packed.open(DATABASE_NAME), partial)
                require_sound(partial, from_path)
                settle_journal(data.database)
                _unpack_files(packed, data)
        rename_durably(partial, data.database)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _opened(from_path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup of which every byte has been checked."""
    try:
        with zipfile.ZipFile(from_path) as packed:
            strange = [name for name in packed.namelist() if not _is_ours(name)]
            if strange or DATABASE_NAME not in packed.namelist():
                raise DatabaseDamagedError(from_path, "not a backup of this bot")
            if (spoilt := packed.testzip()) is not None:
                raise DatabaseDamagedError(from_path, f"{spoilt} in it is spoilt")
            yield packed
    except UNREADABLE as error:
        raise DatabaseDamagedError(from_path, str(error)) from error


def _is_ours(name: str) -> bool:
    """Return whether a name in a backup is one of ours, and leads nowhere else."""
    path = PurePosixPath(name)
    plain = ".." not in path.parts and "\\" not in name and str(path) == name
    return name == DATABASE_NAME or (plain and len(path.parts) == 2 and path.parts[0] in FILES)


def _unpack_files(packed: zipfile.ZipFile, data: DataFolder) -> None:
    for name in packed.namelist():
        if name != DATABASE_NAME:
            file = data.path / name
            partial = _beside(file, "part")
            _unpack(packed.open(name), partial)
            rename_durably(partial, file)


def _unpack(source: IO[bytes], to_path: Path) -> None:
    with named(to_path):
        to_path.parent.mkdir(parents=True, exist_ok=True)
        with source, to_path.open("wb") as out:
            shutil.copyfileobj(source, out)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")
