from __future__ import annotations

import asyncio

import pytest

from storage.channels import ImportCounts, Imports, ImportState, Notice
from storage.database import Database
from tests.unit.storage import NOW, OTHER_SERVER, SERVER

ADMINISTRATOR = 3


@pytest.fixture
def imports(database: Database) -> Imports:
    return Imports(database, now=lambda: NOW)


async def test_an_import_begins_with_nothing_done(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    assert (begun.state, begun.cursor_id, begun.counts) == (
        ImportState.RUNNING,
        None,
        ImportCounts(),
    )
    assert (begun.started_by, begun.started_at) == (ADMINISTRATOR, NOW)


async def test_two_administrators_at_once_start_one_import(imports: Imports) -> None:
    first, second = await asyncio.gather(
        imports.start(SERVER, 10, ADMINISTRATOR), imports.start(SERVER, 10, 4)
    )
    assert first == second


async def test_progress_adds_up_and_survives_a_restart(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    await imports.advance(begun.import_id, 900, ImportCounts(messages=100, remembered=7, known=1))
    await imports.advance(begun.import_id, 800, ImportCounts(messages=100, refused=2, unheard=3))
    (running,) = await imports.running()
    assert running.cursor_id == 800
    assert running.counts == ImportCounts(200, 7, 1, 2, 3)


async def test_a_cancelled_import_hears_of_it_and_goes_no_further(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    assert await imports.finish(begun.import_id, ImportState.CANCELLED) is True
    assert await imports.advance(begun.import_id, 900, ImportCounts(messages=1)) is False
    assert await imports.finish(begun.import_id, ImportState.DONE) is False
    found = await imports.find(SERVER, begun.import_id)
    assert found is not None
    assert (found.state, found.cursor_id) == (ImportState.CANCELLED, None)


async def test_a_channel_can_be_imported_again_when_the_first_has_ended(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    await imports.finish(begun.import_id, ImportState.DONE)
    again = await imports.start(SERVER, 10, ADMINISTRATOR)
    assert again.import_id != begun.import_id
    assert [found.import_id for found in await imports.running()] == [again.import_id]


async def test_another_server_cannot_see_an_import(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    assert await imports.find(OTHER_SERVER, begun.import_id) is None


async def test_where_progress_is_shown_survives_a_restart(imports: Imports) -> None:
    begun = await imports.start(SERVER, 10, ADMINISTRATOR)
    assert begun.notice is None
    notice = Notice(channel_id=11, message_id=12, locale="ja")
    await imports.set_notice(begun.import_id, notice)
    (running,) = await imports.running()
    assert running.notice == notice


def test_counts_add() -> None:
    assert ImportCounts(1, 2, 3, 4, 5) + ImportCounts(1, 1, 1, 1, 1) == ImportCounts(2, 3, 4, 5, 6)
