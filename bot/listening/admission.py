"""Whether and when a song is heard: the whole queue, in one place.

A song meets, in this order:

1. **Requests a minute** (`RateLimits`, asked by `RequestGate` before any command runs): a member
   or server that asks too often is refused with `TooOften`. This is about requests of any kind;
   everything below is about songs.
2. **A slot** (`Admission.slot`), held while the song's bytes are in memory: from before it is
   fetched until it is heard. There are `slots` of them, so that memory stays bounded. A song that
   a member waits for gets one at once or is refused with `TooBusy`; one server gets at most
   `SHARE` times as many as are left free for the others. A background song (an import, a watched
   channel, re-embedding) is never refused: it waits until one of `BACKGROUND_SLOTS` is free, in
   turn with other servers, and until there is a slot its server may have.
3. **A turn** (`Admission.turns`), held while it is decoded and embedded. Servers take turns;
   background songs come after every song that a member waits for. There are as many turns as
   decoding children and one more, so that the children work while a song is embedded.

Nothing further waits by a rule of its own: one song is decoded by one child, and all songs that
are decoded when the model becomes free are embedded in one batch.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from math import ceil

from bot.errors import TooBusy, TooOften

SHARE = 3  # with 32 slots: 24 for one server, 13 each for two, 9 each for three
BACKGROUND_SLOTS = 6  # two songs are decoded, one is embedded, the others are fetched or stored
Lane = Hashable  # whose work it is: a server's id, or None for direct messages
_Waiting = dict[Lane, deque[asyncio.Future[None]]]

MINUTE = 60.0  # seconds
KEYS_LIMIT = 10_000  # members or servers; those who asked longest ago have all their tokens again
# Turns that a lane without work here counts as further back than the last one: it comes before a
# flood, but many such lanes do not keep one that waits for a second turn waiting for ever.
HEAD_START = 8


class Admission:
    """Gives out slots and turns to songs.

    Attributes:
        turns: the queue for decoding and embedding.
    """

    def __init__(self, *, slots: int, decoders: int) -> None:
        """Give out `slots`, and turns for `decoders` child processes."""
        self.turns = FairQueue(decoders + 1)
        self._slots = slots
        self._held: Counter[int | None] = Counter()
        self._background = FairQueue(BACKGROUND_SLOTS)
        self._waiting: list[asyncio.Future[None]] = []  # background songs, for a slot

    @property
    def in_flight(self) -> int:
        """The number of songs that hold a slot."""
        return self._held.total()

    @asynccontextmanager
    async def slot(
        self, guild_id: int | None = None, *, background: bool = False
    ) -> AsyncIterator[None]:
        """Hold a slot while a song's bytes are in memory.

        Args:
            guild_id: the server; None for direct messages.
            background: nobody waits for the song, so it waits for a slot.

        Raises:
            TooBusy: every slot is taken, or this server has its share; not for background songs.
        """
        if background:
            async with self._background.turn(guild_id):
                while not self._has_room(guild_id):
                    self._waiting.append(asyncio.get_running_loop().create_future())
                    await self._waiting[-1]
                with self._hold(guild_id):
                    yield
            return
        if not self._has_room(guild_id):
            raise TooBusy(self.in_flight)
        with self._hold(guild_id):
            yield

    def _has_room(self, guild_id: int | None) -> bool:
        free = self._slots - self.in_flight
        return free > 0 and self._held[guild_id] < max(1, SHARE * free)

    @contextmanager
    def _hold(self, guild_id: int | None) -> Iterator[None]:
        self._held[guild_id] += 1
        try:
            yield
        finally:
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


class TokenBucket:
    """Some tokens a minute for each key; they come back one by one."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        """Allow `a_minute` tokens, all of them at once if need be; 0 means no limit."""
        self._capacity = a_minute
        self._clock = clock
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()  # tokens, and when

    def wait_seconds(self, key: int) -> float:
        """Return how long until `key` has a token; 0 when it has one."""
        if not self._capacity:
            return 0.0
        return max(0.0, (1.0 - self._tokens(key)) * MINUTE / self._capacity)

    def take(self, key: int) -> None:
        """Take one token away."""
        self._left[key] = (self._tokens(key) - 1.0, self._clock())
        self._left.move_to_end(key)
        while len(self._left) > KEYS_LIMIT:
            self._left.popitem(last=False)

    def _tokens(self, key: int) -> float:
        tokens, since = self._left.get(key, (float(self._capacity), self._clock()))
        return min(self._capacity, tokens + (self._clock() - since) * self._capacity / MINUTE)


class RateLimits:
    """What a member and a server may ask in a minute, of any kind."""

    def __init__(
        self, member: int = 0, server: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Set requests a minute, 0 for no limit; `clock` works in seconds."""
        self._members = TokenBucket(member, clock)
        self._servers = TokenBucket(server, clock)

    def admit(self, member_id: int, guild_id: int | None) -> None:
        """Count one request.

        Args:
            member_id: who asks.
            guild_id: where; None in direct messages, which count for the member alone.

        Raises:
            TooOften: the member or the server has to wait; the request does not count.
        """
        if wait := self._members.wait_seconds(member_id):
            raise TooOften(ceil(wait), everybody=False)
        if guild_id is not None and (wait := self._servers.wait_seconds(guild_id)):
            raise TooOften(ceil(wait), everybody=True)
        self._members.take(member_id)
        if guild_id is not None:
            self._servers.take(guild_id)
