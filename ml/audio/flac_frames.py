"""FLAC with frames of one size: each begins with the same three bytes and its number."""

from __future__ import annotations

import sys

import av
import numpy as np

from ml.audio.frame_table import Offsets, head_of, table_packets
from ml.audio.packets import Packets, SongFile, decoded

_SETTLING = 0.005  # seconds: a frame needs no other, only resampling reaches a little further
_AT_ONCE = 2**18  # bytes searched at a time stay in the processor's cache
_STREAM_INFO_BYTES = 34
_FRAME_OVERHEAD = 64  # bytes of a frame's header and footer, and of each channel's, at most


def flac_packets(file: SongFile) -> Packets | None:
    """Find the frames by their numbers.

    Returns:
        None when they are of changing size, or one is missing.
    """
    codec = file.stream.codec_context
    info = codec.extradata or b""
    if len(info) < _STREAM_INFO_BYTES or info[:2] != info[2:4]:
        return None  # the smallest and the largest block differ
    block = int.from_bytes(info[:2])
    head = head_of(file)
    if not head or head[0].pos is None or head[0].duration != block:
        return None
    offsets = _numbered(file.data, head[0].pos)
    most = (4 * block + _FRAME_OVERHEAD) * codec.channels + _FRAME_OVERHEAD
    if len(offsets) < 2 or np.diff(offsets).max() > most:
        return None
    last = decoded(codec, av.Packet(bytes(file.data[offsets[-2] :])))
    return table_packets(file, head, offsets, last[0].samples, _SETTLING) if last else None


def _numbered(data: memoryview, first: int) -> Offsets:
    """Find where frame 0, 1, 2... begins, and where the last ends: with the file."""
    start = bytes(data[first : first + 3])
    if start[:2] != b"\xff\xf8":
        return np.empty(0, np.int64)
    offsets: list[int] = []
    # The last frame may be shorter than the others and says so in its third byte.
    for least, mask in ((first, 0xFF), (first + 1, 0x0F)):
        least = offsets[-1] + 1 if offsets else least
        for at in _alike(data, least, start[2] & mask, mask):
            if len(offsets) > sys.maxunicode:
                return np.empty(0, np.int64)
            # FLAC writes numbers as UTF-8 writes characters.
            number = chr(len(offsets)).encode("utf-8", "surrogatepass")
            if data[at + 4 : at + 4 + len(number)] == number:
                offsets.append(at)
    return np.array([*offsets, len(data)])


def _alike(data: memoryview, first: int, third: int, mask: int) -> list[int]:
    """Find what begins like a frame: two bytes of all frames, and a third as masked."""
    found = [np.empty(0, np.int64)]
    for start in range(first, len(data), _AT_ONCE):
        piece = np.frombuffer(data[start : start + _AT_ONCE + 2], np.uint8)
        places = np.flatnonzero(piece[:-2] == 0xFF)
        places = places[(piece[places + 1] == 0xF8) & (piece[places + 2] & mask == third)]
        found.append(places + start)
    places = np.concatenate(found)
    return places.tolist()
