"""Hear songs: decoded in a child process, embedded in batches, off the event loop.

When a song is heard is decided in `bot.listening.admission` alone; where, by what
`ListeningService` is given: `SongInference` hears here, `bot.workers.client` asks others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from bot.concurrency import Executors
from bot.listening.admission import Admission
from bot.listening.titles import tagged_title
from ml.audio.errors import EmptyFileError, FileTooLargeError

if TYPE_CHECKING:
    from ml.audio.excerpts import Excerpts
    from ml.music.hearing import Hearing, SimilarityScale


Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Puts what arrives while a batch runs into the next batch.

    A worker task lives only while something waits: nothing idles, nothing needs stopping.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        executor: Executor,
        *,
        limit: int,
    ) -> None:
        """Prepare to call `work` on `executor` with at most `limit` items at a time."""
        self._work = work
        self._executor = executor
        self._limit = limit
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """Return the result of `item`, from the next batch.

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
        count = min(self._limit, len(self._waiting))
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

SONGS_A_BATCH = 8  # 8 songs × 60 windows keep a batch under half a second on 2 cores


class Decodes(Protocol):
    """Decodes one file, in a sandbox; blocking and safe to call from several threads."""

    def decode(self, data: bytes) -> Excerpts:
        """Return the excerpts or raise an `AudioError`."""


class Hears(Protocol):
    """Hears several songs in one pass; blocking.

    Attributes:
        model: name and version of what hears.
        scale: how its vectors are compared.
    """

    model: str
    scale: SimilarityScale

    def hear(self, batch: Sequence[Excerpts]) -> list[Hearing]:
        """Return one hearing a song, in order."""


class HearsSongs(Protocol):
    """Hears a whole file, here (`SongInference`) or elsewhere (`bot.workers.client`).

    Attributes:
        model: name and version of the music model.
        scale: how its vectors are compared.
    """

    model: str
    scale: SimilarityScale

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Return the hearing of a file of a server; raise an `AudioError`."""

    async def answers(self) -> None:
        """Return once what hears has had a moment; raise where it is not there."""


class SongInference:
    """Hears songs in this process: decoded in a child, embedded in batches.

    Attributes:
        model: name and version of the music model.
        scale: how its vectors are compared.
    """

    def __init__(self, decoder: Decodes, music_model: Hears, executors: Executors) -> None:
        """Join the parts.

        Args:
            decoder: turns bytes into excerpts.
            music_model: turns excerpts into hearings.
            executors: run torch, and wait for the decoding children.
        """
        self.model = music_model.model
        self.scale = music_model.scale
        self._decode = decoder.decode
        self._embedding: Batcher[Excerpts, Hearing] = Batcher(
            music_model.hear, executors.torch, limit=SONGS_A_BATCH
        )
        self._decoders = executors.decode
        self._torch = executors.torch

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Decode a file and embed it together with others.

        Raises:
            AudioError: the song cannot be heard, and why.
        """
        loop = asyncio.get_running_loop()
        excerpts = await loop.run_in_executor(self._decoders, self._decode, data)
        hearing = await self._embedding.submit(excerpts)
        return replace(hearing, title=tagged_title(excerpts.title, excerpts.artist))

    async def answers(self) -> None:
        """Return once the thread of torch has had a moment."""
        await asyncio.get_running_loop().run_in_executor(self._torch, int)


class ListeningService:
    """Turns a file's bytes into a `Hearing`.

    Attributes:
        model: name and version of the music model.
        scale: how vectors of that model are compared.
        max_bytes: the largest file that is heard.
        admission: slots and turns; hold a slot around fetching and hearing a song.
    """

    def __init__(self, songs: HearsSongs, admission: Admission, *, max_bytes: int) -> None:
        """Join the parts.

        Args:
            songs: turns bytes into hearings.
            admission: decides when.
            max_bytes: the largest file that is heard.
        """
        self.model = songs.model
        self.scale = songs.scale
        self.max_bytes = max_bytes
        self.admission = admission
        self._songs = songs

    def check_size(self, size_bytes: int) -> None:
        """Refuse a file by its size, announced or real.

        Raises:
            FileTooLargeError: over the limit.
            Empty: no bytes.
        """
        if size_bytes > self.max_bytes:
            raise FileTooLargeError(size_bytes, self.max_bytes)
        if size_bytes == 0:
            raise EmptyFileError

    async def answers(self) -> None:
        """Return once what hears has had a moment."""
        await self._songs.answers()

    async def hear(
        self, data: bytes, guild_id: int | None = None, *, background: bool = False
    ) -> Hearing:
        """Hear one song in its server's turn.

        Args:
            data: the whole file.
            guild_id: the server whose turn it takes; None for direct messages.
            background: nobody waits for it, so it comes after every song that somebody waits for.

        Raises:
            AudioError: the song cannot be heard, and why.
            WorkersAwayError: nothing is there to hear it; never for background.
        """
        self.check_size(len(data))
        async with self.admission.turns.turn(guild_id, background=background):
            return await self._songs.hear(data, guild_id, background=background)
