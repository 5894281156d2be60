"""MP3: a chain of frames, each telling how far it is to the next."""

from __future__ import annotations

import numpy as np

from ml.audio.frame_table import head_of, table_packets
from ml.audio.packets import Packets, SongFile

_HEADER_BYTES = 4
_KBITS = {  # of layer III, by the number in a header, from 1 to 14; MPEG 2 and 2.5 share theirs
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {  # in Hz, by the numbers of version and rate in a header
    0b11: (44_100, 48_000, 32_000),
    0b10: (22_050, 24_000, 16_000),
    0b00: (11_025, 12_000, 8_000),
}
_TAGS = (b"TAG", b"APETAGEX")  # what may follow the last frame
_MOST_REST = 2_048  # bytes of a tag, or of a frame cut short


def mpeg_packets(file: SongFile) -> Packets | None:
    """Follow the chain from the first frame that FFmpeg found.

    Returns:
        None when the chain breaks anywhere but at the end of the file.
    """
    head = head_of(file)
    if not head or head[0].pos is None:
        return None
    offsets = _chain(file.data, head[0].pos)
    if len(offsets) < 2 or not _ends_well(file.data, offsets[-1]):
        return None
    return table_packets(file, head, np.array(offsets), head[0].duration or 0)


def _chain(data: memoryview, at: int) -> list[int]:
    lengths = _lengths(data[at + 1], data[at + 2])
    offsets = [at]
    last = len(data) - _HEADER_BYTES
    while at <= last and data[at] == 0xFF:
        length = lengths.get((data[at + 1], data[at + 2] & 0xFE))  # the last bit is anybody's
        if length is None or at + length > len(data):
            break
        at += length
        offsets.append(at)
    return offsets


def _lengths(version: int, rates: int) -> dict[tuple[int, int], int]:
    """Tell the bytes of all frames that may follow one, by the 2nd and 3rd byte of their header.

    Frames of other versions, layers or sample rates are left out, and so those of which the
    header does not tell the length.
    """
    kind, place = version >> 3 & 0b11, rates >> 2 & 0b11
    if version & 0b111_00_11_0 != 0b111_00_01_0 or kind not in _RATES or place > 2:
        return {}
    rate, first = _RATES[kind][place], kind == 0b11
    return {
        (version & 0xFE | protected, number << 4 | place << 2 | padding << 1): (
            (144_000 if first else 72_000) * kbits // rate + padding
        )
        for number, kbits in enumerate(_KBITS[first], start=1)
        for padding in (0, 1)
        for protected in (0, 1)
    }


def _ends_well(data: memoryview, at: int) -> bool:
    """Tell whether what is left is nothing, a tag, or a frame cut short."""
    rest = bytes(data[at : at + _MOST_REST])
    return not rest or (len(rest) < _MOST_REST and rest.startswith((*_TAGS, b"\xff")))
