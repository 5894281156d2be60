"""What a portrait is put together from: the training drawings nearest to each of its parts.

    python -m ml.avatar.explaining --pictures DIR --out FILE [--count 600]

writes small copies of a folder's drawings and what the frozen network sees in their parts. The
faces are cropped alike, so a part is where it always is, and cutting it out is all it takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from ml import checkpoints
from ml.avatar.features import Pictures, as_tensor, features, files_in, normalised, resized
from ml.avatar.latents import PortraitModelError
from ml.avatar.traits import Explanation, Nearest, Part

SHIPPED = Path(__file__).parent / "weights" / "drawings.safetensors"
COUNT = 600  # drawings; a file of about 6 MB
NEAREST = 3  # drawings shown for each part

_FORMAT = "drawings-1"
_SIDE = 256  # px that parts are cut out of
_PART = (64, 128)  # px, height and width that a part is seen at
_MAPS = {2: (2, 4), 3: (1, 2)}  # of the network's maps: into how many fields they are averaged
_COPY, _QUALITY = 176, 78  # px and WebP quality of the small copies
_BATCH = 32


class Explainer:
    """Knows the drawings a model learned from; compares portraits with them."""

    def __init__(self, copies: Sequence[bytes], seen: npt.NDArray[np.float16]) -> None:
        """Take the drawings.

        Args:
            copies: n small drawings as WebP.
            seen: (n, parts, numbers) what the network sees in their parts.
        """
        self._copies = copies
        numbers = torch.from_numpy(seen.astype(np.float32))
        # What all drawings have in common says nothing about which of them is nearest.
        self._common = numbers.mean(dim=0)
        self._seen = functional.normalize(numbers - self._common, dim=2)

    @classmethod
    def load(cls, file: Path | None = None) -> Explainer:
        """Read what `save_drawings` wrote; None takes the drawings that are shipped.

        Raises:
            PortraitModelError: the file is missing, damaged, or not one of ours.
        """
        return checkpoints.load(file or SHIPPED, _FORMAT, cls._from, PortraitModelError)

    @classmethod
    def _from(cls, stored: checkpoints.StoredModel) -> Explainer:
        joined, ends = stored.arrays["copies"].tobytes(), stored.arrays["ends"].tolist()
        starts = [0, *ends[:-1]]
        copies = [joined[a:b] for a, b in zip(starts, ends, strict=True)]
        return cls(copies, stored.arrays["seen"])

    def explain(self, picture: npt.NDArray[np.uint8]) -> Explanation:
        """Find the drawings nearest to each part of a picture (side, side, 3)."""
        seen = functional.normalize(look_at_parts(np.array(picture)[None])[0] - self._common, dim=1)
        likeness = torch.einsum("npd,pd->pn", self._seen, seen)
        best = likeness.topk(min(NEAREST, len(self._copies)), dim=1)
        return Explanation(
            {
                part: tuple(
                    Nearest(_opened(self._copies[int(index)]), float(value))
                    for value, index in zip(best.values[row], best.indices[row], strict=True)
                )
                for row, part in enumerate(Part)
            }
        )


@torch.inference_mode()
def look_at_parts(pictures: Pictures) -> Tensor:
    """See the parts of pictures (n, side, side, 3): float32 (n, parts, numbers)."""
    squares = resized(as_tensor(pictures), _SIDE)
    parts = []
    for part in Part:
        left, top, right, bottom = (round(edge * _SIDE) for edge in part.box)
        cut = squares[:, :, top:bottom, left:right]
        sized = functional.interpolate(cut, _PART, mode="bilinear", antialias=True)
        maps = normalised(features()(sized))
        fields = [functional.adaptive_avg_pool2d(maps[i], _MAPS[i]).flatten(1) for i in _MAPS]
        parts.append(torch.cat(fields, dim=1))
    return torch.stack(parts, dim=1)


def save_drawings(files: Sequence[Path], out: Path) -> None:
    """Write small copies of drawings and what the network sees in their parts.

    Raises:
        OSError: a drawing cannot be read, or the file not be written.
    """
    seen, copies = [], []
    for first in range(0, len(files), _BATCH):
        images = [_square(file) for file in files[first : first + _BATCH]]
        seen.append(look_at_parts(np.stack([np.asarray(image) for image in images])).numpy())
        copies += [_small(image) for image in images]
    arrays: dict[str, checkpoints.Array] = {
        "seen": np.concatenate(seen).astype(np.float16),
        "copies": np.frombuffer(b"".join(copies), np.uint8),
        "ends": np.cumsum([len(copy) for copy in copies], dtype=np.int64),
    }
    checkpoints.save(out, _FORMAT, arrays, {})


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the drawings of a folder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ml.avatar.explaining")
    parser.add_argument("--pictures", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--count", type=int, default=COUNT, help="drawings, from all over DIR")
    parsed = parser.parse_args(arguments)
    found = files_in(parsed.pictures)
    if not found:
        print(f"there are no pictures in {parsed.pictures}", file=sys.stderr)  # noqa: T201
        return 1
    step = max(1, len(found) // parsed.count)
    save_drawings(found[::step][: parsed.count], parsed.out)
    return 0


def _square(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        picture: Image.Image = opened.convert("RGB")
    return picture.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _small(image: Image.Image) -> bytes:
    file = BytesIO()
    small = image.resize((_COPY, _COPY), Image.Resampling.LANCZOS)
    small.save(file, "WEBP", quality=_QUALITY, method=6)
    return file.getvalue()


def _opened(copy: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(BytesIO(copy), formats=["WEBP"]) as image:
        return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    sys.exit(main())
