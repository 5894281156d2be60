"""Several processes on one database: each shard is served once, one leads, all forget."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from storage import postgres as postgres_module
from storage import processes
from storage.database import Database
from storage.erasure import Erasure, Scope
from storage.postgres import TEACHER, PostgresDatabase
from storage.processes import PlanDiffersError, Processes
from storage.songs import Songs
from tests.helpers.postgres import PostgresServer, connected
from tests.unit.storage import NOW, POST, SERVER, heard, post

SOON = 0.05  # seconds between two looks


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(processes, name, SOON)


@pytest.fixture
async def url(postgres: PostgresServer) -> str:
    return await postgres.empty_database()  # locks are of a database, not of a schema


def joined(url: str, *shards: int, count: int = 3) -> AbstractAsyncContextManager[Processes]:
    return Processes.join(url, shards, count, lambda: None)


async def test_one_of_all_leads_and_when_it_ends_another_does(url: str) -> None:
    async with joined(url, 0) as second:
        async with joined(url, 1) as first:
            assert [await first.lead(), await second.lead(), await first.lead()] == [
                True,
                False,
                True,
            ]
        while not await second.lead():  # noqa: ASYNC110 - a server's process ends in its own time
            await asyncio.sleep(SOON)


async def test_asking_who_leads_again_and_again_does_not_cost_the_locks(url: str) -> None:
    told: list[int | None] = []
    async with joined(url, 0) as leader, joined(url, 1) as other:
        other.observe(told.append)
        assert await leader.lead()
        for _ in range(30):  # while it looks whether its connection lives
            asked = await asyncio.gather(*(other.lead() for _ in range(5)))
            assert asked == [False] * 5
            await asyncio.sleep(SOON / 5)
        assert told == []


async def test_others_see_a_teacher_for_as_long_as_it_lives(url: str) -> None:
    async with PostgresDatabase.open(url) as database:
        assert not await database.has_teacher()
        async with PostgresDatabase.open(url, name=TEACHER):
            assert await database.has_teacher()
        while await database.has_teacher():  # noqa: ASYNC110 - a connection ends in its own time
            await asyncio.sleep(SOON)


async def test_a_process_ends_although_the_database_does_not_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "CLOSE_SECONDS", SOON)
    async with PostgresDatabase.open(url) as database:
        asked = asyncio.create_task(database.row("SELECT pg_sleep(600)"))
        await asyncio.sleep(SOON)
    (outcome,) = await asyncio.gather(asked, return_exceptions=True)
    assert isinstance(outcome, Exception)


async def test_who_wants_a_shard_waits_until_it_is_free(url: str) -> None:
    order: list[str] = []

    async def take_over() -> None:
        async with joined(url, 1, 2):
            order.append("new")

    async with joined(url, 0, 1):
        waiting = asyncio.create_task(take_over())
        await asyncio.sleep(0.3)
        order.append("old ends")
    await waiting
    assert order == ["old ends", "new"]


async def test_another_number_of_shards_is_refused_while_somebody_runs(url: str) -> None:
    async with joined(url, 0, count=3):
        with pytest.raises(PlanDiffersError) as error:
            async with joined(url, 1, count=4):
                pass
        assert (error.value.count, error.value.running) == (4, 3)
    for _ in range(100):  # until the server has let the first one's locks go
        try:
            async with joined(url, 1, count=4):
                return
        except PlanDiffersError:
            await asyncio.sleep(SOON)
    raise AssertionError("the old plan is still held")


async def test_sessions_of_a_bucket_begin_one_after_another_in_all_processes(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "TURN_SECONDS", 0.3)
    loop, began = asyncio.get_running_loop(), []

    async def begin(process: Processes, bucket: int) -> None:
        await process.take(bucket)
        began.append((bucket, loop.time()))

    async with joined(url, 0) as first, joined(url, 1) as second:
        await asyncio.gather(begin(first, 0), begin(second, 0), begin(second, 1))
    times = [at for bucket, at in began if bucket == 0]
    assert abs(times[0] - times[1]) > 0.25


async def test_what_one_process_erases_of_a_member_the_others_are_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int | None] = []
    async with joined(url, 0) as process, PostgresDatabase.open(url) as database:
        process.observe(told.append)
        await Songs(database).remember(POST, heard(1))
        await Erasure(database).erase(Scope.guild(SERVER))
        await Erasure(database).erase(Scope.member(7))
        await asyncio.sleep(0.2)
        assert told == []  # it did so itself
        monkeypatch.setattr(processes, "PROCESS", "another")
        await Erasure(database).erase(Scope.member(8))
        await until(told, [8])
        await forget_old_songs(database)
        await until(told, [8, None])


async def forget_old_songs(database: Database) -> None:
    songs = Songs(database, lambda: NOW)
    await songs.remember(post(2), heard(2))
    assert await songs.forget_older_than(NOW.replace(year=NOW.year + 1))


async def until(told: list[int | None], expected: list[int | None]) -> None:
    for _ in range(200):
        if told == expected:
            return
        await asyncio.sleep(SOON)
    raise AssertionError(told)


async def test_an_erasure_that_is_undone_is_not_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int | None] = []
    monkeypatch.setattr(processes, "PROCESS", "another")
    async with joined(url, 0) as process, PostgresDatabase.open(url) as database:
        process.observe(told.append)
        with pytest.raises(ZeroDivisionError):
            await announce_and_fail(database)
        await Erasure(database).erase(Scope.member(8))
        await until(told, [8])


async def announce_and_fail(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.announce(7)
        raise ZeroDivisionError


async def test_after_the_database_was_away_everything_is_claimed_and_read_anew(
    url: str, postgres: PostgresServer
) -> None:
    told: list[int | None] = []
    async with joined(url, 0) as process:
        process.observe(told.append)
        assert await process.lead()
        await asyncio.to_thread(postgres.kill)
        postgres.start()
        await until(told, [None])
        assert await process.lead()
        taker = asyncio.create_task(partial(joined(url, 0).__aenter__)())
        await asyncio.sleep(0.3)
        assert not taker.done()  # the shard is held again
        taker.cancel()
        await asyncio.gather(taker, return_exceptions=True)


async def test_after_the_database_was_only_slow_its_own_locks_are_in_nobodys_way(url: str) -> None:
    told: list[int | None] = []
    lost = asyncio.Event()
    async with Processes.join(url, [0], 3, lost.set) as process, connected(url) as beside:
        process.observe(told.append)
        holder = await beside.fetchval(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1", processes.SHARD
        )
        os.kill(holder, signal.SIGSTOP)
        await asyncio.sleep(0.5)  # the process gives its connection up and makes another
        os.kill(holder, signal.SIGCONT)
        await until(told, [None])
    assert not lost.is_set()


async def test_who_finds_its_shard_taken_after_the_database_was_away_ends(
    url: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = asyncio.Event()
    async with Processes.join(url, [0], 3, lost.set):
        monkeypatch.setattr(processes, "RETRY_SECONDS", 3.0)  # it comes late
        await asyncio.to_thread(postgres.kill)
        await asyncio.sleep(0.3)
        postgres.start()
        async with joined(url, 0):
            await asyncio.wait_for(lost.wait(), 30)
