"""How the bot and its children talk: a short JSON header, then raw bytes.

Not pickle: a child that a file has taken over must not be able to run code in its parent.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any

_LENGTHS = struct.Struct("!II")  # bytes of the header, bytes of the payload
_MOST_HEADER = 2**16


class Closed(ConnectionError):
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
            raise Closed from error

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
            raise Closed
        try:
            header = json.loads(self._read(words_size, until))
        except (ValueError, RecursionError) as error:
            raise Closed from error
        if not isinstance(header, dict):
            raise Closed
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
                raise Closed from error
            if not count:
                raise Closed
            rest = rest[count:]
        return read

    def _wait_until(self, until: float | None) -> None:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._end.settimeout(left)
