"""How the bot and its children talk: jobs, messages, and shared memory for large files."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

Work = Callable[[memoryview, memoryview], Mapping[str, Any]]
"""Takes a file and the memory for results; returns what JSON can carry."""


@dataclass(frozen=True, slots=True)
class DecodingJob:
    """One kind of file that children decode.

    Attributes:
        name: tells it from other jobs of a pool.
        module: its `prepare(options)` runs in each new child before it is confined, must import
            and open all that is needed later, and returns a `Work`.
        options: for `prepare`; what JSON can carry.
        input_bytes: the largest file.
        output_bytes: the largest result.
        memory_bytes: address space a child may take for one file.
        cpu_seconds: processor time for one file.
        wall_seconds: time by the clock for one file, once a child has begun it.
    """

    name: str
    module: str
    options: Mapping[str, Any]
    input_bytes: int
    output_bytes: int
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float


class JobError(Exception):
    """A child could not do its job."""


class TooCostlyError(JobError):
    """It went past a limit of memory or time."""

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"more than {limit_seconds:.0f} s, or too much memory")
        self.limit_seconds = limit_seconds


class ChildCrashedError(JobError):
    """It crashed, or answered nonsense."""


class SharedMemory:
    """The parent's side; all of it is zero at first.

    Attributes:
        bytes: (size,) uint8, which the child sees too and may change at any time if it may write.
    """

    def __init__(self, size: int) -> None:
        """Set aside `size` bytes; what is never written costs nothing."""
        self.descriptor = _descriptor(size)
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(
            mmap.mmap(self.descriptor, size), np.uint8
        )

    def handed_over(self) -> None:
        """Close the descriptor, once the child has started; the memory stays."""
        os.close(self.descriptor)


def taken_over(descriptor: int, *, writable: bool) -> memoryview:
    """Open what the parent handed over, in the child, and close the descriptor."""
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    memory = mmap.mmap(descriptor, 0, access=access)
    os.close(descriptor)
    return memoryview(memory)


def _descriptor(size: int) -> int:
    if sys.platform != "linux":
        with TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
            os.ftruncate(descriptor, size)
            return descriptor
    descriptor = os.memfd_create("shared", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    # A child that made it smaller could crash its parent.
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


_LENGTHS = struct.Struct("!II")  # bytes of the header, bytes of the payload
_MOST_HEADER = 2**16


class ChannelClosedError(ConnectionError):
    """The other side is gone, or does not keep to the form of messages."""


class Channel:
    """One end of a connected pair of sockets."""

    def __init__(self, end: socket.socket, most_payload: int) -> None:
        """Take over `end`.

        Args:
            end: a connected stream socket.
            most_payload: bytes a message may carry; one that announces more ends the talk.
        """
        self._end = end
        self._most_payload = most_payload

    def send(
        self, header: Mapping[str, Any], *payload: bytes | memoryview, until: float | None = None
    ) -> None:
        """Send one message.

        Args:
            header: what JSON can carry.
            payload: follows the header; several are joined.
            until: give up at this time of `time.monotonic`.

        Raises:
            Closed: the other side is gone.
            TimeoutError: it did not take the message in time.
        """
        words = json.dumps(header).encode()
        size = sum(memoryview(piece).nbytes for piece in payload)
        try:
            for piece in (_LENGTHS.pack(len(words), size) + words, *payload):
                self._wait_until(until)
                self._end.sendall(piece)
        except ConnectionError as error:
            raise ChannelClosedError from error

    def receive(self, until: float | None = None) -> tuple[dict[str, Any], bytearray]:
        """Wait for one message.

        Args:
            until: give up at this time of `time.monotonic`.

        Raises:
            Closed: the other side is gone, or sent nonsense.
            TimeoutError: no whole message came in time.
        """
        words_size, payload_size = _LENGTHS.unpack(self._read(_LENGTHS.size, until))
        if words_size > _MOST_HEADER or payload_size > self._most_payload:
            raise ChannelClosedError
        try:
            header = json.loads(self._read(words_size, until))
        except (ValueError, RecursionError) as error:
            raise ChannelClosedError from error
        if not isinstance(header, dict):
            raise ChannelClosedError
        return header, self._read(payload_size, until)

    def close(self) -> None:
        """Hang up; the other side reads the end."""
        self._end.close()

    def _read(self, size: int, until: float | None) -> bytearray:
        read = bytearray(size)
        rest = memoryview(read)
        while rest:
            self._wait_until(until)
            try:
                count = self._end.recv_into(rest)
            except ConnectionError as error:
                raise ChannelClosedError from error
            if not count:
                raise ChannelClosedError
            rest = rest[count:]
        return read

    def _wait_until(self, until: float | None) -> None:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._end.settimeout(left)
