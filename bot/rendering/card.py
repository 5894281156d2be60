"""Draw the card that every picture is on: smooth masks, two rabbit ears, the night behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

from bot.rendering.palette import (
    EAR_PINK,
    LAVENDER,
    LAVENDER_DEEP,
    MOONLIT,
    NIGHT_HIGH,
    NIGHT_LOW,
    RIM,
    Rgb,
)

WIDTH = 1200  # px; a phone shows a third of it, so nothing is lettered under SMALLEST
SMALLEST = 34  # px, the least height of letters
MARGIN = 52  # px from the card's edge to what is on it
CONTENT_WIDTH = WIDTH - 2 * MARGIN
PANEL_CORNER = 18  # px, radius
EARS_ABOVE = 104  # px of ear over the card's upper edge
CORNER = 44  # px, radius
EAR_LENGTH = 156.0  # px
EARS_BELOW = 56.0  # px of ear behind the card
EARS_X = WIDTH - 190.0  # px, the middle between the ears
MOON = 250  # px, radius
RIM_WIDTH = 3  # px
COMPRESSION = 2  # zlib level: a spectrogram hardly packs better at 6, but takes thrice as long
FOLDED_AT = 0.6  # of the ear's length
FOLD_SLOPE = 36.0  # degrees
STEPS = 48  # straight pieces along one side of an ear
OVERSAMPLE = 4
Point = tuple[float, float]


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """Return a rounded rectangle as an "L" mask of its size."""
    mask = Image.new("L", (width, height), 255)
    radius = min(radius, width // 2, height // 2)
    if radius < 1:
        return mask
    disc = _disc(radius)
    for left in (0, width - radius):
        for top in (0, height - radius):
            corner = (radius if left else 0, radius if top else 0)
            box = (*corner, corner[0] + radius, corner[1] + radius)
            mask.paste(disc.crop(box), (left, top))
    return mask


def filled(size: tuple[int, int], outline: Sequence[Point]) -> Image.Image:
    """Return a closed outline's inside as an "L" mask of `size`."""
    left, top = (math.floor(min(axis)) for axis in zip(*outline, strict=True))
    right, bottom = (math.ceil(max(axis)) for axis in zip(*outline, strict=True))
    large = Image.new("L", ((right - left) * OVERSAMPLE, (bottom - top) * OVERSAMPLE), 0)
    points = [((x - left) * OVERSAMPLE, (y - top) * OVERSAMPLE) for x, y in outline]
    ImageDraw.Draw(large).polygon(points, fill=255)
    mask = Image.new("L", size, 0)
    mask.paste(large.reduce(OVERSAMPLE), (left, top))
    return mask


@lru_cache(maxsize=64)
def _disc(radius: int) -> Image.Image:
    side = 2 * radius * OVERSAMPLE
    large = Image.new("L", (side, side), 0)
    ImageDraw.Draw(large).ellipse((0, 0, side - 1, side - 1), fill=255)
    return large.reduce(OVERSAMPLE)


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


@dataclass(frozen=True, slots=True)
class Card:
    """A card being drawn on.

    Attributes:
        canvas: "RGB" picture to draw on, opaque everywhere.
        silhouette: "L" mask of the card and its ears.
    """

    canvas: Image.Image
    silhouette: Image.Image

    def png(self) -> bytes:
        """Cut the card out and encode it as PNG."""
        cut = self.canvas.copy()
        cut.putalpha(self.silhouette)
        out = BytesIO()
        cut.save(out, "PNG", compress_level=COMPRESSION)
        return out.getvalue()


def new_card(body_height: int, pose: Pose = Pose.LISTENING) -> Card:
    """Return an empty card; its body spans y from `EARS_ABOVE` to `EARS_ABOVE + body_height`."""
    blank = _blank(body_height, pose)
    return Card(blank.canvas.copy(), blank.silhouette)


def sink(card: Card, at: tuple[int, int], picture: Image.Image) -> None:
    """Paste an "RGB" picture at (left, top) px, with round corners."""
    card.canvas.paste(picture, at, rounded(*picture.size, PANEL_CORNER))


@lru_cache(maxsize=4)  # 5 MB each
def _blank(body_height: int, pose: Pose) -> Card:
    size = (WIDTH, EARS_ABOVE + body_height)
    canvas = Image.new("RGB", size, LAVENDER_DEEP)
    ears = draw_ears(canvas, (EARS_X, EARS_ABOVE + EARS_BELOW), EAR_LENGTH, pose)
    body = Image.new("L", size, 0)
    body.paste(rounded(WIDTH, body_height, CORNER), (0, EARS_ABOVE))
    canvas.paste(RIM, mask=body)
    inner = (WIDTH - 2 * RIM_WIDTH, body_height - 2 * RIM_WIDTH)
    canvas.paste(
        _night(inner), (RIM_WIDTH, EARS_ABOVE + RIM_WIDTH), rounded(*inner, CORNER - RIM_WIDTH)
    )
    return Card(canvas, ImageChops.lighter(body, ears))


def _night(size: tuple[int, int]) -> Image.Image:
    """Draw the ground: a sky that darkens downwards, with a full moon."""
    falling = Image.linear_gradient("L").resize(size)
    sky = Image.composite(
        Image.new("RGB", size, NIGHT_LOW), Image.new("RGB", size, NIGHT_HIGH), falling
    )
    corner = (round(EARS_X) - MOON, -MOON + 60)
    sky.paste(MOONLIT, corner, rounded(2 * MOON, 2 * MOON, MOON).point(lambda v: v * 3 // 5))
    return sky
