"""FLAC taken apart and put together again, otherwise than encoders do."""

import io
from itertools import pairwise

import av


def frame_places(data: bytes) -> list[int]:
    """Find where frames begin, and where the last ends."""
    with av.open(io.BytesIO(data), "r") as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
    return [*(packet.pos for packet in packets if packet.pos is not None), len(data)]


def header(third: int, fourth: int, number: int) -> bytes:
    """Write the header of a frame of a fixed size."""
    start = bytes([0xFF, 0xF8, third, fourth]) + _number(number)
    return start + _checksum(start, 0x107, 8)


def of_changing_size(*files: bytes) -> bytes:
    """Put the frames of several files into one that says so and counts their samples.

    Each has less than 2 048 frames, and none but the last file ends with a shorter one.
    """
    first, sizes, position = files[0], set(), 0
    frames = []
    for data in files:
        size = int.from_bytes(data[8:10])
        for begin, end in pairwise(frame_places(data)):
            frame = data[begin:end]
            width = 1 if frame[4] < 0x80 else 2
            tail = {6: 1, 7: 2}.get(frame[2] >> 4, 0)
            start = bytes([0xFF, 0xF9]) + frame[2:4]
            start += _number(position) + frame[4 + width : 4 + width + tail]
            whole = start + _checksum(start, 0x107, 8) + frame[5 + width + tail : -2]
            frames.append(whole + _checksum(whole, 0x18005, 16))
            sizes.add(size)
            position += size
    info = bytearray(first[: frame_places(first)[0]])
    info[8:12] = min(sizes).to_bytes(2) + max(sizes).to_bytes(2)
    info[21:26] = bytes([info[21] & 0xF0]) + bytes(4)  # how many samples there are: unknown
    return bytes(info) + b"".join(frames)


def _number(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass")


def _checksum(data: bytes, polynomial: int, bits: int) -> bytes:
    value = 0
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value <<= 1
            if value >> bits:
                value ^= polynomial
    return value.to_bytes(bits // 8)
