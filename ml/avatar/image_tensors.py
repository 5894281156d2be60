"""Pictures on their way into networks and out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

Pictures = npt.NDArray[np.uint8]
"""(n, height, width, 3), sRGB."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def as_tensor(pictures: Pictures) -> Tensor:
    """Turn (n, h, w, 3) uint8 into (n, 3, h, w) float32 in [-1, 1]."""
    scaled = torch.from_numpy(np.ascontiguousarray(pictures)).float() / 127.5 - 1
    # Strides of channels-last are what (n, h, w, 3) already has, and what is fast on processors.
    return scaled.permute(0, 3, 1, 2)


def as_pictures(tensor: Tensor) -> Pictures:
    """Turn (n, 3, h, w) in [-1, 1] into (n, h, w, 3) uint8."""
    scaled = (tensor.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def resized(tensor: Tensor, side: int) -> Tensor:
    """Cut the middle square out of (n, 3, h, w) and bring it to (n, 3, side, side)."""
    height, width = tensor.shape[2:]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = tensor[:, :, top : top + edge, left : left + edge]
    if edge == side:
        return square
    return functional.interpolate(square, (side, side), mode="bilinear", antialias=True)


def files_in(folder: Path) -> list[Path]:
    """List the pictures of a folder by name, so that their order is the same everywhere."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)


def read_pictures(folder: Path, side: int) -> Pictures:
    """Read every picture of a folder as its middle square.

    Returns:
        (n, side, side, 3) uint8.

    Raises:
        OSError: the folder or a picture cannot be read.
    """
    pictures = [read_picture(file, side) for file in files_in(folder)]
    return np.stack(pictures) if pictures else np.zeros((0, side, side, 3), np.uint8)


def read_picture(file: Path, side: int) -> npt.NDArray[np.uint8]:
    """Read the middle square of one picture, (side, side, 3).

    Raises:
        OSError: it cannot be read.
    """
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS, box))
