"""Turns: a bounded amount of work at once, and each server in its turn."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass

Lane = Hashable

# Turns that a lane without work here counts as further back than the last one: it comes before a
# flood, but many such lanes do not keep one that waits for a second turn waiting for ever.
HEAD_START = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One who waits."""

    future: asyncio.Future[None]
    patient: bool


class FairQueue:
    """Lets so many in at once; whoever waits comes in lane by lane, not first by first.

    The lane with the least under way goes first, then the one that was let in longest ago. So a
    lane that sends a flood waits for itself, and another's single request for one turn at most.
    """

    def __init__(self, at_once: int, patient: int = 0) -> None:
        """Let `at_once` in, and so many more if they are patient."""
        self._free = at_once  # below zero while patient ones are inside beyond it
        self._more = patient
        self._waiting: dict[Lane, deque[_Place]] = {}
        self._inside: Counter[Lane] = Counter()
        self._last: dict[Lane, int] = {}  # when each lane was let in; those with nothing here leave
        self._count = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(lane) for lane in self._waiting.values())

    @asynccontextmanager
    async def turn(self, lane: Lane, *, patient: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block.

        Args:
            lane: whose turn.
            patient: nobody waits for it, so that it may be one of more at once, which get more
                done together. It comes before nobody for that.
        """
        if self._free > 0:
            self._enter(lane)
        else:
            await self._wait(lane, patient=patient)
        try:
            yield
        finally:
            self._leave(lane)

    async def _wait(self, lane: Lane, *, patient: bool) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = _Place(future, patient)
        self._waiting.setdefault(lane, deque()).append(place)
        self._last.setdefault(lane, self._count - HEAD_START)
        self._let_in()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():  # let in at the very moment it gave up
                self._leave(lane)
            else:
                self._forget(lane, place)
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
            place = self._waiting[following][0]
            if self._free + (self._more if place.patient else 0) <= 0:
                return
            self._forget(following, place)
            if not place.future.done():  # else it has given up, and has not heard of it yet
                self._enter(following)
                place.future.set_result(None)

    def _claim(self, lane: Lane) -> tuple[int, int]:
        return self._inside[lane], self._last[lane]

    def _enter(self, lane: Lane) -> None:
        self._free -= 1
        self._count += 1
        self._inside[lane] += 1
        self._last[lane] = self._count

    def _forget(self, lane: Lane, place: _Place) -> None:
        queue = self._waiting.get(lane)
        if queue is None or place not in queue:
            return
        queue.remove(place)
        if not queue:
            del self._waiting[lane]
            if not self._inside[lane]:
                self._last.pop(lane, None)
