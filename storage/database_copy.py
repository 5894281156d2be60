"""A checked copy of one database, and how a file takes another's place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import Damaged, NewerSchema, named
from storage.migrations import MIGRATIONS

HEADER = b"SQLite format 3\x00"  # https://www.sqlite.org/fileformat.html, 1.3.1
LOCK_SECONDS = 1.0  # a running bot holds its database for good; no use in waiting long


def is_database(path: Path) -> bool:
    """Tell by its first bytes whether a file is a database of SQLite."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def copy_checked(from_path: Path, to_path: Path) -> None:
    """Copy a database as it is at this moment, while others go on writing it.

    The copy is one file, complete in itself and checked; after an error there is none.

    Raises:
        Damaged, NewerSchema: it is not a sound database of this bot.
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
        Damaged, NewerSchema: it is not a sound database of this bot.
    """
    with named(origin), closing(sqlite3.connect(path)) as copy:
        finding = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        version = copy.execute("PRAGMA user_version").fetchone()[0]
    if finding != "ok":
        raise Damaged(origin, finding)
    if version == 0:
        raise Damaged(origin, "not a database of this bot")
    if version > len(MIGRATIONS):
        raise NewerSchema(origin, found=version, known=len(MIGRATIONS))


def settle_journal(path: Path) -> None:
    """Fold the old journal into the old database, which only works while nobody else has it.

    A journal left beside a file that takes the name would be taken for that file's own.

    Raises:
        Locked: a bot is running on it.
    """
    if not path.exists():
        return
    try:
        with named(path), closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
    except Damaged:  # the reason for restoring; its journal is of no use either
        for suffix in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def take_place(partial: Path, path: Path) -> None:
    """Give a file its name in one step; it has it after a power cut too."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
