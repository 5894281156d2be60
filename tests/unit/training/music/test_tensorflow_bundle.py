from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.music.tensorflow_bundle import read_bundle

SQUARE = np.arange(6, dtype="<f4").reshape(2, 3)


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in entries)
    return body + bytes(4) + (1).to_bytes(4, "little")


def write_bundle(folder: Path, compressed: bool = False) -> None:
    """Write the smallest checkpoint: one block with one tensor of 2 by 3."""
    shape = b"\x12\x02\x08\x02" + b"\x12\x02\x08\x03"
    entry = b"\x08\x01" + b"\x12" + varint(len(shape)) + shape + b"\x28\x18"
    tensors = block([(b"", b"\x08\x01"), (b"layer/kernel", entry)])
    trailer = bytes([compressed]) + bytes(4)
    index = block([(b"z", varint(0) + varint(len(tensors)))])
    at = len(tensors) + len(trailer)
    handles = varint(0) + varint(0) + varint(at) + varint(len(index))
    table = tensors + trailer + index + bytes(5) + handles.ljust(40, b"\0") + bytes(8)
    (folder / ".index").write_bytes(table)
    (folder / ".data-00000-of-00001").write_bytes(SQUARE.tobytes())


def test_reads_a_tensor_by_its_name(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    tensors = read_bundle(tmp_path)
    assert list(tensors) == ["layer/kernel"]
    assert np.array_equal(tensors["layer/kernel"], SQUARE)


def test_refuses_a_compressed_index(tmp_path: Path) -> None:
    write_bundle(tmp_path, compressed=True)
    with pytest.raises(ValueError, match="compressed"):
        read_bundle(tmp_path)


def test_a_missing_checkpoint_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"\.index"):
        read_bundle(tmp_path)
