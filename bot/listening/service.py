"""Hear songs: decode in a child, infer in batches, off the event loop."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from bot.concurrency import Executors
from bot.errors import TooBusy
from bot.fair_queue import FairQueue
from ml.audio.errors import Empty, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml.audio.excerpts import Excerpts
    from ml.music.hearing import Hearing, SimilarityParts


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


Vector = npt.NDArray[np.float32]

SHARE = 3  # with 32 places: 24 for one server, 13 each for two, 9 each for three
SONGS_A_BATCH = 8  # 8 songs × 60 windows keep a batch under half a second on 2 cores


class Decodes(Protocol):
    """Decodes one file, in a sandbox; blocking and safe to call from several threads."""

    def decode(self, data: bytes) -> Excerpts:
        """Return the excerpts or raise an `AudioError`."""


class Hears(Protocol):
    """Hears several songs in one pass; blocking.

    `model` is the name and version of what hears.
    """

    model: str

    def hear(self, batch: Sequence[Excerpts]) -> list[Hearing]:
        """Return one hearing a song, in order."""

    def why(self, one: Vector, other: Vector) -> SimilarityParts:
        """Return how alike two songs are by their unit vectors, and what makes them so."""


class ListeningService:
    """Hears songs for every room that asks, a bounded number at a time."""

    def __init__(
        self,
        decoder: Decodes,
        music_model: Hears,
        executors: Executors,
        *,
        decoders: int,
        max_bytes: int,
        max_waiting: int,
    ) -> None:
        """Join the parts.

        Args:
            decoder: turns bytes into excerpts.
            music_model: turns excerpts into hearings.
            executors: run torch, and wait for the decoding children.
            decoders: songs decoded at the same time.
            max_bytes: largest file taken.
            max_waiting: songs allowed in the house at once, so that memory stays bounded.
        """
        self.model = music_model.model
        self.why = music_model.why
        self.max_bytes = max_bytes
        self._decode = decoder.decode
        self._music_model: Batcher[Excerpts, Hearing] = Batcher(
            music_model.hear, executors.torch, most=SONGS_A_BATCH
        )
        self._decoders = executors.decode
        self._torch = executors.torch
        self._max_waiting = max_waiting
        self._inside: Counter[int | None] = Counter()
        # A song is divided among all children that are free: fewer at once are as many a minute,
        # and whoever comes to a flood waits for less of it. While one is heard, one is decoded.
        # Where nobody waits, a child for each song leaves none idle while another still works.
        at_once = max(1, decoders // 2)
        self._turns = FairQueue(at_once + 1, patient=decoders - at_once)
        self._decoding = FairQueue(at_once, patient=decoders - at_once)

    def check_size(self, size_bytes: int) -> None:
        """Refuse by the announced size, before anything is fetched.

        Raises:
            TooLarge: over the limit.
            Empty: no bytes.
        """
        if size_bytes > self.max_bytes:
            raise TooLarge(size_bytes, self.max_bytes)
        if size_bytes == 0:
            raise Empty

    @property
    def waiting(self) -> int:
        """How many songs wait for their server's turn."""
        return self._turns.waiting

    async def answers(self) -> None:
        """Return once the thread of torch has had a moment."""
        await asyncio.get_running_loop().run_in_executor(self._torch, int)

    @property
    def inside(self) -> int:
        """How many songs are in the house."""
        return self._inside.total()

    @contextmanager
    def place(self, server_id: int | None = None) -> Iterator[None]:
        """Hold a place in the house while a song's bytes are in memory.

        One server gets `SHARE` times as many places as are left for the others: alone it has
        nearly all, and however many there are, a newcomer finds some.

        Raises:
            TooBusy: every place is taken, or this server has its share.
        """
        free = self._max_waiting - self.inside
        if free <= 0 or self._inside[server_id] >= max(1, SHARE * free):
            raise TooBusy(self.inside)
        self._inside[server_id] += 1
        try:
            yield
        finally:
            self._inside[server_id] -= 1
            if not self._inside[server_id]:
                del self._inside[server_id]

    async def hear(self, data: bytes, server_id: int | None = None) -> Hearing:
        """Hear one song for somebody who waits; servers take turns.

        Raises:
            AudioError: the song cannot be heard, and why.
        """
        return await self._hear(data, server_id, patient=False)

    async def hear_in_background(self, data: bytes, server_id: int | None = None) -> Hearing:
        """Hear one of many songs that nobody waits for: each takes longer, all together do not.

        Raises:
            AudioError: as `hear`.
        """
        return await self._hear(data, server_id, patient=True)

    async def _hear(self, data: bytes, server_id: int | None, *, patient: bool) -> Hearing:
        self.check_size(len(data))
        loop = asyncio.get_running_loop()
        async with self._turns.turn(server_id, patient=patient):
            async with self._decoding.turn(server_id, patient=patient):
                excerpts = await loop.run_in_executor(self._decoders, self._decode, data)
            return await self._music_model.submit(excerpts)
