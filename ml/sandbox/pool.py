"""A few warm children, which take turns at all jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ml.sandbox.channel import ChannelClosedError
from ml.sandbox.jobs import ChildCrashedError, DecodingJob
from ml.sandbox.process import Child

Result = TypeVar("Result")
Reader = Callable[[Mapping[str, Any], npt.NDArray[np.uint8]], Result]
"""Takes an answer and the memory with its results; raises where they conflict."""


class Sandbox:
    """Warm child processes for the files of strangers; one file has one child.

    A child that crashes or goes past a limit is killed and replaced, which other files do not
    notice. No child outlives this process.
    """

    def __init__(self, workers: int, jobs: Sequence[DecodingJob]) -> None:
        """Begin to start the children, without waiting for them.

        Args:
            workers: how many; one for each core that decoding may use.
            jobs: what each of them can do.
        """
        self._workers = workers
        self._jobs = {job.name: job for job in jobs}
        # All children are started by one thread that lives as long as they may: Linux kills
        # them when the thread ends that started them.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")
        self._idle: SimpleQueue[Future[Child] | None] = SimpleQueue()
        self._closed = False
        for _ in range(workers):
            self._idle.put(self._start())

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, job_name: str, data: bytes, read: Reader[Result]) -> Result:
        """Have a file decoded.

        Any thread may call, and waits for a free child.

        Args:
            job_name: one of the pool's jobs.
            data: a whole file, no larger than the job takes.
            read: makes the result of the child's answer, which is not to be believed.

        Raises:
            TooCostly, Crashed: see `ml.sandbox.jobs`.
            RuntimeError: the pool is closed, or no child can be started.
        """
        if self._closed:
            raise RuntimeError("the sandbox is closed")
        child = self._take()
        try:
            answer = child.result().run(self._jobs[job_name], data)
            return read(answer, child.result().output)
        except ChannelClosedError:
            child.result().kill()
            raise ChildCrashedError from None
        finally:
            child.result().forget()
            self._release(child)

    def close(self) -> None:
        """Wait for files under way, then end the children.

        `run` refuses from then on.
        """
        if self._closed:
            return
        self._closed = True
        for _ in range(self._workers):
            child = self._idle.get()
            if child is not None and child.exception() is None:
                child.result().kill()
        self._idle.put(None)
        self._starter.shutdown()

    def _start(self) -> Future[Child]:
        return self._starter.submit(Child, list(self._jobs.values()))

    def _take(self) -> Future[Child]:
        child = self._idle.get()
        if child is None:
            self._idle.put(None)  # for the next who waits
            raise RuntimeError("the sandbox is closed")
        if child.done() and not _ready(child):  # it did not start, or ended while idle
            if child.exception() is None:
                child.result().kill()
            child = self._start()
        if error := child.exception():
            self._idle.put(self._start())
            raise error
        return child

    def _release(self, child: Future[Child]) -> None:
        if not _ready(child):
            child.result().kill()
            child = self._start()
        self._idle.put(child)


def _ready(child: Future[Child]) -> bool:
    return child.done() and child.exception() is None and child.result().usable
