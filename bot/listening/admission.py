"""Whether and when a song is heard: the whole queue, in one place.

A song meets, in this order:

1. **Requests a minute** (`bot.rate_limits`, asked by `RequestGate` before any command runs): a
   member or server that asks too often is refused with `TooOften`. This is about requests of any
   kind; everything below is about songs.
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
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from bot.errors import TooBusy
from bot.fair_queue import FairQueue

SHARE = 3  # with 32 slots: 24 for one server, 13 each for two, 9 each for three
BACKGROUND_SLOTS = 6  # two songs are decoded, one is embedded, the others are fetched or stored


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
