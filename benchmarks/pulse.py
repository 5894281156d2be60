"""How long things take on an event loop, and how late the loop itself is meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

BEAT_SECONDS = 0.001


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds that `work` took."""
    started = time.perf_counter()
    await work()
    return 1e3 * (time.perf_counter() - started)


@asynccontextmanager
async def pulse() -> AsyncIterator[list[float]]:
    """Feel the loop's pulse inside the block: by how many milliseconds each beat came late."""
    lags: list[float] = []

    async def beat() -> None:
        while True:
            lags.append(await timed(lambda: asyncio.sleep(BEAT_SECONDS)) - 1e3 * BEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield lags
    finally:
        beating.cancel()
