"""Sheets of portraits: fixed seeds, before and after."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ml.avatar.checkpoint import PortraitModelError
from ml.avatar.density import Density
from ml.avatar.image_tensors import Pictures, as_pictures, as_tensor
from ml.avatar.inference import PortraitModel
from ml.avatar.model import DefaultVae, SeedVae
from ml.finetuning import genre_events as events

SEEDS = tuple(range(1, 9))
"""The same eight in every sheet, so that sheets can be compared."""


@torch.inference_mode()
def drawn(model: DefaultVae | SeedVae, density: Density) -> Pictures:
    """Draw the eight, (8, side, side, 3)."""
    latents = torch.from_numpy(np.stack([density.draw(seed) for seed in SEEDS]))
    device = next(model.parameters()).device
    pictures = [model.finish(model.decode(latent[None].to(device))) for latent in latents]
    return as_pictures(torch.cat(pictures))


@torch.inference_mode()
def redrawn(model: DefaultVae | SeedVae, pictures: Pictures) -> Pictures:
    """Encode pictures and draw them again, (n, side, side, 3)."""
    device = next(model.parameters()).device
    means = [model.encode(as_tensor(picture[None]).to(device))[0] for picture in pictures]
    return as_pictures(torch.cat([model.finish(model.decode(mean)) for mean in means]))


def write_sheet(rows: list[Pictures], file: Path, side: int = 192) -> None:
    """Write rows of pictures (n, h, w, 3) as one PNG; a half-written file never takes its place.

    Args:
        rows: from top to bottom.
        file: where to.
        side: px that each picture gets.
    """
    sheet = Image.new("RGB", (side * max(len(row) for row in rows), side * len(rows)), "white")
    for top, row in enumerate(rows):
        for left, picture in enumerate(row):
            small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (left * side, top * side))
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    sheet.save(partial, "PNG")
    partial.replace(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ml.finetuning.portrait_sheets")
    parser.add_argument("--before", type=Path, help="the shipped one where none is named")
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        before, after = PortraitModel.load(options.before), PortraitModel.load(options.after)
    except PortraitModelError:
        events.failed(events.DAMAGED)
        return 1
    rows = [
        portrait_model.draw(portrait_model.latents(SEEDS)) for portrait_model in (before, after)
    ]
    write_sheet(rows, options.out)
    events.done({"painter": after.name})
    return 0


if __name__ == "__main__":
    sys.exit(main())
