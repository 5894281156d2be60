from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.songs import Songs
from tests.unit.storage import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usamimi.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with Database.open(path) as database:
        yield database


@pytest.fixture
def songs(database: Database) -> Songs:
    return Songs(database, now=lambda: NOW)
