"""Draws a folder of faces: `python -m training.illustrator --out DIR --count N`.

Beside the pictures, named 000000.png onwards, it writes `facts.jsonl`: a line a picture with what
it shows. With `--sheet FILE` it draws a contact sheet instead, a row in every style.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.progress import track

from training.illustrator.drawing import draw, illustrate
from training.illustrator.styles import STYLE_NAMES

GROUND, INK = (250, 248, 245), (70, 60, 85)
CAPTION = 20  # px above a row of a sheet
GAP = 4  # px between its drawings
COLOURS = 256  # of a sheet: a palette keeps it small


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw `--count` faces into `--out`, or the contact sheet."""
    options = _parser().parse_args(arguments)
    if options.sheet:
        sheet = contact_sheet(options.columns, first_seed=options.first_seed)
        sheet.save(options.sheet, optimize=True)
    else:
        _draw_folder(options)


def contact_sheet(columns: int = 6, side: int = 128, first_seed: int = 0) -> Image.Image:
    """Return the styles one below the other; every drawing has a seed of its own."""
    row = CAPTION + side + GAP
    sheet = Image.new("RGB", (columns * (side + GAP) + GAP, len(STYLE_NAMES) * row), GROUND)
    pen = ImageDraw.Draw(sheet)
    for line, name in enumerate(STYLE_NAMES):
        pen.text((GAP, line * row + 3), name, INK, ImageFont.load_default(13))
        for column in range(columns):
            picture = draw(first_seed + line * columns + column, 4 * side, name)
            small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (GAP + column * (side + GAP), line * row + CAPTION))
    palette = sheet.quantize(COLOURS, kmeans=2)
    return sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _draw_folder(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    save = partial(_save, out=options.out, first_seed=options.first_seed, side=options.side)
    with (
        ProcessPoolExecutor(options.workers) as pool,
        (options.out / "facts.jsonl").open("w", encoding="utf-8") as lines,
    ):
        done = pool.map(save, range(options.count), chunksize=16)
        for line in track(done, "Drawing", total=options.count):
            lines.write(line + "\n")


def _save(number: int, *, out: Path, first_seed: int, side: int) -> str:
    """Write one picture and return its line of facts."""
    drawing = illustrate(first_seed + number, side)
    name = f"{number:06}.png"
    Image.fromarray(drawing.pixels).save(out / name)
    return json.dumps({"file": name, **asdict(drawing.facts)})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.illustrator", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="folder for the drawings")
    where.add_argument("--sheet", type=Path, help="file for a contact sheet instead")
    parser.add_argument("--count", type=int, default=100, help="how many")
    parser.add_argument("--side", type=int, default=512, help="of a drawing, in pixels")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first drawing")
    parser.add_argument("--columns", type=int, default=6, help="drawings in each style on a sheet")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    return parser


if __name__ == "__main__":
    main()
