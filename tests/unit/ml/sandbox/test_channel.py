import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ml.sandbox.channel import Channel, ChannelClosedError

Ends = tuple[Channel, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A channel, and the bare other side of it."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours, most_payload=10_000_000)
    with theirs:
        yield channel, theirs
    channel.close()


def test_a_message_arrives_whole(ends: Ends) -> None:
    channel, theirs = ends
    other = Channel(theirs, most_payload=0)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(other.send, {"part": 1}, b"x" * 3_000_000, b"end")
        header, payload = channel.receive()
    assert header == {"part": 1}
    assert payload == b"x" * 3_000_000 + b"end"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0\0",
        struct.pack("!II", 2**31, 0),
        struct.pack("!II", 2, 2**31) + b"{}",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 3, 0) + b"\xff\xfe{",
        struct.pack("!II", 5_000, 0) + b"[" * 5_000,
        struct.pack("!II", 2, 9) + b"{}half",
    ],
)
def test_nonsense_ends_the_talk(ends: Ends, sent: bytes) -> None:
    channel, theirs = ends
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(ChannelClosedError):
        channel.receive(until=time.monotonic() + 5)


def test_waiting_ends_in_time(ends: Ends) -> None:
    channel, _ = ends
    with pytest.raises(TimeoutError):
        channel.receive(until=time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        channel.send({}, bytes(9_000_000), until=time.monotonic() + 0.05)
