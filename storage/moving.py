"""Move everything from a data folder into an empty PostgreSQL database, checked on both sides."""

from __future__ import annotations

import asyncio
import sqlite3
import struct
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from storage.backup import FILES, settle_journal
from storage.database import SqliteDatabase
from storage.errors import named as named_sqlite
from storage.files import DataFolder
from storage.postgres import (
    EVERYTHING,
    MIGRATING,
    PostgresDatabase,
    named,
    plain_connection,
    without_password,
)

MOVED = ".moved"  # is added to the name of the file that was copied
PAGE = 2_000  # rows read at once when they are compared
Values = tuple[Any, ...]  # of a row; Any: of any column


class MoveError(Exception):
    """Nothing was moved: the target holds data, or the copy is not what was copied."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved.

    Attributes:
        rows: table -> number of rows, all tables named.
        files: number of files.
        missing: files that a row names and the folder has not.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]  # by which rows are ordered; all columns where there is none

    @property
    def question(self) -> str:
        """SQL that reads all rows in the same order in both engines."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY {', '.join(self.key)}"


async def move(data: DataFolder, url: str) -> Moved:
    """Copy everything in one transaction, compare it, and rename the file that was copied.

    A crash leaves the target empty and the source as it was; between the commit and the renaming,
    both hold everything.

    Raises:
        FileNotFoundError: there is no database in `data`.
        DatabaseLockedError: a bot is running on it; stop it first.
        MoveError: the target holds data already, or differs after copying.
        StorageError: a database could not do it.
    """
    if not data.database.is_file():
        raise FileNotFoundError(data.database)
    async with SqliteDatabase.open(data.database) as source:  # brought to the newest schema
        await source.check()
    async with PostgresDatabase.open(url):
        pass  # its schema is made
    await asyncio.to_thread(settle_journal, data.database)
    with _held(data.database) as rows:
        async with _one_change(url) as target:
            moved = await _copy_all(rows, target, data)
    data.database.rename(data.database.with_name(data.database.name + MOVED))
    async with PostgresDatabase.open(url) as database:
        await database.tidy()  # so that it plans by what is there now
    return moved


@contextmanager
def _held(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a database file so that nobody else changes it."""
    with named_sqlite(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")


@asynccontextmanager
async def _one_change(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold a whole PostgreSQL database for one transaction."""
    with named(without_password(url)):
        connection = await plain_connection(url)
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock({}, {})".format(*MIGRATING))
                await connection.execute(f"SELECT pg_advisory_xact_lock({EVERYTHING})")
                yield connection
        finally:
            await connection.close()


async def _copy_all(
    source: sqlite3.Connection, target: asyncpg.Connection, data: DataFolder
) -> Moved:
    tables = _tables_of(source)
    for table in tables:
        if await target.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table.name})"):
            raise MoveError(f"the target is not empty: there are rows in {table.name}")
    rows = {}
    for table in tables:
        await target.copy_records_to_table(
            table.name, records=_rows_of(source, table), columns=list(table.columns)
        )
        rows[table.name] = await _require_same(source, target, table)
    await _set_sequences(source, target)
    names = [f"{folder}/{name}" for folder, name in _files_of(source)]
    missing = tuple([name for name in names if not await _copy_file(target, data, name)])
    return Moved(rows, len(names) - len(missing), missing)


def _tables_of(source: sqlite3.Connection) -> list[_Table]:
    """List the tables, what is referred to before what refers to it."""
    found = source.execute(
        """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
            ORDER BY rowid"""
    ).fetchall()
    needs = {
        name: {row[2] for row in source.execute(f"PRAGMA foreign_key_list({name})")}
        for (name,) in found
    }
    return [_table(source, name) for name in TopologicalSorter(needs).static_order()]


def _table(source: sqlite3.Connection, name: str) -> _Table:
    described = source.execute(f"PRAGMA table_info({name})").fetchall()
    columns = tuple(column for _, column, *_ in described)
    key = sorted((place, column) for _, column, *_, place in described if place)
    return _Table(name, columns, tuple(column for _, column in key) or columns)


def _rows_of(source: sqlite3.Connection, table: _Table) -> Iterator[Values]:
    """Read rows as PostgreSQL stores them: its texts cannot hold the character NUL."""
    for row in source.execute(table.question):
        yield tuple(each.replace("\0", "") if type(each) is str else each for each in row)


async def _require_same(
    source: sqlite3.Connection, target: asyncpg.Connection, table: _Table
) -> int:
    """Count rows and compare a digest over all of them, in order; return the number."""
    ours, theirs = _Digest(), _Digest()
    for row in _rows_of(source, table):
        ours.add(row)
    async for row in target.cursor(table.question, prefetch=PAGE):
        theirs.add(tuple(row))
    if (ours.rows, ours.value) != (theirs.rows, theirs.value):
        raise MoveError(f"{table.name} differs: {ours.rows} rows there, {theirs.rows} here")
    return ours.rows


class _Digest:
    """SHA-256 over rows, each value with its type."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = sha256()

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        self._digest.update(b"".join(map(_encoded, row)))

    @property
    def value(self) -> bytes:
        return self._digest.digest()


def _encoded(value: Any) -> bytes:
    match value:
        case None:
            return b"n"
        case float():
            return b"f" + struct.pack("<d", value)
        case int():
            return b"i%d;" % value
        case str():
            text = value.encode()
            return b"t%d;" % len(text) + text
        case _:
            blob = bytes(value)
            return b"b%d;" % len(blob) + blob


async def _set_sequences(source: sqlite3.Connection, target: asyncpg.Connection) -> None:
    """Go on numbering where SQLite stopped, which may be past the highest number in use.

    A number given twice would let an old button act on another song.
    """
    last = dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    last["models"] = source.execute("SELECT coalesce(max(model_id), 0) FROM models").fetchone()[0]
    for table, number in last.items():
        if number:
            (key,) = _table(source, table).key
            sequence = await target.fetchval("SELECT pg_get_serial_sequence($1, $2)", table, key)
            await target.execute("SELECT setval($1::text::regclass, $2)", sequence, number)


def _files_of(source: sqlite3.Connection) -> list[tuple[str, str]]:
    return [
        (folder, name)
        for folder, (_, question) in FILES.items()
        for (name,) in source.execute(question)
    ]


async def _copy_file(target: asyncpg.Connection, data: DataFolder, name: str) -> bool:
    """Copy one file and read it back; False when the folder has it no longer."""
    path, folder = data.path / name, name.partition("/")[0]
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        return False
    stored = await target.fetchval(
        """INSERT INTO files (folder, name, content, stored_at) VALUES ($1, $2, $3, now())
            RETURNING sha256(content)""",
        folder,
        path.name,
        content,
    )
    if stored != sha256(content).digest():
        raise MoveError(f"{name} differs")
    return True
