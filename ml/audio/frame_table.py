"""A song whose frames all last alike and lie one behind the other, as MP3 has them.

Where each begins can be read off the bytes much faster than FFmpeg takes a file apart; only the
frames that are listened to become packets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import overload

import av
import numpy as np
import numpy.typing as npt

from ml.audio.packets import HEAD_PACKETS, Packets, SongFile, Times, first_sound

Offsets = npt.NDArray[np.int64]


def head_of(file: SongFile) -> list[av.Packet]:
    """Read the first packets, which carry what FFmpeg knows of an encoder's delay."""
    return list(islice(file.packets(), HEAD_PACKETS))


def table_packets(
    file: SongFile, head: Sequence[av.Packet], offsets: Offsets, last_ticks: int
) -> Packets | None:
    """Make packets of frames.

    Args:
        file: where they lie.
        head: the first of them, as FFmpeg read them.
        offsets: (frames + 1,) where each begins, and where the last ends.
        last_ticks: how long the last one lasts; all others last as long as the first.

    Returns:
        None when FFmpeg's first packets are others.
    """
    first = head[0]
    if first.pts is None or not first.duration:
        return None
    places = [packet.pos for packet in head], [packet.size for packet in head]
    sizes = np.diff(offsets)
    if places != (offsets[: len(head)].tolist(), sizes[: len(head)].tolist()):
        return None
    count = len(sizes)
    begins: Times = (first.pts + np.arange(count, dtype=float) * first.duration) * file.tick
    end = float(begins[-1]) + last_ticks * file.tick
    codec = file.stream.codec_context
    origin = first_sound(codec, head, begins, file.tick)
    packets = _Frames(file.data, head, offsets, first.pts, first.duration)
    return Packets(codec, packets, begins - origin, file.tick, end - origin)


class _Frames(Sequence[av.Packet]):
    """Packets that are made when they are asked for."""

    def __init__(
        self, data: memoryview, head: Sequence[av.Packet], offsets: Offsets, pts: int, ticks: int
    ) -> None:
        self._data = data
        self._head = head
        self._offsets = offsets
        self._pts = pts
        self._ticks = ticks

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> av.Packet: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[av.Packet]: ...
    def __getitem__(self, index: int | slice) -> av.Packet | Sequence[av.Packet]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if index < len(self._head):
            return self._head[index]
        packet = av.Packet(bytes(self._data[self._offsets[index] : self._offsets[index + 1]]))
        packet.pts = packet.dts = self._pts + index * self._ticks
        return packet
