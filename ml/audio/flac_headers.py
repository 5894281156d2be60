"""The headers of FLAC's frames: what they begin with, the frame's number, and a checksum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_MARK = 0xF8FF  # 0xFF 0xF8, how all frames of one size begin, read as little-endian
_LEAST_BYTES, _MOST_BYTES = 6, 16  # of a header
_BLOCK_BYTES = (0, 0, 0, 0, 0, 0, 1, 2, *[0] * 8)  # that tell a rare size, by the third byte
_RATE_BYTES = (*[0] * 12, 1, 2, 2, 0)  # that tell a rare rate, by the same byte
SAME_FORM = 0xFF  # of the third byte: size and rate
SAME_RATE = 0x0F  # of the third byte: the last frame may be shorter than the others


def _checksums() -> tuple[int, ...]:
    checksums = list(range(256))
    for _ in range(8):
        checksums = [(each << 1) ^ (0x107 if each & 0x80 else 0) for each in checksums]
    return tuple(checksums)


_CHECKSUMS = _checksums()  # of each byte: CRC-8 with the polynomial 0x07


def frame_headers(
    data: memoryview, begin: int, end: int, third: int, mask: int, at_once: int
) -> Iterator[tuple[int, int]]:
    """Find frames of one size by their headers.

    Args:
        data: the whole file.
        begin: from where on to look for them.
        end: before which they begin.
        third: third byte of a frame like those wanted.
        mask: which bits of the third byte must be alike.
        at_once: bytes to look through before the first of their headers is given.

    Yields:
        Where a frame begins, and its number.
    """
    for start in range(begin, end, at_once):
        piece = data[start : min(start + at_once, end) + 2]
        for place in _alike(piece, third, mask):
            number = _number(bytes(data[start + place : start + place + _MOST_BYTES]))
            if number is not None:
                yield start + place, number


def _alike(piece: memoryview, third: int, mask: int) -> list[int]:
    """Find what begins like a frame: two bytes of all frames, and a third as masked."""
    places: list[int] = []
    for odd in (0, 1):  # two bytes at a time go past twice as fast
        pairs = np.frombuffer(piece[odd:], "<u2", (len(piece) - odd) // 2)
        places += (2 * np.flatnonzero(pairs == _MARK) + odd).tolist()
    last = len(piece) - 2
    return sorted(at for at in places if at < last and not (piece[at + 2] ^ third) & mask)


def _number(header: bytes) -> int | None:
    """Read a frame's number; None when this is no header."""
    if len(header) < _LEAST_BYTES:
        return None
    # FLAC writes numbers as UTF-8 writes characters: the first byte tells how many there are.
    width = 8 - (header[4] ^ 0xFF).bit_length() or 1
    size = 4 + width + _BLOCK_BYTES[header[2] >> 4] + _RATE_BYTES[header[2] & 0x0F]
    if size >= len(header):
        return None
    checksum = 0
    for byte in header[: size + 1]:
        checksum = _CHECKSUMS[checksum ^ byte]
    if checksum:
        return None
    try:
        return ord(header[4 : 4 + width].decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return None
