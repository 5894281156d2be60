"""Draw usamimi's mark: two rabbit ears, whose pose shows the confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from PIL import Image

from bot.rendering.palette import EAR_PINK, LAVENDER, LAVENDER_DEEP, Rgb
from bot.rendering.shapes import Point, filled

FOLDED_AT = 0.6  # of the ear's length
FOLD_SLOPE = 36.0  # degrees
STEPS = 48  # straight pieces along one side of an ear


@dataclass(frozen=True, slots=True)
class EarShape:
    """One ear, described by the line through its middle.

    Attributes:
        base: where it grows from, px.
        length: along the middle line, px.
        girth: greatest width, px.
        lean: direction it starts in, degrees from straight up, clockwise.
        bend: degrees it turns by, evenly, on the way to its tip.
    """

    base: Point
    length: float
    girth: float
    lean: float
    bend: float


@dataclass(frozen=True, slots=True)
class Fold:
    """A straight crease through a point; `slope` in degrees, rising to the right."""

    through: Point
    slope: float

    def height_of(self, point: Point) -> float:
        """Return a point's height above the crease in px; negative below."""
        angle = math.radians(self.slope)
        right, up = point[0] - self.through[0], self.through[1] - point[1]
        return up * math.cos(angle) - right * math.sin(angle)

    def mirrored(self, point: Point) -> Point:
        """Mirror a point at the crease."""
        angle, twice = math.radians(self.slope), 2 * self.height_of(point)
        return point[0] + twice * math.sin(angle), point[1] + twice * math.cos(angle)


class Pose(Enum):
    """Confidence: both ears up, or one folded."""

    LISTENING = "listening"
    PUZZLED = "puzzled"


def draw_ears(canvas: Image.Image, base: Point, height: float, pose: Pose) -> Image.Image:
    """Draw both ears and return their outline.

    Args:
        canvas: "RGB" picture to draw on.
        base: the middle between the two roots, px.
        height: length of an ear, px.
        pose: see `Pose`.

    Returns:
        An "L" mask of the canvas's size, 255 inside the ears.
    """
    outline = Image.new("L", canvas.size, 0)
    for shape, colour in _shapes(base, height, pose):
        mask = filled(canvas.size, shape)
        canvas.paste(colour, mask=mask)
        outline.paste(255, mask=mask)
    return outline


def _shapes(base: Point, height: float, pose: Pose) -> list[tuple[list[Point], Rgb]]:
    """Return every coloured shape, farthest behind first."""
    x, y = base
    girth, apart = height * 0.38, height * 0.23
    left = _layers(EarShape((x - apart, y), height, girth, -5.0, -14.0))
    right = _layers(EarShape((x + apart, y), height, girth, 5.0, 16.0))
    if pose is Pose.LISTENING:
        return left + right
    fold = Fold((x + apart * 1.1, y - height * FOLDED_AT), FOLD_SLOPE)
    stumps = [(_below(shape, fold), colour) for shape, colour in right]
    # What hangs over shows its back: the rim and the fur, no pink.
    flaps = [(_hanging(shape, fold), colour) for shape, colour in right[:2]]
    return left + stumps + flaps


def _layers(ear: EarShape) -> list[tuple[list[Point], Rgb]]:
    """Return rim, fur and pink inside."""
    rim = max(2.0, ear.girth * 0.07)
    fur = replace(ear, length=ear.length - rim, girth=ear.girth - 2 * rim)
    inside = replace(ear, length=ear.length * 0.87, girth=ear.girth * 0.48)
    return [(_leaf(ear), LAVENDER_DEEP), (_leaf(fur), LAVENDER), (_leaf(inside), EAR_PINK)]


def _leaf(ear: EarShape) -> list[Point]:
    """Return the closed outline around the middle line."""
    x, y = ear.base
    left: list[Point] = []
    right: list[Point] = []
    along = 0.0
    for step in range(STEPS + 1):
        # Shorter steps towards the tip, where the outline is roundest.
        ahead = math.sin(math.pi / 2 * step / STEPS)
        angle = math.radians(ear.lean + ear.bend * ahead)
        x += math.sin(angle) * ear.length * (ahead - along)
        y -= math.cos(angle) * ear.length * (ahead - along)
        along = ahead
        half = ear.girth / 2 * _fullness(along)
        left.append((x - half * math.cos(angle), y - half * math.sin(angle)))
        right.append((x + half * math.cos(angle), y + half * math.sin(angle)))
    return left + right[::-1]


def _below(shape: Sequence[Point], fold: Fold) -> list[Point]:
    """Clip a shape below the fold (Sutherland and Hodgman, 1974)."""
    kept: list[Point] = []
    for here, there in pairwise([*shape, shape[0]]):
        depth, depth_there = fold.height_of(here), fold.height_of(there)
        if depth <= 0:
            kept.append(here)
        if (depth <= 0) != (depth_there <= 0):
            part = depth / (depth - depth_there)
            kept.append(
                (here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part)
            )
    return kept


def _hanging(shape: Sequence[Point], fold: Fold) -> list[Point]:
    """Clip a shape above the fold and mirror it down."""
    return _below([fold.mirrored(point) for point in shape], fold)


def _fullness(along: float) -> float:
    """Return the width along the ear, 0 to 1: slim root, round tip."""
    return float((0.5 + 0.5 * math.sin(math.pi * along / 1.1)) * (1 - along**5) ** 0.5)
