"""PostgreSQL as the engine of a bot that runs in several processes.

Imported only when a host names a database: it needs asyncpg, which the extra `cluster` brings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg

from storage.codecs import TEXT_LIST
from storage.database import ONE_STATEMENT, Database, Row, Transaction, finish
from storage.dialect import postgres
from storage.errors import (
    DatabaseDamagedError,
    DatabaseLockedError,
    DatabaseReadOnlyError,
    DatabaseUnavailableError,
    DiskFullError,
    NewerSchemaError,
    StorageError,
)
from storage.files import Files, others_in, write_durably
from storage.migrations import MIGRATIONS

Connection = Any  # asyncpg.Connection, or one of a pool; asyncpg carries no annotations

CONNECTIONS = 4  # of one process
WRITERS = 2  # of them at most, so that changes that wait for their turn let others read
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0  # after which a connection is left without the server's answer
LOCK_SECONDS = 30  # that a change waits for others about the same server
IDLE_SECONDS = 120  # after which a transaction whose process hangs gives its locks back
OLDEST_SERVER = 150_000  # PostgreSQL 15
# Locks of one number are held by changes about a server, whose id it is; 0 is everything. Ids are
# never 1, which stands for direct messages: they have 0 for a server.
EVERYTHING, DIRECT_MESSAGES = 0, 1
CHANNEL = "usamimi"  # of notifications
PROCESS = token_hex(8)  # names this process to the others
NAME, TEACHER = "usamimi", "usamimi teach"  # of connections, as others see them
# The server notices within half a minute that a machine is gone, and gives its locks to others.
ALIVE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}
MIGRATING = (1, 0)  # locks of two numbers are of another kind
# What only this engine needs. Where a column is to change, add an `ALTER TABLE … IF NOT EXISTS`.
OWN_TABLES = (
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS files (
        folder TEXT NOT NULL,
        name TEXT NOT NULL,
        content BLOB NOT NULL,
        stored_at timestamptz NOT NULL,
        PRIMARY KEY (folder, name)
    )""",
    "CREATE TABLE IF NOT EXISTS shard_plan (count INTEGER NOT NULL)",
)


class PostgresTransaction(Transaction):
    """A transaction of PostgreSQL."""

    def __init__(self, connection: Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._over = False

    async def begin(self, locks: str) -> None:
        """Begin, and wait for the changes that must come before."""
        with named(self._where):
            await self._connection.execute(f"BEGIN READ WRITE; {locks}")

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return its rows (none for a plain write).

        Raises:
            StorageError: the database could not do it.
            RuntimeError: the transaction is over.
        """
        if self._over:
            raise RuntimeError("the transaction is over")
        with named(self._where):
            return await _fetch(self._connection, sql, parameters)

    async def announce(self, member_id: int | None = None) -> None:
        """Have `storage.processes` tell the other processes."""
        message = json.dumps({"from": PROCESS, "member": member_id})
        await self._connection.execute("SELECT pg_notify($1, $2)", CHANNEL, message)

    async def commit(self) -> None:
        """Make it last."""
        with named(self._where):
            await self._connection.execute("COMMIT")

    async def roll_back(self) -> None:
        """Undo it; harmless after a commit, and on a connection that is lost."""
        with suppress(*FAILURES):
            await self._connection.execute("ROLLBACK")

    def end(self) -> None:
        """Refuse every later statement."""
        self._over = True


class PostgresDatabase(Database):
    """A pool of connections to one database.

    Connections read unless a transaction says otherwise. Transactions about one server take turns
    by an advisory lock, as SQLite's do by having one writer: many of them read first and then
    write what follows from it.
    """

    process = PROCESS

    def __init__(self, pool: asyncpg.Pool, where: str) -> None:
        self.where = where
        self._pool = pool
        self._writing = asyncio.Semaphore(WRITERS)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, connections: int = CONNECTIONS, name: str = NAME
    ) -> AsyncIterator[PostgresDatabase]:
        """Connect to the database at `url`, brought to the newest schema where needed.

        Args:
            url: the database.
            connections: at most.
            name: of each connection; `TEACHER` for a process that only carries out lessons.

        Raises:
            StorageError: it cannot be used; see `storage.errors`.
        """
        where = without_password(url)
        with named(where):
            pool = await asyncpg.create_pool(
                url,
                min_size=0,  # else it would log each try to connect again
                max_size=connections,
                max_inactive_connection_lifetime=0,
                timeout=CONNECT_SECONDS,
                init=_prepare,
                reset=_leave_as_it_is,
                server_settings={
                    **ALIVE,
                    "application_name": name,
                    "default_transaction_read_only": "on",
                    "lock_timeout": f"{LOCK_SECONDS}s",
                    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
                },
            )
        try:
            database = cls(pool, where)
            async with database._connection() as connection:
                await _require_suitable(connection, where)
                await _migrate(connection, where)
            yield database
        finally:
            await finish(_close(pool))

    @asynccontextmanager
    async def transaction(self, about: int | None = None) -> AsyncIterator[Transaction]:
        """Hold one server's rows, or everything, for one change."""
        async with self._writing, self._connection() as connection:
            tx = PostgresTransaction(connection, self.where)
            try:
                await tx.begin(_locks(about))
                yield tx
                await finish(tx.commit())
            except BaseException:
                await finish(tx.roll_back())
                raise
            finally:
                tx.end()

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Read what is committed, without waiting for a change.

        Raises:
            StorageError: the database could not do it.
        """
        async with self._connection() as connection:
            with named(self.where):
                return await _fetch(connection, sql, parameters)

    async def check(self) -> None:
        """Read every row, as text: PostgreSQL verifies what it reads.

        Raises:
            DatabaseDamagedError: something cannot be read.
        """
        for table in await self.tables():
            await self.rows(f"SELECT sum(length(t::text)) AS characters FROM {table} AS t")

    async def prove_writable(self) -> None:
        """Write the number of the schema anew.

        Raises:
            StorageError: the database cannot be written now.
        """
        async with self._connection() as connection:
            tx = PostgresTransaction(connection, self.where)
            try:
                await tx.begin("")
                await tx.rows("UPDATE schema_version SET version = version")
                await tx.commit()
            finally:
                await finish(tx.roll_back())

    def files(self, folder: Path) -> Files:
        """Return the files of one kind; what is needed as a path is copied into `folder`."""
        return PostgresFiles(self, folder)

    async def tidy(self) -> None:
        """Let deleted rows be overwritten; until then they lie in the files."""
        async with self._connection() as connection:
            with named(self.where):
                for table in await self.tables():
                    await connection.execute(f"VACUUM (ANALYZE) {table}")

    async def has_teacher(self) -> bool:
        """Look for a connection of a teacher's name."""
        found = await self.rows(
            """SELECT 1 FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = ?""",
            (TEACHER,),
        )
        return bool(found)

    async def tables(self) -> tuple[str, ...]:
        """List the tables of the schema in use."""
        rows = await self.rows(
            """SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
                ORDER BY tablename"""
        )
        return tuple(row["tablename"] for row in rows)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with named(self.where):
            connection = await self._pool.acquire(timeout=CONNECT_SECONDS + LOCK_SECONDS)
        try:
            yield connection
        finally:
            await finish(self._pool.release(connection))


class PostgresFiles(Files):
    """Files of one kind as rows, beside the rows that name them: one backup, one deletion.

    Those that must have a path are copied into a folder of this machine.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        """Work in `database`; the kind is the name of `folder`."""
        self._database = database
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """Store a file."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows(
                """INSERT INTO files (folder, name, content, stored_at)
                    VALUES (?, ?, ?, now()) ON CONFLICT (folder, name)
                    DO UPDATE SET content = excluded.content, stored_at = excluded.stored_at""",
                (self._folder.name, name, content),
            )

    async def read(self, name: str) -> bytes:
        """Read a file."""
        row = await self._database.row(
            "SELECT content FROM files WHERE folder = ? AND name = ?", (self._folder.name, name)
        )
        if row is None:
            raise FileNotFoundError(name)
        return bytes(row["content"])

    async def local(self, name: str) -> Path:
        """Copy a file to this machine, unless it is here already."""
        path = self._folder / name
        if not await asyncio.to_thread(path.is_file):
            await asyncio.to_thread(write_durably, path, await self.read(name))
        return path

    async def remove(self, names: Collection[str]) -> None:
        """Remove files, and this machine's copies."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows(
                f"DELETE FROM files WHERE folder = ? AND name IN {TEXT_LIST}",
                (self._folder.name, json.dumps(list(names))),
            )
        for name in names:
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def sweep(self, known: Collection[str]) -> None:
        """Remove what no row names; another process may be about to name what is new."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows(
                f"""DELETE FROM files WHERE folder = ? AND name NOT IN {TEXT_LIST}
                    AND stored_at < now() - interval '1 hour'""",
                (self._folder.name, json.dumps(list(known))),
            )
        for name in await asyncio.to_thread(others_in, self._folder, known):
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)


async def _fetch(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
    statement = postgres(sql)
    return cast("list[Row]", await connection.fetch(statement.sql, *statement.encode(parameters)))


def _locks(about: int | None) -> str:
    if about is None:
        return f"SELECT pg_advisory_xact_lock({EVERYTHING})"
    if about == ONE_STATEMENT:
        return ""
    one = about or DIRECT_MESSAGES
    return (
        f"SELECT pg_advisory_xact_lock_shared({EVERYTHING}); SELECT pg_advisory_xact_lock({one:d})"
    )


async def _prepare(connection: asyncpg.Connection) -> None:
    """Read sums as Python's numbers: PostgreSQL adds integers up as `numeric`."""
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
    )


async def _leave_as_it_is(_: Connection) -> None:
    """Save asyncpg's question at each return of a connection: nothing is ever set on one."""


def _number(written: str) -> int | float:
    return int(written) if written.lstrip("-").isdigit() else float(written)


async def _require_suitable(connection: Connection, where: str) -> None:
    with named(where):
        version = int(await connection.fetchval("SHOW server_version_num"))
        encoding = await connection.fetchval("SHOW server_encoding")
    if version < OLDEST_SERVER:
        raise DatabaseUnavailableError(where, f"PostgreSQL 15 or later is needed, not {version}")
    if encoding != "UTF8":
        raise DatabaseUnavailableError(where, f"its encoding must be UTF8, not {encoding}")


async def _migrate(connection: Connection, where: str) -> None:
    """Run the migrations this database has not seen, each with its record in one transaction.

    Of several processes that start at once, one migrates and the others wait for it.
    """
    with named(where):
        while await _migrate_one(connection, where):
            pass


async def _migrate_one(connection: Connection, where: str) -> bool:
    """Run the next migration; return False when there is none."""
    tx = PostgresTransaction(connection, where)
    try:
        await tx.begin("SELECT pg_advisory_xact_lock({:d}, {:d})".format(*MIGRATING))
        for table in OWN_TABLES:
            await tx.rows(table)
        row = await tx.row("SELECT version FROM schema_version")
        version = row["version"] if row else 0
        if version > len(MIGRATIONS):
            raise NewerSchemaError(where, found=version, known=len(MIGRATIONS))
        if version < len(MIGRATIONS):
            await MIGRATIONS[version](tx.rows)
            await tx.rows("DELETE FROM schema_version")
            await tx.rows("INSERT INTO schema_version (version) VALUES (?)", (version + 1,))
        await tx.commit()
    finally:
        await finish(tx.roll_back())
        tx.end()
    return version < len(MIGRATIONS)


async def _close(pool: asyncpg.Pool) -> None:
    """Wait until every connection is given back, or leave them where that takes too long."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except FAILURES:
        pool.terminate()


async def leave(connection: asyncpg.Connection) -> None:
    """Close a connection of `plain_connection`, without the server's answer where none comes."""
    with suppress(*FAILURES):
        await connection.close(timeout=CLOSE_SECONDS)


async def plain_connection(url: str) -> asyncpg.Connection:
    """Connect beside the pool: for locks and notifications, which end with their connection."""
    return await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, server_settings={**ALIVE, "application_name": NAME}
    )


def without_password(url: str) -> str:
    """Name a database for people and logs."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


# What asyncpg raises about a connection or a statement; the third is no kind of the others, and
# comes of a connection that dies while it is used.
FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_ERRORS: tuple[tuple[type[Exception], Callable[[str, Exception], StorageError]], ...] = (
    (asyncpg.DiskFullError, lambda where, _: DiskFullError(where, None)),
    (asyncpg.ReadOnlySQLTransactionError, lambda where, _: DatabaseReadOnlyError(where)),
    (asyncpg.InsufficientPrivilegeError, lambda where, _: DatabaseReadOnlyError(where)),
    (asyncpg.LockNotAvailableError, lambda where, _: DatabaseLockedError(where)),
    (asyncpg.DataCorruptedError, lambda where, error: DatabaseDamagedError(where, str(error))),
    (asyncpg.IndexCorruptedError, lambda where, error: DatabaseDamagedError(where, str(error))),
)


@contextmanager
def named(where: str) -> Iterator[None]:
    """Translate what asyncpg raises about a database into the errors of `storage.errors`.

    As with SQLite, what is a mistake in our code passes through.
    """
    try:
        yield
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.SyntaxOrAccessError) as error:
        if not isinstance(error, asyncpg.InsufficientPrivilegeError):
            raise
        raise DatabaseReadOnlyError(where) from error
    except FAILURES as error:
        for kind, make in _ERRORS:
            if isinstance(error, kind):
                raise make(where, error) from error
        raise DatabaseUnavailableError(where, str(error) or type(error).__name__) from error
