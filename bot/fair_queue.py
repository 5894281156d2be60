"""A queue for a bounded amount of work at once, in which servers take turns."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

Lane = Hashable  # whose work it is: a server's id, or None for direct messages
_Waiting = dict[Lane, deque[asyncio.Future[None]]]

# Turns that a lane without work here counts as further back than the last one: it comes before a
# flood, but many such lanes do not keep one that waits for a second turn waiting for ever.
HEAD_START = 8


class FairQueue:
    """Runs a bounded number at once; who waits is let in lane by lane, not first by first.

    The lane with the least running goes first, then the one that was let in longest ago. So a
    lane that sends a flood waits for itself, and another's single request for one turn at most.
    Background work waits behind everything else, whatever its lane, and takes turns the same way.
    """

    def __init__(self, concurrent: int) -> None:
        """Let `concurrent` run at once."""
        self._free = concurrent
        self._waiting: _Waiting = {}
        self._background: _Waiting = {}
        self._running: Counter[Lane] = Counter()
        self._last: dict[Lane, int] = {}  # when each lane was let in; lanes with nothing here leave
        self._count = 0

    @property
    def waiting(self) -> int:
        """The number of those who wait."""
        every = (*self._waiting.values(), *self._background.values())
        return sum(len(lane) for lane in every)

    @asynccontextmanager
    async def turn(self, lane: Lane, *, background: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block.

        Args:
            lane: whose turn.
            background: nobody waits for it, so whoever somebody waits for goes first.
        """
        if self._free > 0:
            self._enter(lane)
        else:
            await self._wait(lane, self._background if background else self._waiting)
        try:
            yield
        finally:
            self._leave(lane)

    async def _wait(self, lane: Lane, waiting: _Waiting) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.setdefault(lane, deque()).append(future)
        self._last.setdefault(lane, self._count - HEAD_START)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():  # let in at the very moment it gave up
                self._leave(lane)
            else:
                self._remove(lane, future, waiting)
            raise

    def _leave(self, lane: Lane) -> None:
        self._running[lane] -= 1
        self._free += 1
        self._let_in()
        if not self._running[lane]:
            del self._running[lane]
            self._drop_if_empty(lane)

    def _let_in(self) -> None:
        while self._free > 0 and (waiting := self._waiting or self._background):
            lane = min(waiting, key=self._claim)
            future = waiting[lane][0]
            self._remove(lane, future, waiting)
            if not future.done():  # else it has given up, and does not know yet
                self._enter(lane)
                future.set_result(None)

    def _claim(self, lane: Lane) -> tuple[int, int]:
        return self._running[lane], self._last.get(lane, 0)

    def _enter(self, lane: Lane) -> None:
        self._free -= 1
        self._count += 1
        self._running[lane] += 1
        self._last[lane] = self._count

    def _remove(self, lane: Lane, future: asyncio.Future[None], waiting: _Waiting) -> None:
        queue = waiting.get(lane)
        if queue is None or future not in queue:
            return
        queue.remove(future)
        if not queue:
            del waiting[lane]
            if not self._running[lane]:
                self._drop_if_empty(lane)

    def _drop_if_empty(self, lane: Lane) -> None:
        if lane not in self._waiting and lane not in self._background:
            self._last.pop(lane, None)
