"""One executor for torch, and requests that arrive together share a batch."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Gathers what arrives while a batch runs into the next batch.

    A worker lives only while something waits: nothing idles, nothing needs stopping.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        executor: Executor,
        *,
        most: int,
    ) -> None:
        """Prepare to call `work` on `executor` with at most `most` items at a time."""
        self._work = work
        self._executor = executor
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """Have `item` worked on in the next batch.

        Raises:
            Exception: whatever `work` raised for the batch that held the item.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._drain(), name="batch worker")
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._run_one_batch()
        finally:
            self._worker = None

    async def _run_one_batch(self) -> None:
        count = min(self._most, len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(count)]
        # Whoever gave up while waiting costs nothing.
        batch = [(item, future) for item, future in batch if not future.cancelled()]
        if not batch:
            return
        loop = asyncio.get_running_loop()
        items = [item for item, _ in batch]
        try:
            results = await loop.run_in_executor(self._executor, self._work, items)
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
