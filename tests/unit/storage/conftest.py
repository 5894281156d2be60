from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database, SqliteDatabase
from storage.songs import Songs
from tests.helpers.databases import database, opens, postgres
from tests.unit.storage import NOW

__all__ = ["database", "opens", "postgres"]  # fixtures


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usamimi.db"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[SqliteDatabase]:
    """An empty database of SQLite, for what is its own."""
    async with SqliteDatabase.open(path) as opened:
        yield opened


@pytest.fixture
def songs(database: Database) -> Songs:
    return Songs(database, now=lambda: NOW)
