"""What can go wrong with the database; each error carries its facts.

`path` is SQLite's file, or the address of a PostgreSQL database without its password.

StorageError
├── DatabaseLockedError       another program holds the database
├── DatabaseReadOnlyError     the file or its folder cannot be written
├── DiskFullError             no room left
├── DatabaseDamagedError      the file is not a sound database
├── NewerSchemaError          written by a later version of the bot
├── VectorMismatchError       a vector whose length is not its model's
└── DatabaseUnavailableError  the system failed in another way; SQLite's message is in `detail`

`code` is stable: the command line prints it and the catalogues of words are keyed by it.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar


class StorageError(Exception):
    """The database cannot do what was asked."""

    code: ClassVar[str] = "storage"


class DatabaseLockedError(StorageError):
    """Another program, often a second bot on the same folder, holds the database."""

    code = "database_locked"

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"{path} is held by another program")
        self.path = path


class DatabaseReadOnlyError(StorageError):
    """The database, or the folder it lies in, cannot be written."""

    code = "database_read_only"

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"{path} or its folder cannot be written")
        self.path = path


class DiskFullError(StorageError):
    """The disk, or the room given to the database, is full."""

    code = "disk_full"

    def __init__(self, path: Path | str, free_bytes: int | None) -> None:
        super().__init__(f"no room left for {path} ({free_bytes} bytes free on its disk)")
        self.path = path
        self.free_bytes = free_bytes


class DatabaseDamagedError(StorageError):
    """The file is not a sound database; `detail` is the first thing SQLite found wrong."""

    code = "database_damaged"

    def __init__(self, path: Path | str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class NewerSchemaError(StorageError):
    """A later version of the bot wrote this database."""

    code = "newer_schema"

    def __init__(self, path: Path | str, found: int, known: int) -> None:
        super().__init__(f"{path} has schema {found}, this version knows up to {known}")
        self.path = path
        self.found = found
        self.known = known


class VectorMismatchError(StorageError):
    """A vector is not as long as the other vectors of its model, or not finite."""

    code = "other_vector"

    def __init__(self, model: str, length: int, expected: int) -> None:
        super().__init__(f"{length} usable numbers, but vectors of {model} have {expected}")
        self.model = model
        self.length = length
        self.expected = expected


class DatabaseUnavailableError(StorageError):
    """SQLite failed in a way that none of the other errors names."""

    code = "database_unavailable"

    def __init__(self, path: Path | str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Translate what SQLite raises about the file at `path` into the errors above.

    A broken constraint passes through as `sqlite3.IntegrityError`: that is a mistake in our
    code, not a state of the host's machine.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.Error as error:
        raise _from_sqlite(error, path) from error
    except OSError as error:
        raise _from_os(error, path) from error


def _from_sqlite(error: sqlite3.Error, path: Path) -> StorageError:
    extended = getattr(error, "sqlite_errorcode", 0)
    match extended & 0xFF:  # the low byte is the kind, the rest its detail
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseLockedError(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return DatabaseReadOnlyError(path)
        case sqlite3.SQLITE_FULL:
            return DiskFullError(path, _free_bytes(path))
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseDamagedError(path, str(error))
        case _:
            return DatabaseUnavailableError(path, str(error))


def _from_os(error: OSError, path: Path) -> StorageError:
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return DatabaseReadOnlyError(path)
        case errno.ENOSPC | errno.EDQUOT:
            return DiskFullError(path, _free_bytes(path))
        case _:
            return DatabaseUnavailableError(path, str(error))


def _free_bytes(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return None
