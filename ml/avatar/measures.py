"""Compare models: by distances of the frozen network's vectors, and by eye."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw

from ml.avatar.checkpoint import DefaultVae, SeedVae
from ml.avatar.features import Pictures, as_pictures, as_tensor
from ml.avatar.latents import Density, TraitBank
from ml.files import write_atomically

Vectors = npt.NDArray[np.float32]
"""(n, size): what the frozen network makes of n pictures."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def kernel_distance(drawn: Vectors, real: Vectors) -> float:
    """Kernel inception distance (Binkowski et al., 2018): 0 where the two are of one kind.

    The unbiased estimate with the cubic kernel, which a small sample may carry below 0.

    Args:
        drawn: (n, size), n of at least 2.
        real: (m, size), m of at least 2.
    """
    within = [_kernel(x, x) for x in (drawn, real)]
    own = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in within]
    return float(own[0] + own[1] - 2 * _kernel(drawn, real).mean())


def kernel_distance_interval(
    drawn: Vectors, real: Vectors, seed: int = 0, rounds: int = 200
) -> Estimate:
    """Estimate the kernel distance with the interval that half-sized subsets give.

    Subsampling halves without putting back: a bootstrap would meet pictures twice, which an
    unbiased estimate takes for likeness.
    """
    rng = np.random.default_rng(seed)
    parts = [
        kernel_distance(
            drawn[rng.permutation(len(drawn))[: len(drawn) // 2]],
            real[rng.permutation(len(real))[: len(real) // 2]],
        )
        for _ in range(rounds)
    ]
    value = kernel_distance(drawn, real)
    # Halves of a sample scatter about each other as whole samples scatter about the truth.
    half = 1.96 * float(np.std(parts))
    return Estimate(value, value - half, value + half)


def precision_and_recall(drawn: Vectors, real: Vectors, neighbours: int = 3) -> tuple[float, float]:
    """How many drawn pictures could be real, and how many real ones could be drawn.

    After Kynkäänniemi et al. (2019): a picture could be of a kind if it is as near to one of
    that kind as this one's k-th nearest neighbour of its own kind is.
    """
    between = _distances(drawn, real)
    reach_real, reach_drawn = reach(real, neighbours), reach(drawn, neighbours)
    precision = (between <= reach_real[None, :]).any(axis=1).mean()
    recall = (between <= reach_drawn[:, None]).any(axis=0).mean()
    return float(precision), float(recall)


def reach(vectors: Vectors, neighbours: int) -> npt.NDArray[np.float64]:
    """Measure how far from each vector its k-th nearest neighbour is, (n,), n above k."""
    within = _distances(vectors, vectors)
    np.fill_diagonal(within, np.inf)
    distances: npt.NDArray[np.float64] = np.partition(within, neighbours - 1, axis=1)[
        :, neighbours - 1
    ]
    return distances


def nearest(vectors: Vectors, others: Vectors) -> tuple[npt.NDArray[np.intp], Vectors]:
    """Find for each vector which other is nearest and how far it is, both (n,)."""
    distances = _distances(vectors, others)
    which = distances.argmin(axis=1)
    return which, distances[np.arange(len(vectors)), which].astype(np.float32)


def _kernel(one: Vectors, other: Vectors) -> npt.NDArray[np.float64]:
    dots = one.astype(np.float64) @ other.astype(np.float64).T
    kernel: npt.NDArray[np.float64] = (dots / one.shape[1] + 1) ** 3
    return kernel


def _distances(one: Vectors, other: Vectors) -> npt.NDArray[np.float64]:
    a, b = one.astype(np.float64), other.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: npt.NDArray[np.float64] = np.sqrt(squares.clip(min=0))
    return distances


SEEDS = tuple(range(1, 9))
"""The same eight in every sheet, so that sheets can be compared."""
ICON = 80  # px: an icon in a chat, on a screen of double density
_ICON_MARGIN = 10  # px above and below icons
_CHAT = (49, 51, 56)  # the dark ground of Discord's chat


@torch.inference_mode()
def drawn(model: DefaultVae | SeedVae, density: Density | TraitBank) -> Pictures:
    """Draw the eight, (8, side, side, 3)."""
    latents = torch.from_numpy(np.stack([density.draw(seed) for seed in SEEDS]))
    device = next(model.parameters()).device
    pictures = [model.portraits(latent[None].to(device)) for latent in latents]
    return as_pictures(torch.cat(pictures))


@torch.inference_mode()
def redrawn(model: DefaultVae | SeedVae, pictures: Pictures) -> Pictures:
    """Encode pictures and draw them again, (n, side, side, 3)."""
    device = next(model.parameters()).device
    means = [model.encode(as_tensor(picture[None]).to(device))[0] for picture in pictures]
    return as_pictures(torch.cat([model.portraits(mean) for mean in means]))


def write_sheet(rows: list[Pictures], file: Path, side: int = 192, *, icons: bool = False) -> None:
    """Write rows of pictures (n, h, w, 3) as one PNG, whole or not at all.

    Args:
        rows: from top to bottom.
        file: where to.
        side: px that each picture gets.
        icons: show each row again beneath it, round and as small as Discord shows icons.
    """
    strip = ICON + 2 * _ICON_MARGIN if icons else 0
    height = side + strip
    sheet = Image.new("RGB", (side * max(len(row) for row in rows), height * len(rows)), _CHAT)
    for top, row in enumerate(rows):
        for left, picture in enumerate(row):
            image = Image.fromarray(picture)
            large = image.resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(large, (left * side, top * height))
            if icons:
                place = (left * side + (side - ICON) // 2, top * height + side + _ICON_MARGIN)
                small = image.resize((ICON, ICON), Image.Resampling.LANCZOS)
                sheet.paste(small, place, _round(ICON))
    write_atomically(file, lambda partial: sheet.save(partial, "PNG"))


def _round(side: int) -> Image.Image:
    """Return a mask of a disc, its edge smooth."""
    large = Image.new("L", (4 * side, 4 * side))
    ImageDraw.Draw(large).ellipse((0, 0, 4 * side - 1, 4 * side - 1), fill=255)
    return large.resize((side, side), Image.Resampling.LANCZOS)
