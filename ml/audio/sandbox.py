"""Decoding of strangers' files, in children that can do little else and may be killed."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import Empty as NoneIdle
from queue import SimpleQueue
from types import TracebackType

from ml.audio.decoding import assemble
from ml.audio.errors import AudioError, Damaged, Empty, TooLarge
from ml.audio.excerpts import ExcerptPlan, Excerpts
from ml.audio.limits import DecodingLimits
from ml.audio.resampling import Samples
from ml.audio.windows import lay_out
from ml.audio.worker import Worker

__all__ = ["DecodingLimits", "SandboxedDecoder"]

_Share = tuple[float, dict[int, Samples]]


class SandboxedDecoder:
    """A few warm child processes that turn files into excerpts.

    A song is divided among all children that are free; with others waiting, each song has one.
    A child that crashes or goes past a limit is killed and replaced, which other songs do not
    notice. No child outlives this process.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: DecodingLimits | None = None,
        plan: ExcerptPlan | None = None,
    ) -> None:
        """Begin to start the children, without waiting for them.

        Args:
            workers: how many children; one for each core that songs may use.
            limits: how much one song may cost.
            plan: how much of each song to decode.
        """
        self._limits = limits or DecodingLimits()
        self._plan = plan or ExcerptPlan()
        self._workers = workers
        # All children are started by one thread that lives as long as they may: Linux kills
        # them when the thread ends that started them.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="decoder-starter")
        # Files are large: one is given to the first child and to the others at the same time, and
        # wiped out of all of them while what was heard of it is put together.
        self._copying = ThreadPoolExecutor(workers, thread_name_prefix="decoder-copying")
        self._idle: SimpleQueue[Future[Worker] | None] = SimpleQueue()
        self._closed = False
        for _ in range(workers):
            self._idle.put(self._start())

    def __enter__(self) -> SandboxedDecoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def decode(self, data: bytes) -> Excerpts:
        """Decode the excerpts of one song; any thread may call, and waits for a free child.

        Args:
            data: a whole file, as it was posted.

        Raises:
            AudioError: as `ml.audio.errors` tells them apart.
            RuntimeError: the decoder is closed, or no child can be started.
        """
        if len(data) > self._limits.max_bytes:
            raise TooLarge(len(data), self._limits.max_bytes)
        if not data:
            raise Empty
        if self._closed:
            raise RuntimeError("the decoder is closed")
        team = self._hire()
        workers = [worker.result() for worker in team]
        wiped: list[Future[None]] = []
        try:
            try:
                shares = self._divide(data, workers)
            finally:
                wiped = [self._copying.submit(worker.forget) for worker in workers]
            return self._joined(shares)
        finally:
            wait(wiped)
            self._release(team)

    def close(self) -> None:
        """Wait for songs under way, then end the children; `decode` refuses from then on."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._workers):
            worker = self._idle.get()
            if worker is not None and worker.exception() is None:
                worker.result().kill()
        self._idle.put(None)
        self._copying.shutdown()
        self._starter.shutdown()

    def _start(self) -> Future[Worker]:
        return self._starter.submit(Worker, self._plan, self._limits)

    def _hire(self) -> list[Future[Worker]]:
        """Wait for one child, and take all others that are ready."""
        team = [self._first_free()]
        while len(team) < self._workers:
            try:
                worker = self._idle.get_nowait()
            except NoneIdle:
                break
            if worker is None or not _ready(worker):
                self._idle.put(worker)
                break
            team.append(worker)
        return team

    def _first_free(self) -> Future[Worker]:
        worker = self._idle.get()
        if worker is None:
            self._idle.put(None)  # for the next who waits
            raise RuntimeError("the decoder is closed")
        if worker.done() and not _ready(worker):  # it ended while idle
            if worker.exception() is None:
                worker.result().kill()
            worker = self._start()
        if error := worker.exception():
            self._idle.put(self._start())
            raise error
        return worker

    def _joined(self, shares: list[_Share]) -> Excerpts:
        seconds, heard = shares[0]
        for other_seconds, others in shares[1:]:
            if other_seconds != seconds:
                raise Damaged
            heard |= others
        return assemble(lay_out(seconds, self._plan), heard)

    def _divide(self, data: bytes, team: list[Worker]) -> list[_Share]:
        until = time.monotonic() + self._limits.wall_seconds
        first, *rest = team
        copied = [self._copying.submit(worker.hand_over, data) for worker in rest]
        first.hand_over(data)
        first.ask(0, len(team), until)
        for part, (worker, copy) in enumerate(zip(rest, copied, strict=True), start=1):
            copy.result()
            worker.ask(part, len(team), until)
        shares: list[_Share] = []
        errors: list[AudioError] = []
        for part, worker in enumerate(team):  # all are heard out, so that they are free again
            try:
                shares.append(worker.answer(part, len(team), until))
            except AudioError as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return shares

    def _release(self, team: list[Future[Worker]]) -> None:
        """Make children free, all at once, so that the next song finds all of them."""
        for worker in team:
            if not _ready(worker):
                worker.result().kill()
        for worker in team:
            self._idle.put(worker if _ready(worker) else self._start())


def _ready(worker: Future[Worker]) -> bool:
    return worker.done() and worker.exception() is None and worker.result().usable
