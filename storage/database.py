"""One way to run statements, and SQLite as the engine that every bot has.

Statements are written once, in the words that both engines know or that `storage.dialect`
translates; `storage.postgres` has the other engine.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import aiosqlite

from storage.errors import DatabaseDamagedError, NewerSchemaError, named
from storage.files import Files, FolderFiles
from storage.migrations import MIGRATIONS

T = TypeVar("T")

ONE_STATEMENT = -1  # a change of a single statement, to which no other change matters
BUSY_SECONDS = 5.0  # how long SQLite waits for another program before it gives up
SYNCHRONOUS = "FULL"  # what was confirmed survives a power cut, too


class Row(Protocol):
    """One row of an answer; its values by name or position (Any: of any column)."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Statements(ABC):
    """Runs statements whose parameters are written `?`."""

    @abstractmethod
    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return its rows.

        Raises:
            StorageError: the database could not do it.
        """

    async def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Run one statement and return its first row, or None."""
        return next(iter(await self.rows(sql, parameters)), None)


class Transaction(Statements):
    """The statements of one transaction; refuses every statement after its end."""

    async def announce(self, member_id: int | None = None) -> None:
        """Tell other processes, once this is committed, to read a member anew; None: everything.

        A file has one process, which knows.
        """


class Database(Statements):
    """An open database, of either engine; `rows` and `row` read what is committed.

    Attributes:
        process: names this process among those that share the database; a file has one, which
            has the same name after each start.
    """

    process = "alone"

    async def has_teacher(self) -> bool:
        """Return whether a process that only carries out lessons is connected."""
        return False

    @abstractmethod
    def transaction(self, about: int | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Hold the database for one change; committed at the end, undone by any exception.

        Changes about the same server come one after another, and a change about everything waits
        for all others, so that what was read at its beginning still holds at its end. SQLite has
        one writer and orders all of them.

        Cancelled while committing, it stays committed and the cancellation goes on: whoever
        holds a copy of what was written must read it again.

        Args:
            about: the one server whose rows are read and written; `ONE_STATEMENT`; None: any.
        """

    @abstractmethod
    async def check(self) -> None:
        """Read everything that is stored.

        Raises:
            DatabaseDamagedError: anything in it is not as it must be.
        """

    @abstractmethod
    async def prove_writable(self) -> None:
        """Write as little as can be written, as far as the disk.

        Raises:
            StorageError: the database cannot be written now.
        """

    @abstractmethod
    def files(self, folder: Path) -> Files:
        """Return the files that rows name, of the kind that a folder is called after."""

    @abstractmethod
    async def tidy(self) -> None:
        """Take deleted rows out of sight of whoever reads the files, as far as the engine can."""


class SqliteTransaction(Transaction):
    """A transaction of SQLite."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._over = False

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return its rows (none for a plain write).

        Raises:
            StorageError: the database could not do it.
            RuntimeError: the transaction is over.
        """
        if self._over:
            raise RuntimeError("the transaction is over")
        with named(self._path):
            return cast("list[Row]", await self._connection.execute_fetchall(sql, parameters))

    def end(self) -> None:
        """Refuse every later statement."""
        self._over = True


class SqliteDatabase(Database):
    """An open database file: a connection that writes and one that reads.

    Writes go through `transaction`, one at a time from their first statement to the commit.
    Reads have a connection of their own and see the last commit, so that in WAL mode they
    never wait for a write.
    """

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection
    ) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._writing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, busy_seconds: float = BUSY_SECONDS
    ) -> AsyncIterator[SqliteDatabase]:
        """Open the database at `path`, made and brought to the newest schema where needed.

        Raises:
            StorageError: it cannot be opened; see `storage.errors`.
        """
        with named(path):
            await asyncio.to_thread(_touch, path)
            writer = await aiosqlite.connect(path, timeout=busy_seconds, isolation_level=None)
        try:
            writer.row_factory = sqlite3.Row
            await _prepare(writer, path)
            await _migrate(writer, path)
            with named(path):
                reader = await aiosqlite.connect(path, timeout=busy_seconds, isolation_level=None)
                reader.row_factory = sqlite3.Row
                await reader.execute_fetchall("PRAGMA query_only = ON")
            try:
                yield cls(path, writer, reader)
            finally:
                await finish(reader.close())
        finally:
            await finish(writer.close())

    @asynccontextmanager
    async def transaction(self, about: int | None = None) -> AsyncIterator[Transaction]:
        """Hold the file for one change, whatever it is about."""
        async with self._writing, _transaction(self._writer, self.path) as tx:
            yield tx

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Read what is committed, without waiting for a write.

        Raises:
            StorageError: the database could not do it.
        """
        with named(self.path):
            return cast("list[Row]", await self._reader.execute_fetchall(sql, parameters))

    async def check(self) -> None:
        """Read the whole file.

        Raises:
            DatabaseDamagedError: anything in it is not as it must be.
        """
        findings = [str(finding) for (finding,) in await self.rows("PRAGMA integrity_check")]
        orphans = await self.rows("PRAGMA foreign_key_check")
        findings += [f"a row of {table} points nowhere" for table, *_ in orphans]
        if findings != ["ok"]:
            raise DatabaseDamagedError(
                self.path, next(found for found in findings if found != "ok")
            )

    async def prove_writable(self) -> None:
        """Write as little as can be written, as far as the disk.

        Raises:
            StorageError: the database cannot be written now.
        """
        async with self.transaction() as tx:
            row = await tx.row("PRAGMA user_version")
            assert row is not None
            # Written though it is the same.
            await tx.rows(f"PRAGMA user_version = {int(row['user_version']):d}")

    def files(self, folder: Path) -> Files:
        """Return the files of a folder."""
        return FolderFiles(folder)

    async def tidy(self) -> None:
        """Move the journal into the file, so that deleted rows leave the disk as well."""
        async with self._writing:
            with named(self.path):
                await self._writer.execute_fetchall("PRAGMA optimize")
                await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")


@asynccontextmanager
async def _transaction(connection: aiosqlite.Connection, path: Path) -> AsyncIterator[Transaction]:
    tx = SqliteTransaction(connection, path)
    try:
        await tx.rows("BEGIN IMMEDIATE")
        yield tx
        await finish(tx.rows("COMMIT"))
    except BaseException:
        # Queued behind whatever the connection's thread still runs, and harmless after a commit.
        await finish(connection.rollback())
        raise
    finally:
        tx.end()


def _touch(path: Path) -> None:
    """Find out here whether the file can be opened: aiosqlite's thread outlives a failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite3.connect(path).close()


async def _prepare(writer: aiosqlite.Connection, path: Path) -> None:
    with named(path):
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA synchronous = {SYNCHRONOUS}",
            "PRAGMA secure_delete = ON",  # forgotten rows are overwritten, not only unlinked
        ):
            await writer.execute_fetchall(pragma)


async def _migrate(writer: aiosqlite.Connection, path: Path) -> None:
    """Run the migrations this file has not seen, each with its record in one transaction."""
    while True:
        async with _transaction(writer, path) as tx:
            row = await tx.row("PRAGMA user_version")
            version = int(row["user_version"]) if row else 0
            if version > len(MIGRATIONS):
                raise NewerSchemaError(path, found=version, known=len(MIGRATIONS))
            if version == len(MIGRATIONS):
                return
            await MIGRATIONS[version](tx.rows)
            await tx.rows(f"PRAGMA user_version = {version + 1:d}")


async def finish(work: Awaitable[T]) -> T:
    """Wait until `work` is over even when cancelled meanwhile, then let the cancellation go on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and task.exception() is None:
        raise cancelled
    return task.result()
