"""What the processes of one bot agree on, by locks in the PostgreSQL database that they share.

A lock belongs to a connection and goes with its process, however that ends:

- the plan: every process holds it together with the others, and the number of shards can change
  only while nobody does;
- a shard: one process at a time, so that in a rolling update the new one waits for the old one and
  no member is answered twice;
- the leader: does once what all could do;
- a bucket's turn to begin a session with Discord.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import structlog

from storage.database import finish
from storage.postgres import (
    CHANNEL,
    FAILURES,
    PROCESS,
    PostgresDatabase,
    leave,
    named,
    plain_connection,
    without_password,
)

log = structlog.stdlib.get_logger(__name__)

PLAN, SHARD, LEADER, TURN = 2, 3, 4, 5  # first numbers of locks
LOOK_SECONDS = 5.0  # between two looks whether the connection is alive
RETRY_SECONDS = 1.0
TURN_SECONDS = 5.0  # between two sessions of one bucket; Discord's rule
OWN_BACKEND = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
END_BACKEND = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE pid = $1 AND backend_start = $2"""

News = Callable[[int | None], None]  # a member was erased in another process; None: anything may be


class PlanDiffersError(Exception):
    """Other processes of this bot run with another number of shards."""

    def __init__(self, count: int, running: int) -> None:
        super().__init__(f"others run with {running or 'all'} shards, not {count or 'all'}")
        self.count = count
        self.running = running


class Processes:
    """This process among the others."""

    def __init__(self, url: str, shards: Collection[int], count: int) -> None:
        """Prepare to hold `shards` of `count`; (0,) of 0 stands for all of them."""
        self._url = url
        self._shards = sorted(shards)
        self._count = count
        self._connection: asyncpg.Connection | None = None
        self._backend: tuple[Any, ...] = ()  # what the server runs for it, also after it is lost
        self._asking = asyncio.Lock()  # a connection answers one question at a time
        self._leads = False
        self._turns: set[asyncio.Task[None]] = set()
        self._news: list[News] = []
        self._lost: Callable[[], None] = lambda: None

    @classmethod
    @asynccontextmanager
    async def join(
        cls, url: str, shards: Collection[int], count: int, lost: Callable[[], None]
    ) -> AsyncIterator[Processes]:
        """Hold some shards for the block, waiting for whoever still has them.

        Args:
            url: the database.
            shards: numbers of the shards.
            count: how many the bot has.
            lost: called when another process has taken a shard over while the database was away:
                this one must end.

        Raises:
            PlanDiffersError: others run with another number of shards.
            StorageError: the database cannot be used.
        """
        async with PostgresDatabase.open(url):
            pass  # its schema is made
        processes = cls(url, shards, count)
        processes._lost = lost
        with named(without_password(url)):
            await processes._connect(wait=True)
        watch = asyncio.create_task(processes._watch(), name="processes")
        try:
            yield processes
        finally:
            watch.cancel()
            await asyncio.gather(watch, *processes._turns, return_exceptions=True)
            await finish(processes._disconnect())

    def observe(self, news: News) -> None:
        """Call `news` from now on when another process erased something."""
        self._news.append(news)

    async def lead(self) -> bool:
        """Return whether this process is the leader, which it becomes where there is none."""
        async with self._asking:
            if not self._leads and self._connection is not None:
                with suppress(*FAILURES):
                    self._leads = await _try(self._connection, LEADER, 0)
            return self._leads

    async def take(self, bucket: int) -> None:
        """Wait for a bucket's turn among all processes; the next one comes five seconds later."""
        try:
            connection = await plain_connection(self._url)
        except FAILURES:  # Discord refuses what comes too soon
            log.warning("turn_not_asked_for", bucket=bucket)
            await asyncio.sleep(TURN_SECONDS)
            return
        try:
            await connection.execute(f"SELECT pg_advisory_lock({TURN}, {bucket:d})")
        except BaseException:
            await finish(leave(connection))
            raise
        task = asyncio.create_task(_give_back_later(connection), name="turn")
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)

    async def _connect(self, *, wait: bool) -> None:
        connection = await plain_connection(self._url)
        try:
            if self._backend:  # a server that was only slow still holds our locks for it
                await connection.execute(END_BACKEND, *self._backend)
            self._backend = tuple(await connection.fetchrow(OWN_BACKEND))
            await self._claim_plan(connection)
            for shard in self._shards:
                await self._claim_shard(connection, shard, wait=wait)
            await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            await finish(leave(connection))
            raise
        self._connection = connection

    async def _claim_plan(self, connection: asyncpg.Connection) -> None:
        """Hold the plan with the others, and write it where there are none.

        Raises:
            PlanDiffersError: others run with another number of shards.
        """
        alone = await _try(connection, PLAN, 0)
        if alone:
            await connection.execute("DELETE FROM shard_plan")
            await connection.execute("INSERT INTO shard_plan (count) VALUES ($1)", self._count)
        await connection.execute(f"SELECT pg_advisory_lock_shared({PLAN}, 0)")
        if alone:
            await connection.execute(f"SELECT pg_advisory_unlock({PLAN}, 0)")
        running = await connection.fetchval("SELECT count FROM shard_plan")
        if running != self._count:
            raise PlanDiffersError(self._count, running)

    async def _claim_shard(self, connection: asyncpg.Connection, shard: int, *, wait: bool) -> None:
        if await _try(connection, SHARD, shard):
            return
        if not wait:
            raise _ShardTakenError
        log.info("waiting_for_shard", shard=shard, reason="another process serves it")
        await connection.execute(f"SELECT pg_advisory_lock({SHARD}, {shard:d})")

    async def _watch(self) -> None:
        """Look whether the connection lives; claim everything again when it did not."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if await self._alive():
                continue
            log.warning("locks_lost", reason="the database was away")
            self._leads = False
            await self._disconnect()
            if not await self._connect_again():
                self._lost()
                return
            for news in self._news:  # what was told meanwhile was not heard
                news(None)

    async def _alive(self) -> bool:
        assert self._connection is not None
        async with self._asking:
            try:
                await self._connection.fetchval("SELECT 1", timeout=LOOK_SECONDS)
            except FAILURES:
                return False
            return True

    async def _connect_again(self) -> bool:
        """Claim everything again; return False when another process was quicker."""
        while True:
            try:
                await self._connect(wait=False)
            except (_ShardTakenError, PlanDiffersError):
                log.error("shards_lost", reason="another process serves them now")
                return False
            except FAILURES:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return True

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _hear(self, _: Any, __: int, ___: str, payload: Any) -> None:
        told = json.loads(str(payload))
        if told["from"] != PROCESS:
            for news in self._news:
                news(told["member"])


class _ShardTakenError(Exception):
    """Another process holds a shard."""


async def _try(connection: asyncpg.Connection, kind: int, number: int) -> bool:
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", kind, number))


async def _give_back_later(connection: asyncpg.Connection) -> None:
    try:
        await asyncio.sleep(TURN_SECONDS)
    finally:
        await finish(leave(connection))
