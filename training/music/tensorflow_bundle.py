"""Reads TensorFlow's checkpoints without TensorFlow: musicnn's packages hold them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FOOTER_BYTES = 48
_DTYPE, _SHAPE, _OFFSET, _SIZE = 1, 2, 4, 5  # fields of BundleEntryProto
_FLOAT = 1  # tensorflow.DT_FLOAT

Array = npt.NDArray[np.float32]


def read_bundle(folder: Path, prefix: str = "") -> dict[str, Array]:
    """Read all float tensors of a checkpoint.

    Args:
        folder: where the checkpoint's files lie.
        prefix: their common name, empty in musicnn's packages.

    Returns:
        Each tensor by name, in the shape it was saved in.

    Raises:
        OSError: a file is missing.
        ValueError: the index is not an uncompressed table.
    """
    table = (folder / f"{prefix}.index").read_bytes()
    data = (folder / f"{prefix}.data-00000-of-00001").read_bytes()
    tensors = {}
    for name, value in _entries(table):
        entry = dict(_fields(value))
        if name and entry.get(_DTYPE) == _FLOAT:
            tensors[name.decode()] = _tensor(entry, data)
    return tensors


def _tensor(entry: dict[int, int | bytes], data: bytes) -> Array:
    offset, size, shape = entry.get(_OFFSET, 0), entry.get(_SIZE, 0), entry.get(_SHAPE, b"")
    assert isinstance(offset, int)
    assert isinstance(size, int)
    assert isinstance(shape, bytes)
    sides = [dict(_fields(side)).get(1, 0) for _, side in _fields(shape) if isinstance(side, bytes)]
    flat = np.frombuffer(data[offset : offset + size], dtype="<f4")
    return flat.reshape([int(side) for side in sides]).copy()


def _entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    _, at = _varint(footer, 0)  # the meta index, which we do not need: its offset
    _, at = _varint(footer, at)  # and its size
    for _, handle in _block(table, footer[at:]):
        yield from _block(table, handle)


def _block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    start, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    if table[start + size] != 0:
        raise ValueError("the checkpoint's index is compressed")
    block = table[start : start + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end = size - 4 * (restarts + 1)
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk a protocol buffer: the number and value of each field."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == 2:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        elif kind == 5:
            at += 4  # a checksum
        else:
            raise ValueError(f"unexpected wire type {kind} in the checkpoint's index")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
