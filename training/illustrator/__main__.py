"""Draws a folder of faces: `python -m training.illustrator --out DIR --count N`.

With `--sheet FILE` it draws the contact sheet instead, a row by every hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from rich.progress import track

from training.illustrator.drawing import draw
from training.illustrator.sheet import contact_sheet


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw `--count` faces into `--out`, named 000000.png onwards, or the contact sheet."""
    options = _parser().parse_args(arguments)
    if options.sheet:
        sheet = contact_sheet(options.columns, first_seed=options.first_seed)
        sheet.save(options.sheet, optimize=True)
    else:
        _draw_folder(options)


def _draw_folder(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    save = partial(_save, out=options.out, first_seed=options.first_seed, side=options.side)
    with ProcessPoolExecutor(options.workers) as pool:
        done = pool.map(save, range(options.count), chunksize=16)
        for _ in track(done, "Drawing", total=options.count):
            pass


def _save(number: int, *, out: Path, first_seed: int, side: int) -> None:
    picture = draw(first_seed + number, side)
    Image.fromarray(picture).save(out / f"{number:06}.png")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.illustrator", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="folder for the drawings")
    where.add_argument("--sheet", type=Path, help="file for a contact sheet instead")
    parser.add_argument("--count", type=int, default=100, help="how many")
    parser.add_argument("--side", type=int, default=256, help="of a drawing, in pixels")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first drawing")
    parser.add_argument("--columns", type=int, default=6, help="drawings by each hand on a sheet")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    return parser


if __name__ == "__main__":
    main()
