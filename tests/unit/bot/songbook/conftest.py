from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from storage.database import Database
from tests.unit.bot.songbook.factories import Book, open_book


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
async def book(database: Database, executor: Executor) -> AsyncIterator[Book]:
    async with open_book(database, executor) as opened:
        yield opened
