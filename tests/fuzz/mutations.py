"""Ways to spoil a file, each repeatable: bytes and a source of chance in, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from random import Random

MOST_BYTES = 2**20  # a mutated file grows no larger
HEAD = 512  # bytes in which most of what a decoder believes is written
# Lengths, counts and rates that programs get wrong.
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Mutation = Callable[[bytes, Random], bytes]


def flip_bits(data: bytes, chance: Random) -> bytes:
    """Turn single bits over, few or many."""
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 3, 10, max(1, len(data) // 100)))):
        spoilt[_place(data, chance)] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def write_edge(data: bytes, chance: Random) -> bytes:
    """Put numbers that are too small or too large where numbers may be."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        form = chance.choice(("<B", "<H", ">H", "<I", ">I"))
        size = struct.calcsize(form)
        number = chance.choice(EDGES) & ((1 << (8 * size)) - 1)
        at = min(_place(data, chance), max(0, len(data) - size))
        spoilt[at : at + size] = struct.pack(form, number)
    return bytes(spoilt)


def cut_off(data: bytes, chance: Random) -> bytes:
    """End early."""
    return data[: chance.randrange(1, len(data) + 1)]


def leave_out(data: bytes, chance: Random) -> bytes:
    """Take a piece out."""
    first, last = _span(data, chance)
    return data[:first] + data[last:]


def repeat(data: bytes, chance: Random) -> bytes:
    """Say a piece again, up to very often."""
    first, last = _span(data, chance)
    times = chance.choice((2, 3, 50, 1_000))
    return (data[:first] + data[first:last] * times + data[last:])[:MOST_BYTES]


def swap(data: bytes, chance: Random) -> bytes:
    """Put a piece in another place."""
    first, last = _span(data, chance)
    rest = data[:first] + data[last:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + data[first:last] + rest[at:]


def silence(data: bytes, chance: Random) -> bytes:
    """Blank a piece with zeros, ones or noise."""
    first, last = _span(data, chance)
    noise = chance.randbytes(last - first)
    filling = chance.choice((bytes(last - first), b"\xff" * (last - first), noise))
    return data[:first] + filling + data[last:]


MUTATIONS: Sequence[Mutation] = (
    flip_bits,
    write_edge,
    cut_off,
    leave_out,
    repeat,
    swap,
    silence,
)


def spoilt(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Spoil a file in one to four ways; sometimes its head goes on another's body.

    Args:
        data: a whole file.
        others: files whose pieces may be mixed in.
        chance: the same one gives the same file.
    """
    if others and chance.random() < 0.1:
        other = chance.choice(others)
        data = data[: chance.randrange(1, HEAD)] + other[chance.randrange(len(other)) :]
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(MUTATIONS)(data or b"\x00", chance)
    return data


def _place(data: bytes, chance: Random) -> int:
    """Choose a place, every second time in the head."""
    return chance.randrange(min(HEAD, len(data)) if chance.random() < 0.5 else len(data))


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    first = _place(data, chance)
    length = chance.choice((1, 4, 16, 100, 1_000, len(data)))
    return first, min(len(data), first + length)
