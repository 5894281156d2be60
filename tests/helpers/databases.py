"""An empty database of each engine, for tests that must pass on both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.database import Database, SqliteDatabase
from storage.postgres import PostgresDatabase
from tests.helpers.postgres import PostgresServer, postgres_server

OWN = frozenset({"files", "schema_version", "shard_plan"})  # tables that PostgreSQL alone has


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this session's own; tests that ask for it skip where it is not installed."""
    with postgres_server() as server:
        yield server


@dataclass(frozen=True, slots=True)
class Opens:
    """Opens one database as often as a test starts anew; a file or an address."""

    where: str

    def __call__(self) -> AbstractAsyncContextManager[Database]:
        """Open it for a block."""
        if self.where.startswith("postgresql:"):
            return PostgresDatabase.open(self.where)
        return SqliteDatabase.open(Path(self.where))


@pytest.fixture(params=["sqlite", "postgres"])
async def opens(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opens]:
    """A database of each engine in turn, empty, with the newest schema."""
    if request.param == "sqlite":
        yield Opens(str(await migrated_file(tmp_path / "usamimi.db")))
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with server.migrated_database() as url:
        yield Opens(url)


_migrated: list[bytes] = []  # the file, once it was made


async def migrated_file(path: Path) -> Path:
    """Lay down an empty database file with the newest schema; made once, then copied."""
    if _migrated:
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(path.write_bytes, _migrated[0])
    else:
        async with SqliteDatabase.open(path):
            pass  # closed, all of it is in the file
        _migrated.append(await asyncio.to_thread(path.read_bytes))
    return path


@pytest.fixture
async def database(opens: Opens) -> AsyncIterator[Database]:
    """An empty database of each engine in turn: both must give every answer alike."""
    async with opens() as opened:
        yield opened


async def table_names(database: Database) -> list[str]:
    """List the tables that both engines have."""
    if isinstance(database, PostgresDatabase):
        return [table for table in await database.tables() if table not in OWN]
    rows = await database.rows(
        """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
            ORDER BY name"""
    )
    return [row["name"] for row in rows]


async def column_names(database: Database, table: str) -> list[str]:
    """List a table's columns, in their order."""
    if isinstance(database, PostgresDatabase):
        rows = await database.rows(
            """SELECT column_name AS name FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = ?
                ORDER BY ordinal_position""",
            (table,),
        )
    else:
        rows = await database.rows(f"PRAGMA table_info({table})")
    return [row["name"] for row in rows]
