"""Database, memory and files follow each other when something is erased."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.lessons.contributions import ContributionService
from bot.privacy.erasure import ErasureService
from storage.database import Database, SqliteDatabase
from storage.erasure import Erased, Erasure, Scope, ScopeKind
from storage.errors import StorageError
from storage.files import DataFolder, Files
from storage.lessons import Contributions, Matter
from storage.postgres import PostgresDatabase
from storage.songs import Songs
from tests.unit.storage import POST, SERVER, heard, post
from tests.unit.storage.lessons import MEMBER, OTHER, kept, taught

Told = list[tuple[str, Scope, Erased | None]]


class Observer:
    """Writes down what it is told."""

    def __init__(self, name: str, told: Told) -> None:
        self._name = name
        self._told = told

    def before_erasure(self, scope: Scope) -> None:
        self._told.append((f"{self._name} before", scope, None))

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        self._told.append((f"{self._name} after", scope, erased))


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


@pytest.fixture
def erasure(database: Database, data: DataFolder, told: Told) -> ErasureService:
    return erasing(database, data, Observer("first", told), Observer("last", told))


def erasing(database: Database, data: DataFolder, *observers: Observer) -> ErasureService:
    crops, models = database.files(data.art), database.files(data.models)
    return ErasureService(Erasure(database), crops, models, observers)


async def hand_over_art(database: Database, data: DataFolder, member_id: int) -> str:
    name = f"{member_id}.png"
    await database.files(data.art).put(name, b"a face")
    await kept(database, member_id, member_id=member_id, matter=Matter.ART, file=name)
    return name


async def there(files: Files, name: str) -> bool:
    try:
        await files.read(name)
    except FileNotFoundError:
        return False
    return True


async def test_observers_are_told_before_and_after_in_their_order(
    erasure: ErasureService, database: Database, told: Told
) -> None:
    await Songs(database).remember(POST, heard(1))
    erased = await erasure.erase_member(POST.poster_id)
    scope = Scope.member(POST.poster_id)
    assert told == [
        ("first before", scope, None),
        ("last before", scope, None),
        ("first after", scope, erased),
        ("last after", scope, erased),
    ]
    assert erased.deleted == {"songs": 1}


async def test_what_another_process_erased_is_read_anew_by_all_observers(
    erasure: ErasureService, told: Told
) -> None:
    erasure.reread(7)
    erasure.reread(None)
    member, anything = Scope.member(7), Scope(ScopeKind.MEMBER, frozenset())
    assert told == [
        (f"{name} {when}", scope, None)
        for scope in (member, anything)
        for name in ("first", "last")
        for when in ("before", "after")
    ]


async def test_files_of_an_erased_member_go_and_others_stay(
    erasure: ErasureService, database: Database, data: DataFolder
) -> None:
    gone, stays = [await hand_over_art(database, data, member) for member in (MEMBER, OTHER)]
    await erasure.erase_member(MEMBER)
    assert not await there(database.files(data.art), gone)
    assert await there(database.files(data.art), stays)


async def test_model_files_of_an_erased_server_go(
    erasure: ErasureService, database: Database, data: DataFolder
) -> None:
    model = await taught(database)
    models = database.files(data.models)
    await models.put(model.file, b"numbers")
    await erasure.erase_guild(SERVER)
    assert not await there(models, model.file)


async def test_what_is_taken_back_goes_with_its_file(
    erasure: ErasureService, database: Database, data: DataFolder
) -> None:
    file = await hand_over_art(database, data, MEMBER)
    (given,) = await Contributions(database).of_member(MEMBER)
    erased = await erasure.erase_contributions(MEMBER, [given.contribution_id])
    assert [each.title for each in erased.contributions] == [given.title]
    assert not await there(database.files(data.art), file)


async def test_a_database_that_fails_leaves_files_and_has_memory_read_anew(
    tmp_path: Path, data: DataFolder, told: Told
) -> None:
    async with SqliteDatabase.open(tmp_path / "usamimi.db", busy_seconds=0.05) as database:
        file = await hand_over_art(database, data, MEMBER)
        erasure = erasing(database, data, Observer("only", told))
        async with SqliteDatabase.open(database.path) as another, another.transaction():
            with pytest.raises(StorageError):
                await erasure.erase_member(MEMBER)
        assert await there(database.files(data.art), file)
        assert len(await Contributions(database).of_member(MEMBER)) == 1
    assert told == [
        ("only before", Scope.member(MEMBER), None),
        ("only after", Scope.member(MEMBER), None),
    ]


async def test_an_erasure_goes_on_to_its_end_when_its_caller_is_cancelled(
    erasure: ErasureService, database: Database, data: DataFolder, told: Told
) -> None:
    file = await hand_over_art(database, data, MEMBER)
    async with database.transaction():  # the erasure waits for its turn
        caller = asyncio.create_task(erasure.erase_member(MEMBER))
        await asyncio.sleep(0)
        assert told  # it has begun
        caller.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [what for what, *_ in told][-1] == "last after"
    assert not await there(database.files(data.art), file)
    assert await Contributions(database).of_member(MEMBER) == ()


async def test_what_a_crash_left_between_commit_and_files_goes_at_the_next_start(
    database: Database, data: DataFolder
) -> None:
    gone, stays = [await hand_over_art(database, data, member) for member in (MEMBER, OTHER)]
    await Erasure(database).erase(Scope.member(MEMBER))
    assert await there(database.files(data.art), gone)
    contributions = ContributionService(
        Contributions(database),
        None,  # type: ignore[arg-type]  # nothing is handed over here
        None,  # type: ignore[arg-type]
        database.files(data.art),
        None,  # type: ignore[arg-type]
    )
    if isinstance(database, PostgresDatabase):  # another process may be about to name what is new
        async with database.transaction() as tx:
            await tx.rows("UPDATE files SET stored_at = stored_at - interval '2 hours'")
    await contributions.sweep()
    assert not await there(database.files(data.art), gone)
    assert await there(database.files(data.art), stays)


async def test_messages_and_channels_are_erased_in_their_server_only(
    erasure: ErasureService, database: Database
) -> None:
    songs = Songs(database)
    await songs.remember(post(1), heard(1))
    assert (await erasure.erase_messages(SERVER + 1, [1])).deleted == {}
    assert (await erasure.erase_channel(SERVER + 1, POST.channel_id)).deleted == {}
    assert (await erasure.erase_channel(SERVER, POST.channel_id)).deleted == {"songs": 1}
