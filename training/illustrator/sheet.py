"""The contact sheet: a row of drawings by every hand, under its name."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from training.illustrator.drawing import draw
from training.illustrator.hands import HANDS

GROUND, INK = (250, 248, 245), (70, 60, 85)
CAPTION = 20  # px above a row
GAP = 4  # px between drawings
COLOURS = 256  # of the sheet: a palette keeps it small


def contact_sheet(columns: int = 6, side: int = 128, first_seed: int = 0) -> Image.Image:
    """Return the hands one below the other; every drawing has a seed of its own."""
    row = CAPTION + side + GAP
    sheet = Image.new("RGB", (columns * (side + GAP) + GAP, len(HANDS) * row), GROUND)
    pen = ImageDraw.Draw(sheet)
    for line, hand in enumerate(HANDS):
        pen.text((GAP, line * row + 3), hand.name, INK, ImageFont.load_default(13))
        for column in range(columns):
            picture = draw(first_seed + line * columns + column, 2 * side, hand.name)
            small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (GAP + column * (side + GAP), line * row + CAPTION))
    palette = sheet.quantize(COLOURS, kmeans=2)
    return sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
