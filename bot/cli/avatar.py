"""`python -m bot avatar`: draw portraits into files, for hosts and for looking at a model."""

from __future__ import annotations

import argparse
import sys
import unicodedata
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
    return draw_files(
        portrait_model, arguments.seed, arguments.count, arguments.size, arguments.out
    )


def draw_files(
    portrait_model: DrawsPortraits, seed: str | None, count: int, side: int, folder: Path
) -> int:
    """Write `count` portraits of a seed and of those following it; returns the exit status.

    Args:
        portrait_model: draws them.
        seed: as a member would type it; None makes one up.
        count: how many: after 42 come 43 and 44, after reisen come "reisen 2" and "reisen 3".
        side: of the PNG files, in px.
        folder: made where it is missing; files of the same names are replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in following(normalised(seed) if seed else random_seed(), count):
            picture = portrait_model.draw(latent_of(portrait_model, each)[None])[0]
            if side > picture.shape[0]:
                picture = portrait_model.enlarge(picture)
            path = folder / f"avatar-{file_name(each)}.png"
            path.write_bytes(portrait_png(picture, side))
            print(f"{path}  seed {each}, drawn by {portrait_model.name}")  # noqa: T201
    except OSError as error:
        print(f"{folder} cannot be written: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def file_name(seed: str) -> str:
    """Give a seed the form of a file's name: letters, numbers and `~` of any script."""
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" or c == "~" else "-" for c in seed)
    return kept[:LONGEST_NAME]
