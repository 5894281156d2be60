"""The parent's handle on one child."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY
from ml.sandbox.jobs import Crashed, DecodingJob, JobError, TooCostly
from ml.sandbox.memory import SharedMemory

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
        except (Closed, TimeoutError) as error:
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
            TooCostly, Crashed: see `ml.sandbox.jobs`.
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
            raise TooCostly(job.wall_seconds) from None
        except Closed:
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
            return TooCostly(job.cpu_seconds)
        # The system kills when its own memory runs out, the child leaves when its share does.
        if ended in (-signal.SIGKILL, OUT_OF_MEMORY):
            return TooCostly(job.wall_seconds)
        return Crashed()
