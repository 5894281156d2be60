"""How late the event loop is: what every member's click would wait before anything happens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

TICK_SECONDS = 0.02
REMEMBERED_SECONDS = 60.0


class LoopLag:
    """Measures the loop it runs on, over the last minute.

    A tick that comes late by several ticks counts for each of them, lateness growing less: so
    quantiles are those of an event that comes at any moment, not of the ticks that got through.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._late: deque[float] = deque(maxlen=int(REMEMBERED_SECONDS / TICK_SECONDS))
        self.worst_seconds = 0.0  # since the start

    @asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """Measure while the block runs."""
        ticking = asyncio.create_task(self._tick(), name="loop lag")
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking

    def quantile(self, share: float) -> float:
        """Give the seconds that `share` (0 to 1) of the last minute stayed below; 0 at first."""
        late = sorted(self._late)
        return late[min(len(late) - 1, int(share * len(late)))] if late else 0.0

    def note(self, seconds: float) -> None:
        """Take in that a tick came so late."""
        self.worst_seconds = max(self.worst_seconds, seconds)
        self._late.append(seconds)
        while seconds > TICK_SECONDS:
            seconds -= TICK_SECONDS
            self._late.append(seconds)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self.note(max(0.0, loop.time() - due))
