"""`python -m bot avatar`: draw portraits into files, for hosts and for looking at a model."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from bot.engines import load_portrait_model
from bot.errors import StartError
from bot.portraits.inference import DrawsPortraits
from bot.portraits.service import following, latent_of, normalised, random_seed
from bot.rendering.portraits import portrait_png
from bot.settings import Settings

LONGEST_NAME = 60  # characters of a seed in a file's name


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Draw portraits into PNG files; return the exit status.

    Raises:
        StartError: there is no portrait model.
    """
    portrait_model = load_portrait_model(settings)
    if portrait_model is None:
        raise StartError("no portrait model is installed; name one with USAMIMI_PORTRAIT_MODEL")
    seed: str | None = arguments.seed
    seeds = following(normalised(seed) if seed else random_seed(), arguments.count)
    folder: Path = arguments.out.absolute()
    files = {folder / f"avatar-{file_name(each)}.png": each for each in seeds}
    there = [path for path in files if path.exists()]
    if there and not arguments.force:
        print(  # noqa: T201
            f"nothing was drawn: {there[0]} exists already; "
            "choose another folder with --out, or replace it with --force",
            file=sys.stderr,
        )
        return 1
    return draw_files(portrait_model, files, arguments.size, folder)


def draw_files(
    portrait_model: DrawsPortraits, files: Mapping[Path, str], side: int, folder: Path
) -> int:
    """Write the portrait of each file's seed and print its path; returns the exit status.

    Args:
        portrait_model: draws them.
        files: the seed of each; what is there is replaced.
        side: of the PNG files, in px.
        folder: that they are in; made where it is missing.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, seed in files.items():
            picture = portrait_model.draw(latent_of(portrait_model, seed)[None])[0]
            if side > picture.shape[0]:
                picture = portrait_model.enlarge(picture)
            path.write_bytes(portrait_png(picture, side))
            print(f"{path}  seed {seed}, drawn by {portrait_model.name}")  # noqa: T201
    except OSError as error:
        print(f"{folder} cannot be written: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def file_name(seed: str) -> str:
    """Give a seed the form of a file's name: letters, numbers and `~` of any script."""
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" or c == "~" else "-" for c in seed)
    return kept[:LONGEST_NAME]
