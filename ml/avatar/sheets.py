"""Sheets of portraits: the same seeds in rows, to compare models by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from ml.avatar.density import Density
from ml.avatar.image_tensors import Pictures, as_pictures, as_tensor
from ml.avatar.model import DefaultVae, SeedVae
from ml.files import write_atomically

SEEDS = tuple(range(1, 9))
"""The same eight in every sheet, so that sheets can be compared."""
ICON = 80  # px: an icon in a chat, on a screen of double density
_ICON_MARGIN = 10  # px above and below icons
_CHAT = (49, 51, 56)  # the dark ground of Discord's chat


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
