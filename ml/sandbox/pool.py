"""A few warm children, which take turns at all jobs, and the parent's handle on each."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ml.sandbox.channel import (
    Channel,
    ChannelClosedError,
    ChildCrashedError,
    DecodingJob,
    JobError,
    SharedMemory,
    TooCostlyError,
)
from ml.sandbox.child import OUT_OF_MEMORY

_ROOT = Path(__file__).parents[2]  # where the package `ml` lies
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from ml.sandbox.child import main
main(sys.argv[2])
"""
_START_SECONDS = 60.0  # a cold disk and a busy machine, both

# And no secrets. What one file took of the system's memory is kept for the next: to ask for it
# anew took a fifth of the time of decoding a song.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TOP_PAD_": str(8 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(64 * 2**20),
}


class Child:
    """A process that does one job at a time."""

    def __init__(self, jobs: Sequence[DecodingJob]) -> None:
        """Start a child and wait until it is ready.

        It dies together with the thread that starts it, not only with this process.

        Raises:
            RuntimeError: it does not start.
        """
        self._owes_answer = False
        self._size = 0
        self._input = SharedMemory(max(job.input_bytes for job in jobs))
        self._output = SharedMemory(max(job.output_bytes for job in jobs))
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = self._start(jobs, theirs)
        self._channel = Channel(ours, most_payload=0)
        try:
            self._channel.receive(until=time.monotonic() + _START_SECONDS)
        except (ChannelClosedError, TimeoutError) as error:
            self.kill()
            code = self._process.returncode
            raise RuntimeError(f"a decoding process did not start ({code})") from error

    @property
    def usable(self) -> bool:
        """Whether it runs and waits for a job; otherwise it must be replaced."""
        return not self._owes_answer and self._process.poll() is None

    @property
    def output(self) -> npt.NDArray[np.uint8]:
        """Results, which it can change at any time: copy them first."""
        return self._output.bytes

    def run(self, job: DecodingJob, data: bytes) -> dict[str, Any]:
        """Have a file decoded.

        Returns:
            What the job's `Work` returned, not to be believed: a file may have taken over
            the child.

        Raises:
            TooCostly, Crashed: see `ml.sandbox.channel`.
        """
        until = time.monotonic() + job.wall_seconds
        self._size = len(data)
        self._input.bytes[: self._size] = np.frombuffer(data, np.uint8)
        self._owes_answer = True
        request = {
            "job": job.name,
            "size": self._size,
            "memory_bytes": job.memory_bytes,
            "cpu_seconds": job.cpu_seconds,
        }
        try:
            self._channel.send(request, until=until)
            answer, _ = self._channel.receive(until)
        except TimeoutError:
            self.kill()
            raise TooCostlyError(job.wall_seconds) from None
        except ChannelClosedError:
            raise self._reason_of_end(job) from None
        self._owes_answer = False
        return answer

    def forget(self) -> None:
        """Wipe out the file: while a child waits, nothing of one is kept."""
        self._input.bytes[: self._size] = 0

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def _start(self, jobs: Sequence[DecodingJob], end: socket.socket) -> subprocess.Popen[bytes]:
        shared = {"input": self._input, "output": self._output}
        orders: Mapping[str, Any] = {
            "parent": os.getpid(),
            "socket": end.fileno(),
            **{name: memory.descriptor for name, memory in shared.items()},
            "memory_bytes": max(job.memory_bytes for job in jobs),
            "jobs": {job.name: (job.module, dict(job.options)) for job in jobs},
        }
        descriptors = [memory.descriptor for memory in shared.values()]
        # -I: neither the environment nor the working directory can slip code in.
        process = subprocess.Popen(  # noqa: S603 - every word of the command is ours
            [sys.executable, "-I", "-c", _START, str(_ROOT), json.dumps(orders)],
            env=_ENVIRONMENT,
            pass_fds=(end.fileno(), *descriptors),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent to handle
        )
        for memory in shared.values():
            memory.handed_over()
        return process

    def _reason_of_end(self, job: DecodingJob) -> JobError:
        """Kill what is left of the child; return why it ended."""
        try:
            ended: int | None = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            ended = None
        self.kill()
        if ended == -signal.SIGXCPU:
            return TooCostlyError(job.cpu_seconds)
        # The system kills when its own memory runs out, the child leaves when its share does.
        if ended in (-signal.SIGKILL, OUT_OF_MEMORY):
            return TooCostlyError(job.wall_seconds)
        return ChildCrashedError()


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
            TooCostly, Crashed: see `ml.sandbox.channel`.
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
