"""Know which servers this process serves, and agree with the bot's other processes.

Discord gives each server to one shard, by its id.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

IDENTIFY_SECONDS = 5.0  # between two new sessions of one bucket; Discord's rule
SNOWFLAKE_TIME_BITS = 22  # the bits of an id below its time


def shard_of(guild_id: int, count: int) -> int:
    """Return the shard, of `count`, to which Discord gives a server; direct messages are at 0."""
    return (guild_id >> SNOWFLAKE_TIME_BITS) % count


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of one process.

    What another process owns is never gone, only out of sight: whatever deletes, imports, embeds
    again or shows for a server asks `owns` first.

    Attributes:
        ids: their numbers; empty: all that the bot has.
        count: how many the bot has in all processes; 0: as many as Discord recommends.
    """

    ids: tuple[int, ...] = ()
    count: int = 0

    def owns(self, guild_id: int) -> bool:
        """Return whether a server is served by this process."""
        return not self.ids or shard_of(guild_id, self.count) in self.ids


ALL_SHARDS = Shards()


class Peers(Protocol):
    """The other processes of this bot, as far as this one must know of them."""

    async def lead(self) -> bool:
        """Return whether this process does what one of all must do."""

    async def take(self, bucket: int) -> None:
        """Wait for the turn to begin a session with Discord."""

    def observe(self, news: Callable[[int | None], None]) -> None:
        """Call `news` when another process erased a member; None: anything may have changed."""


class Alone:
    """Stands for no others: a bot with a file is one process."""

    def __init__(
        self,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with every turn free; `sleep` and `clock` work in seconds."""
        self._sleep = sleep
        self._clock = clock
        self._free_at: dict[int, float] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def lead(self) -> bool:
        """Lead: there is nobody else."""
        return True

    async def take(self, bucket: int) -> None:
        """Wait until the last session of this bucket is old enough."""
        async with self._locks[bucket]:
            wait = self._free_at.get(bucket, 0.0) - self._clock()
            if wait > 0:
                await self._sleep(wait)
            self._free_at[bucket] = self._clock() + IDENTIFY_SECONDS

    def observe(self, news: Callable[[int | None], None]) -> None:
        """Have nothing to tell."""


def parse_shard_ids(written: str) -> tuple[int, ...]:
    """Read shard numbers such as "0-3,8"; in order, each once.

    Raises:
        ValueError: it is not written so.
    """
    found: set[int] = set()
    for part in filter(None, written.replace(" ", "").split(",")):
        first, dash, last = part.partition("-")
        begin, end = int(first), int(last) if dash else int(first)
        if end < begin:
            raise ValueError(part)
        found.update(range(begin, end + 1))
    return tuple(sorted(found))
