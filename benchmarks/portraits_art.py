"""Which recipe learns more from real art in the same time: ours or the blog's.

    python -m benchmarks.portraits_art --art FOLDER --out DIR --minutes 60

FOLDER holds face crops (`python -m ml.avatar.faces` makes them). A share of them is kept back and
what all recipes draw is compared with it, by EfficientNet-Lite2, which no training looks at.
Weights and sheets go to DIR, which must not be published if the art must not. The minutes are the
processor's, so that a busy machine takes nothing from one of them; what each training had, with
reading and looking, is in its row.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.portraits import portraits
from benchmarks.portraits_path import Lite2Features
from ml.avatar.features import files_in, read_pictures
from ml.avatar.inference import PortraitModel
from ml.avatar.measures import kernel_distance_interval, write_sheet
from ml.finetuning.portraits import main as fine_tune
from training.avatar.train import main as train

SIDE = 256  # px of the crops
RECIPES = ("default", "lesson", "seed")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the recipes for the same time each, and compare what they draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portraits_art")
    parser.add_argument("--art", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--kept", type=float, default=0.2, help="share that is never trained on")
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=["default", "seed"])
    parser.add_argument("--count", type=int, default=300, help="portraits of each recipe")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    shown, kept = split(options.art, options.out, options.kept)
    network = Lite2Features()
    real = network.vectors(list(read_pictures(kept, SIDE)))
    known = network.vectors(list(read_pictures(shown, SIDE)))
    table = Table("pictures", "of crops", "KID to the kept", "95 %", "processor, min")
    add_row(table, "crops trained on", len(known), known, real)
    for recipe in options.recipes:
        weights = options.out / f"{recipe}.safetensors"
        words = f"--pictures {shown} --out {weights} --threads {options.threads}"
        words += f" --minutes {options.minutes} --processor-time --resume"
        if not weights.exists() and recipe == "lesson":
            fine_tune(words.split())
        elif not weights.exists():
            train([*words.split(), "--recipe", recipe])
        portrait_model = PortraitModel.load(weights)
        pictures = portraits(portrait_model, options.count)
        vectors = network.vectors(list(pictures))
        rows = [pictures[at : at + 8] for at in range(0, min(32, len(pictures)), 8)]
        write_sheet(rows, options.out / f"{recipe}.png")
        add_row(
            table,
            recipe,
            len(known),
            vectors,
            real,
            portrait_model.card.get("processor minutes", "?"),
        )
    Console().print(table)


def split(art: Path, out: Path, share: float) -> tuple[Path, Path]:
    """Copy the crops into a folder that is trained on and one that is kept back."""
    files = files_in(art)
    mixed = np.random.default_rng(0).permutation(len(files))
    folders = out / "shown", out / "kept"
    for rank, index in enumerate(mixed):
        folder = folders[rank < share * len(files)]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(files[index], folder / files[index].name)
    return folders


def add_row(
    table: Table, name: str, count: int, vectors: np.ndarray, real: np.ndarray, spent: str = ""
) -> None:
    """Add the kernel distance of some vectors to the kept ones."""
    distance = kernel_distance_interval(vectors, real)
    interval = f"{distance.low:.4f} to {distance.high:.4f}"
    table.add_row(name, str(count), f"{distance.value:.4f}", interval, spent)


if __name__ == "__main__":
    main()
