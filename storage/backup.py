"""A copy of the database while it is in use, and the way back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import Damaged, NewerSchema, named
from storage.migrations import MIGRATIONS

LOCK_SECONDS = 1.0  # a running bot holds its database for good; no use in waiting long


async def backup(from_path: Path, to_path: Path) -> None:
    """Copy the database as it is at this moment, while others go on writing it.

    The copy appears at `to_path` complete and checked, or not at all; an earlier file there
    is replaced.

    Raises:
        FileNotFoundError: there is no database at `from_path`.
        Damaged: the database does not pass SQLite's integrity check.
        StorageError: the copy cannot be written.
    """
    await asyncio.to_thread(_backup, from_path, to_path)


async def restore(from_path: Path, to_path: Path) -> None:
    """Put the backup at `from_path` in the place of the database at `to_path`.

    The backup is copied beside the database and checked there, then takes its name in one
    step: whatever interrupts this, `to_path` is wholly the old database or wholly the new.

    Raises:
        FileNotFoundError: there is no backup at `from_path`.
        Damaged: the backup is not a sound database of this bot.
        NewerSchema: a later version of the bot wrote the backup.
        Locked: a bot is running on `to_path`; stop it first.
    """
    await asyncio.to_thread(_restore, from_path, to_path)


def _backup(from_path: Path, to_path: Path) -> None:
    partial = _checked_copy(from_path, to_path)
    _take_place(partial, to_path)


def _restore(from_path: Path, to_path: Path) -> None:
    partial = _checked_copy(from_path, to_path)
    try:
        _settle_journal(to_path)
    except BaseException:
        partial.unlink()
        raise
    _take_place(partial, to_path)


def _checked_copy(from_path: Path, to_path: Path) -> Path:
    """Copy the database to a file beside `to_path` and check that copy."""
    if not from_path.is_file():
        raise FileNotFoundError(from_path)
    partial = to_path.with_name(f"{to_path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        _copy(from_path, partial)
        _require_sound(partial, from_path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial


def _copy(from_path: Path, partial: Path) -> None:
    # Not read-only: the last reader of a journal could not clear it away.
    source_uri = f"{from_path.resolve().as_uri()}?mode=rw"
    with named(from_path), closing(sqlite3.connect(source_uri, uri=True)) as source:
        source.execute("PRAGMA schema_version")  # tells a file that is no database at all
        _copy_pages(source, partial)


def _copy_pages(source: sqlite3.Connection, partial: Path) -> None:
    with named(partial), closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)  # in one step, which reads one snapshot and stops no writer
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself


def _require_sound(partial: Path, from_path: Path) -> None:
    with named(from_path), closing(sqlite3.connect(partial)) as copy:
        finding = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        version = copy.execute("PRAGMA user_version").fetchone()[0]
    if finding != "ok":
        raise Damaged(from_path, finding)
    if version == 0:
        raise Damaged(from_path, "not a database of this bot")
    if version > len(MIGRATIONS):
        raise NewerSchema(from_path, found=version, known=len(MIGRATIONS))


def _settle_journal(path: Path) -> None:
    """Fold the old journal into the old database, which only works while nobody else has it.

    A journal left beside the new file would be taken for the new file's own.
    """
    if not path.exists():
        return
    try:
        with named(path), closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
    except Damaged:  # the reason for restoring; its journal is of no use either
        for suffix in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _take_place(partial: Path, path: Path) -> None:
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
