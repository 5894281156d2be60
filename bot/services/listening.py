"""Listening: a file's bytes in, a hearing out, never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import TooBusy
from bot.services.batching import Batcher
from ml.audio.errors import Empty, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ml.audio.excerpts import Excerpts
    from ml.music.hearing import Alike, Hearing

Vector = npt.NDArray[np.float32]

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

    def why(self, one: Vector, other: Vector) -> Alike:
        """Say how alike two songs are by their vectors, and what makes them so."""


class Listening:
    """Hears songs for every room that asks, a bounded number at a time."""

    def __init__(
        self,
        decoder: Decodes,
        ear: Hears,
        *,
        torch_executor: Executor,
        decoders: int,
        max_bytes: int,
        max_waiting: int,
    ) -> None:
        """Join the parts.

        Args:
            decoder: turns bytes into excerpts.
            ear: turns excerpts into hearings.
            torch_executor: the one executor that runs torch.
            decoders: songs decoded at the same time.
            max_bytes: largest file taken.
            max_waiting: songs allowed in the house at once, so that memory stays bounded.
        """
        self.model = ear.model
        self.why = ear.why
        self.max_bytes = max_bytes
        self._decode = decoder.decode
        self._ear: Batcher[Excerpts, Hearing] = Batcher(
            ear.hear, torch_executor, most=SONGS_A_BATCH
        )
        # One more thread than children: a file too large is refused without waiting for one.
        self._decoders = ThreadPoolExecutor(decoders + 1, thread_name_prefix="decode")
        self._max_waiting = max_waiting
        self._inside = 0

    def close(self) -> None:
        """Take no more songs; those being decoded finish on their own."""
        self._decoders.shutdown(wait=False, cancel_futures=True)

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

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue while a song's bytes are in memory.

        Raises:
            TooBusy: every place is taken.
        """
        if self._inside >= self._max_waiting:
            raise TooBusy(self._inside)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def hear(self, data: bytes) -> Hearing:
        """Hear one song.

        Raises:
            AudioError: the song cannot be heard, and why.
        """
        self.check_size(len(data))
        loop = asyncio.get_running_loop()
        excerpts = await loop.run_in_executor(self._decoders, self._decode, data)
        return await self._ear.submit(excerpts)
