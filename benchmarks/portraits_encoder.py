"""What the encoder tells of drawings it never saw: how far `like:` finds what a picture shows.

    python -m benchmarks.portraits_encoder --weights FILE... [--count 300]

Of each drawing is known what it shows. Printed is the share of drawings of which the encoder tells
each kind rightly (style, mood, ears, scene and what else there are kinds of), half of them
mirrored; with 95 % intervals over drawings where a kind can be chosen by members.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.portraits_path import FIRST_SEED
from ml.avatar.inference import PortraitModel
from ml.avatar.traits import KINDS, OPTIONS, TRAIT
from training.illustrator import illustrate
from training.illustrator.pairs import LARGE
from training.illustrator.traits import traits_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portraits_encoder")
    parser.add_argument("--weights", type=Path, nargs="+", help="without it those that ship")
    parser.add_argument("--count", type=int, default=300, help="drawings")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    models = [PortraitModel.load(file) for file in options.weights or [None]]
    found: list[list[dict[str, bool]]] = [[] for _ in models]
    for seed in track(range(FIRST_SEED, FIRST_SEED + options.count), "drawings"):
        picture, row = illustrate(seed, LARGE).pixels, traits_of(seed)
        seen = np.ascontiguousarray(picture[:, ::-1] if seed % 2 else picture)
        for model, told in zip(models, found, strict=True):
            told.append(right(model, seen, row))
    kinds = [*OPTIONS, *sorted(set(KINDS) - set(OPTIONS))]
    table = Table("kind", "how many there are", *(model.name for model in models))
    for kind in kinds:
        shares = [[told[kind] for told in each] for each in found]
        size = TRAIT[kind].stop - TRAIT[kind].start
        table.add_row(kind, str(size), *(said(np.array(s), kind in OPTIONS) for s in shares))
    Console().print(table)
    Console().print(f"{options.count} drawings, every second mirrored")


def right(
    model: PortraitModel, picture: npt.NDArray[np.uint8], row: npt.NDArray[np.float32]
) -> dict[str, bool]:
    """Tell of each kind whether the encoder finds in a picture what its traits (n,) say."""
    (latent,) = model.encode(picture[None])
    return {kind: latent[TRAIT[kind]].argmax() == row[TRAIT[kind]].argmax() for kind in KINDS}


def said(right_ones: npt.NDArray[np.bool_], interval: bool) -> str:
    """Print a share, and its interval by the normal approximation."""
    share = float(right_ones.mean())
    wide = 1.96 * (share * (1 - share) / len(right_ones)) ** 0.5
    return f"{share:.0%}" + (f" ± {wide:.0%}" if interval else "")


if __name__ == "__main__":
    main()
