"""Whether and when a song is heard: the whole queue, in one place.

A song meets, in this order:

1. **Requests a minute** (`RateLimits`, asked by `RequestGate` before any command runs): a member
   or server that asks too often is refused with `TooOftenError`. This is about requests of
   any kind; everything below is about songs.
2. **A slot** (`Admission.slot`), held while the song's bytes are in memory: from before it is
   fetched until it is heard. There are `slots` of them, so that memory stays bounded. A song that
   a member waits for gets one at once or is refused with `TooBusyError`; one server gets at most
   `SHARE` times as many as are left free for the others. A background song (an import, a watched
   channel, re-embedding) is never refused: it waits until one of `BACKGROUND_SLOTS` is free, in
   turn with other servers, and until there is a slot its server may have.
3. **A turn** (`Admission.turns`), held while it is decoded and embedded. Servers take turns;
   background songs come after every song that a member waits for. There are as many turns as
   decoding children and one more, so that the children work while a song is embedded.

Nothing further waits by a rule of its own: one song is decoded by one child, and what is decoded
is embedded song after song.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from math import ceil

from bot.errors import TooBusyError, TooOftenError

SHARE = 3  # with 32 slots: 24 for one server, 13 each for two, 9 each for three
BACKGROUND_SLOTS = 6  # two songs are decoded, one is embedded, the others are fetched or stored
Lane = Hashable  # whose work it is: a server's id, or None for direct messages
_Waiting = dict[Lane, deque[asyncio.Future[None]]]

MINUTE = 60.0  # seconds
BUCKETS_LIMIT = 20_000  # members and servers; who asked longest ago has all tokens again
# Turns that a lane without work here counts as further back than the last one: it comes before a
# flood, but many such lanes do not keep one that waits for a second turn waiting for ever.
HEAD_START = 8


class Admission:
    """Gives out slots and turns to songs.

    Attributes:
        turns: the queue for decoding and embedding.
        in_flight: the number of songs that hold a slot.
    """

    def __init__(self, *, slots: int, decoders: int) -> None:
        """Give out `slots`, and turns for `decoders` child processes."""
        self.turns = FairQueue(decoders + 1)
        self.in_flight = 0
        self._slots = slots
        self._held: Counter[int | None] = Counter()
        self._background = FairQueue(BACKGROUND_SLOTS)
        self._waiting: list[asyncio.Future[None]] = []  # background songs, for a slot

    @asynccontextmanager
    async def slot(
        self, guild_id: int | None = None, *, background: bool = False
    ) -> AsyncIterator[None]:
        """Hold a slot while a song's bytes are in memory.

        Args:
            guild_id: the server; None for direct messages.
            background: nobody waits for the song, so it waits for a slot.

        Raises:
            TooBusyError: every slot is taken, or this server has its share; never for background.
        """
        async with AsyncExitStack() as stack:
            if background:
                await stack.enter_async_context(self._background.turn(guild_id))
                while not self._has_room(guild_id):
                    self._waiting.append(asyncio.get_running_loop().create_future())
                    await self._waiting[-1]
            elif not self._has_room(guild_id):
                raise TooBusyError(self.in_flight)
            self.in_flight += 1
            self._held[guild_id] += 1
            try:
                yield
            finally:
                self._release(guild_id)

    def _has_room(self, guild_id: int | None) -> bool:
        free = self._slots - self.in_flight
        return free > 0 and self._held[guild_id] < max(1, SHARE * free)

    def _release(self, guild_id: int | None) -> None:
        self.in_flight -= 1
        self._held[guild_id] -= 1
        if not self._held[guild_id]:
            del self._held[guild_id]
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


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


class RateLimits:
    """What a member and a server may ask in a minute, of any kind.

    Each has a bucket of as many tokens as requests a minute; they come back one by one.
    """

    def __init__(
        self, member: int = 0, server: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Set requests a minute, 0 for no limit; `clock` works in seconds."""
        self._member = member
        self._server = server
        self._clock = clock
        # (whether it is a server, id) -> tokens left, and when that was
        self._buckets: OrderedDict[tuple[bool, int], tuple[float, float]] = OrderedDict()

    def admit(self, member_id: int, guild_id: int | None) -> None:
        """Count one request.

        Args:
            member_id: who asks.
            guild_id: where; None in direct messages, which count for the member alone.

        Raises:
            TooOftenError: the member or the server has to wait; the request does not count.
        """
        asked = [(False, member_id, self._member)]
        asked += [] if guild_id is None else [(True, guild_id, self._server)]
        limited = [(is_server, key, limit) for is_server, key, limit in asked if limit]
        left = {}
        for is_server, key, limit in limited:
            tokens = left[is_server, key] = self._tokens((is_server, key), limit)
            if tokens < 1.0:
                wait_seconds = (1.0 - tokens) * MINUTE / limit
                raise TooOftenError(ceil(wait_seconds), everybody=is_server)
        for bucket, tokens in left.items():
            self._buckets[bucket] = (tokens - 1.0, self._clock())
            self._buckets.move_to_end(bucket)
        while len(self._buckets) > BUCKETS_LIMIT:
            self._buckets.popitem(last=False)

    def _tokens(self, bucket: tuple[bool, int], limit: int) -> float:
        tokens, since = self._buckets.get(bucket, (float(limit), self._clock()))
        return min(limit, tokens + (self._clock() - since) * limit / MINUTE)
