"""Turns: a bounded amount of work at once, and each server in its turn."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

Lane = Hashable

# Turns that a lane without work here counts as further back than the last one: it comes before a
# flood, but many such lanes do not keep one that waits for a second turn waiting for ever.
HEAD_START = 8


class Turns:
    """Lets so many in at once; whoever waits comes in lane by lane, not first by first.

    The lane with the least under way goes first, then the one that was let in longest ago. So a
    lane that sends a flood waits for itself, and another's single request for one turn at most.
    """

    def __init__(self, at_once: int) -> None:
        """Let `at_once` in."""
        self._free = at_once
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {}
        self._inside: Counter[Lane] = Counter()
        self._last: dict[Lane, int] = {}  # when each lane was let in; those with nothing here leave
        self._count = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(lane) for lane in self._waiting.values())

    @asynccontextmanager
    async def turn(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block."""
        if self._free:
            self._enter(lane)
        else:
            await self._wait(lane)
        try:
            yield
        finally:
            self._leave(lane)

    async def _wait(self, lane: Lane) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(lane, deque()).append(future)
        self._last.setdefault(lane, self._count - HEAD_START)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():  # let in at the very moment it gave up
                self._leave(lane)
            else:
                self._forget(lane, future)
            raise

    def _leave(self, lane: Lane) -> None:
        self._inside[lane] -= 1
        self._free += 1
        self._let_in()
        if not self._inside[lane]:
            del self._inside[lane]
            if lane not in self._waiting:
                self._last.pop(lane, None)

    def _let_in(self) -> None:
        while self._waiting:
            following = min(self._waiting, key=self._claim)
            future = self._waiting[following][0]
            self._forget(following, future)
            if not future.done():  # it gave up in this very moment, and has not heard of it yet
                self._enter(following)
                future.set_result(None)
                return

    def _claim(self, lane: Lane) -> tuple[int, int]:
        return self._inside[lane], self._last[lane]

    def _enter(self, lane: Lane) -> None:
        self._free -= 1
        self._count += 1
        self._inside[lane] += 1
        self._last[lane] = self._count

    def _forget(self, lane: Lane, future: asyncio.Future[None]) -> None:
        queue = self._waiting.get(lane)
        if queue is None or future not in queue:
            return
        queue.remove(future)
        if not queue:
            del self._waiting[lane]
            if not self._inside[lane]:
                self._last.pop(lane, None)
