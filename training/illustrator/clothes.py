"""What she wears: collars, ties and cloth; it ends at the frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.illustrator.colours import WHITE, Colour, mix
from training.illustrator.curves import Points, joined, moved, oval, ribbon, spline
from training.illustrator.painter import Painter
from training.illustrator.subject import Clothes, Subject

FOOT = 2.3  # below the frame, in heads


def draw_clothes(painter: Painter, subject: Subject) -> None:
    """Paint what she wears."""
    painter.canvas.save()
    painter.canvas.translate(0.08 * subject.yaw, 0)
    _CLOTHES[subject.clothes](painter, subject)
    painter.canvas.restore()


def draw_behind(painter: Painter, subject: Subject) -> None:
    """Paint what of the clothes lies behind the neck."""
    if subject.clothes is Clothes.HOOD:
        cloth = painter.palette.jacket
        hood = spline([(-0.98, 1.5), (-0.86, 1.02), (-0.4, 0.86), (0.5, 0.86), (0.95, 1.02),
                       (1.06, 1.5)])  # fmt: skip
        painter.fill(hood, painter.palette.shaded(cloth, 0.8))
        painter.outline(hood, cloth)


def _torso(painter: Painter, colour: Colour, wide: float = 1.0) -> Points:
    """Paint the shoulders in one colour and return their outline."""
    left = spline(
        [
            (-0.3, 1.16),
            (-0.62, 1.32),
            (-1.2 * wide, 1.48),
            (-1.52 * wide, 1.85),
            (-1.62 * wide, FOOT),
        ]
    )
    right = spline(
        [(1.62 * wide, FOOT), (1.52 * wide, 1.85), (1.2 * wide, 1.48), (0.62, 1.32), (0.3, 1.16)]
    )
    shape = joined(left, right)
    painter.fill(shape, colour)
    painter.shade_side(shape, colour, 0.16, 0.9)
    painter.rim(shape, 0.05)
    painter.outline(shape, colour)
    return shape


def _mirror(points: Points) -> Points:
    return points * [-1.0, 1.0]


def _both(painter: Painter, shape: Points, colour: Colour, weight: float = 0.8) -> None:
    """Paint a piece on both sides of the body."""
    for piece in (shape, _mirror(shape)):
        painter.fill(piece, colour)
        painter.shade_side(piece, colour, 0.06, 0.8)
        painter.outline(piece, colour, weight)


def _collar(painter: Painter, colour: Colour) -> None:
    """Paint a folded shirt collar."""
    half = np.array([(-0.36, 1.0), (-0.5, 1.28), (-0.26, 1.52), (-0.01, 1.3), (-0.2, 1.18)])
    _both(painter, half, colour)


def _tie(painter: Painter, colour: Colour) -> None:
    """Paint a tie with its knot."""
    blade = np.array([(-0.075, 1.44), (0.075, 1.44), (0.16, 2.0), (0.0, FOOT), (-0.15, 2.0)])
    painter.fill(blade, colour)
    painter.shade_side(blade, colour, 0.05)
    painter.outline(blade, colour, 0.7)
    knot = spline([(-0.11, 1.27), (0.11, 1.27), (0.075, 1.46), (-0.075, 1.46)], closed=True)
    painter.fill(knot, colour)
    painter.outline(knot, colour, 0.8)


def _bow(painter: Painter, colour: Colour, y: float, size: float) -> None:
    """Paint a bow of ribbon."""
    wing = spline([(-0.05, y), (-0.26, y - 0.2), (-0.44, y - 0.14), (-0.42, y + 0.18),
                   (-0.22, y + 0.13)], closed=True) * [size, 1]  # fmt: skip
    tail = np.array([(-0.06, y + 0.04), (-0.3, y + 0.52), (-0.16, y + 0.5), (-0.04, y + 0.16)])
    _both(painter, tail * [size, 1], colour, 0.7)
    _both(painter, wing, colour, 0.8)
    for side in (-1, 1):
        painter.line(
            spline(
                [
                    (side * 0.1 * size, y),
                    (side * 0.22 * size, y - 0.03),
                    (side * 0.3 * size, y - 0.07),
                ]
            ),
            colour,
        )
    knot = oval(0, y + 0.01, 0.085, 0.1)
    painter.fill(knot, colour)
    painter.outline(knot, colour, 0.8)


def _blazer(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    _torso(painter, palette.jacket)
    front = np.array([(-0.34, 1.2), (0.34, 1.2), (0.12, FOOT), (-0.12, FOOT)])
    painter.fill(front, palette.shirt)
    painter.shade(
        np.array([(-0.34, 1.18), (0.34, 1.18), (0.3, 1.46), (-0.24, 1.42)]), palette.shirt, 0.8
    )
    lapel = np.array(
        [(-0.42, 1.2), (-0.72, 1.52), (-0.56, 1.64), (-0.62, 1.74), (-0.1, FOOT), (-0.2, 1.5)]
    )
    _tie(painter, palette.tie)
    _both(painter, lapel, palette.jacket)
    _collar(painter, palette.shirt)


def _shirt(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    _torso(painter, palette.shirt, 0.96)
    for side in (-1, 1):
        fold = spline([(side * 0.95, 1.55), (side * 0.82, 1.8), (side * 0.86, FOOT)])
        painter.line(fold, palette.shirt, 1.0)
    _tie(painter, palette.tie)
    _collar(painter, palette.shirt)


def _sailor(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    _torso(painter, palette.shirt)
    dark = palette.jacket
    half = np.array(
        [(-0.34, 1.08), (-0.95, 1.36), (-1.0, 1.62), (-0.5, 1.74), (0.0, 1.72), (-0.14, 1.42)]
    )
    _both(painter, half, dark)
    for inset in (0.9, 0.8):
        stripe = np.array([(-0.92, 1.42), (-0.92, 1.58), (-0.48, 1.68), (-0.06, 1.64)]) * [
            inset,
            1,
        ] + [0, 0.02 * (1 - inset)]
        for piece in (stripe, _mirror(stripe)):
            painter.flat(ribbon(piece, 0.028), mix(WHITE, palette.shirt, 0.5))
    _bow(painter, palette.tie, 1.68, 0.8)


def _kimono(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    cloth = mix(palette.accent, palette.jacket, 0.25)
    shape = _torso(painter, cloth, 0.94)
    with painter.within(shape):
        for x, y in (
            (-1.1, 1.75),
            (-0.75, 2.0),
            (0.85, 1.8),
            (1.25, 2.05),
            (0.55, 2.1),
            (-1.4, 2.1),
        ):
            _blossom(painter, x, y, 0.13, mix(WHITE, palette.sky, 0.25))
    for colour, step in ((palette.shirt, 0.0), (cloth, 0.1)):
        for side in (1, -1):  # the one over the other
            edge = [(0.4 + step, 0.98), (0.24 + step, 1.24), (-0.1 + step, 1.52), (-0.5, 1.95)]
            band = ribbon(spline(np.array(edge) * [side, 1]), 0.14)
            painter.fill(band, colour)
            painter.outline(band, colour, 0.7)


def _blossom(painter: Painter, x: float, y: float, size: float, colour: Colour) -> None:
    for angle in np.arange(5) * 2 * np.pi / 5:
        painter.flat(
            oval(
                x + size * 0.6 * np.sin(angle),
                y - size * 0.6 * np.cos(angle),
                0.42 * size,
                0.42 * size,
            ),
            colour,
        )
    painter.flat(oval(x, y, 0.2 * size, 0.2 * size), painter.palette.tie)


def _hood(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    cloth = palette.jacket
    _torso(painter, cloth, 1.04)
    half = spline(
        [(-0.3, 1.1), (-0.72, 1.14), (-0.98, 1.44), (-0.5, 1.72), (0.0, 1.78), (-0.1, 1.5)]
    )
    _both(painter, half, mix(cloth, WHITE, 0.08))
    for side in (-1, 1):
        cord = spline([(side * 0.16, 1.6), (side * 0.2, 1.85), (side * 0.15, 2.15)])
        painter.flat(ribbon(cord, 0.05), palette.shirt)
        painter.line(moved(cord, 0.025, 0), palette.shirt, 0.6)


def _scarf(painter: Painter, subject: Subject) -> None:
    palette = painter.palette
    _torso(painter, mix(palette.jacket, palette.shirt, 0.15))
    cloth = palette.tie
    tail = np.array([(0.25, 1.5), (0.62, 1.46), (0.78, FOOT), (0.36, FOOT)])
    painter.fill(tail, cloth)
    painter.shade_side(tail, cloth, 0.06)
    painter.outline(tail, cloth, 0.8)
    roll = spline([(-0.66, 1.12), (-0.72, 1.42), (-0.2, 1.62), (0.42, 1.58), (0.72, 1.36),
                   (0.64, 1.08), (0.3, 1.2), (-0.3, 1.22)], closed=True)  # fmt: skip
    painter.fill(roll, cloth)
    painter.shade_side(roll, cloth, 0.1)
    for x in (-0.45, -0.15, 0.2, 0.48):
        painter.line(spline([(x, 1.27), (x + 0.05, 1.4), (x + 0.02, 1.54)]), cloth, 1.0)
    painter.outline(roll, cloth)


_CLOTHES: dict[Clothes, Callable[[Painter, Subject], None]] = {
    Clothes.BLAZER: _blazer,
    Clothes.SHIRT: _shirt,
    Clothes.SAILOR: _sailor,
    Clothes.KIMONO: _kimono,
    Clothes.HOOD: _hood,
    Clothes.SCARF: _scarf,
}
