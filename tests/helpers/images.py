"""Pictures that members might hand over, good and bad."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def picture(side: int = 64, *, kind: str = "PNG", seed: int = 0) -> bytes:
    """A square picture in soft colours, as a file."""
    rng = np.random.default_rng(seed)
    rough = Image.fromarray(rng.integers(90, 230, (4, 4, 3), np.uint8))
    file = io.BytesIO()
    rough.resize((side, side), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A small PNG file that announces, and holds, a great many black pixels.

    Its rows are one compressed block, repeated; `height` is a multiple of 64.
    """
    rows = bytes(64 * (1 + width))
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(rows) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (len(rows) * height // 64 % 65_521) << 16 | 1  # Adler-32 of nothing but zeros
    packed = b"\x78\xda" + block * (height // 64) + b"\x03\x00" + struct.pack("!I", checksum)
    header = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
