"""Painting the timeline: ribbons of colour with their names on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from bot.pictures.card import SMALLEST
from bot.pictures.lettering import Pen, legible, width, write
from bot.pictures.palette import HOLLOW, Rgb, ink_on
from bot.pictures.timeline import Floats, roomiest

SEAM = 3.0  # px of dark between ribbons, for eyes that see their colours alike
BREATH = 14  # px around a name


def draw_ribbons(edges: Floats, colours: Sequence[Rgb], height: int) -> Image.Image:
    """Paint the ribbons, the first at the bottom, with smooth edges.

    Args:
        edges: (ribbons + 1, width) from `ribbon_edges`.
        colours: one a ribbon.
        height: px.

    Returns:
        An "RGB" picture of (width, height).
    """
    above_floor = (height - np.arange(height, dtype=np.float32))[:, None]
    steps = edges[1:-1, None] * height
    covered = np.clip(above_floor - steps, 0.0, 1.0)
    # Each ribbon is painted over the whole of the one below it: what changes is their difference.
    paints = np.asarray(colours, np.float32)
    changes = np.diff(paints, axis=0)
    picture = paints[0] + np.tensordot(covered, changes, axes=(0, 0))
    # Two seams meeting must not hide a thin ribbon between them.
    thickness = np.diff(edges, axis=0) * height
    strength = np.clip(np.minimum(thickness[:-1], thickness[1:]) / (2 * SEAM), 0.0, 1.0)
    lines = np.clip((SEAM + 1) / 2 - np.abs(above_floor - 0.5 - steps), 0.0, 1.0)
    seams = (lines * strength[:, None]).max(axis=0, initial=0.0)[..., None]
    picture += seams * (np.array(HOLLOW, np.float32) - picture)
    return Image.fromarray(np.rint(picture).astype(np.uint8))


def name_ribbons(
    picture: Image.Image, edges: Floats, names: Sequence[str], colours: Sequence[Rgb]
) -> None:
    """Write each genre's name where its ribbon is roomiest, unless it would not fit.

    Args:
        picture: from `draw_ribbons`.
        edges: what it was drawn from.
        names: one a ribbon.
        colours: one a ribbon.
    """
    draw = ImageDraw.Draw(picture)
    for ribbon, (name, colour) in enumerate(zip(names, colours, strict=True)):
        pen = Pen(SMALLEST, colour=ink_on(colour))
        text = legible(name)
        span = round(width(text, pen)) + 2 * BREATH
        if not text or span > picture.width:
            continue
        middle, floor, ceiling = roomiest(edges, ribbon, span)
        if (ceiling - floor) * picture.height >= SMALLEST + BREATH / 2:
            baseline = picture.height * (1 - (floor + ceiling) / 2) + SMALLEST * 0.37
            write(draw, (middle, round(baseline)), text, pen, "m")
