"""What she wears: collars, ties and cloth; it ends at the frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.illustrator.colours import WHITE, Colour, mix
from training.illustrator.curves import Points, joined, moved, oval, ribbon, spline
from training.illustrator.renderer import Renderer
from training.illustrator.subject import Clothes, Subject

FOOT = 2.3  # below the frame, in heads


def draw_clothes(renderer: Renderer, subject: Subject) -> None:
    """Paint what she wears."""
    renderer.canvas.save()
    renderer.canvas.translate(0.08 * subject.yaw, 0)
    _CLOTHES[subject.clothes](renderer, subject)
    renderer.canvas.restore()


def draw_behind(renderer: Renderer, subject: Subject) -> None:
    """Paint what of the clothes lies behind the neck."""
    if subject.clothes is Clothes.HOOD:
        cloth = renderer.palette.jacket
        hood = spline([(-0.98, 1.5), (-0.86, 1.02), (-0.4, 0.86), (0.5, 0.86), (0.95, 1.02),
                       (1.06, 1.5)])  # fmt: skip
        renderer.fill(hood, renderer.palette.shaded(cloth, 0.8))
        renderer.outline(hood, cloth)


def _torso(renderer: Renderer, colour: Colour, wide: float = 1.0) -> Points:
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
    renderer.fill(shape, colour)
    renderer.shade_side(shape, colour, 0.16, 0.9)
    renderer.rim(shape, 0.05)
    renderer.outline(shape, colour)
    return shape


def _mirror(points: Points) -> Points:
    return points * [-1.0, 1.0]


def _both(renderer: Renderer, shape: Points, colour: Colour, weight: float = 0.8) -> None:
    """Paint a piece on both sides of the body."""
    for piece in (shape, _mirror(shape)):
        renderer.fill(piece, colour)
        renderer.shade_side(piece, colour, 0.06, 0.8)
        renderer.outline(piece, colour, weight)


def _collar(renderer: Renderer, colour: Colour) -> None:
    """Paint a folded shirt collar."""
    half = np.array([(-0.36, 1.0), (-0.5, 1.28), (-0.26, 1.52), (-0.01, 1.3), (-0.2, 1.18)])
    _both(renderer, half, colour)


def _tie(renderer: Renderer, colour: Colour) -> None:
    """Paint a tie with its knot."""
    blade = np.array([(-0.075, 1.44), (0.075, 1.44), (0.16, 2.0), (0.0, FOOT), (-0.15, 2.0)])
    renderer.fill(blade, colour)
    renderer.shade_side(blade, colour, 0.05)
    renderer.outline(blade, colour, 0.7)
    knot = spline([(-0.11, 1.27), (0.11, 1.27), (0.075, 1.46), (-0.075, 1.46)], closed=True)
    renderer.fill(knot, colour)
    renderer.outline(knot, colour, 0.8)


def _bow(renderer: Renderer, colour: Colour, y: float, size: float) -> None:
    """Paint a bow of ribbon."""
    wing = spline([(-0.05, y), (-0.26, y - 0.2), (-0.44, y - 0.14), (-0.42, y + 0.18),
                   (-0.22, y + 0.13)], closed=True) * [size, 1]  # fmt: skip
    tail = np.array([(-0.06, y + 0.04), (-0.3, y + 0.52), (-0.16, y + 0.5), (-0.04, y + 0.16)])
    _both(renderer, tail * [size, 1], colour, 0.7)
    _both(renderer, wing, colour, 0.8)
    for side in (-1, 1):
        renderer.line(
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
    renderer.fill(knot, colour)
    renderer.outline(knot, colour, 0.8)


def _blazer(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    _torso(renderer, palette.jacket)
    front = np.array([(-0.34, 1.2), (0.34, 1.2), (0.12, FOOT), (-0.12, FOOT)])
    renderer.fill(front, palette.shirt)
    renderer.shade(
        np.array([(-0.34, 1.18), (0.34, 1.18), (0.3, 1.46), (-0.24, 1.42)]), palette.shirt, 0.8
    )
    lapel = np.array(
        [(-0.42, 1.2), (-0.72, 1.52), (-0.56, 1.64), (-0.62, 1.74), (-0.1, FOOT), (-0.2, 1.5)]
    )
    _tie(renderer, palette.tie)
    _both(renderer, lapel, palette.jacket)
    _collar(renderer, palette.shirt)


def _shirt(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    _torso(renderer, palette.shirt, 0.96)
    for side in (-1, 1):
        fold = spline([(side * 0.95, 1.55), (side * 0.82, 1.8), (side * 0.86, FOOT)])
        renderer.line(fold, palette.shirt, 1.0)
    _tie(renderer, palette.tie)
    _collar(renderer, palette.shirt)


def _sailor(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    _torso(renderer, palette.shirt)
    dark = palette.jacket
    half = np.array(
        [(-0.34, 1.08), (-0.95, 1.36), (-1.0, 1.62), (-0.5, 1.74), (0.0, 1.72), (-0.14, 1.42)]
    )
    _both(renderer, half, dark)
    for inset in (0.9, 0.8):
        stripe = np.array([(-0.92, 1.42), (-0.92, 1.58), (-0.48, 1.68), (-0.06, 1.64)]) * [
            inset,
            1,
        ] + [0, 0.02 * (1 - inset)]
        for piece in (stripe, _mirror(stripe)):
            renderer.flat(ribbon(piece, 0.028), mix(WHITE, palette.shirt, 0.5))
    _bow(renderer, palette.tie, 1.68, 0.8)


def _kimono(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    cloth = mix(palette.accent, palette.jacket, 0.25)
    shape = _torso(renderer, cloth, 0.94)
    with renderer.within(shape):
        for x, y in (
            (-1.1, 1.75),
            (-0.75, 2.0),
            (0.85, 1.8),
            (1.25, 2.05),
            (0.55, 2.1),
            (-1.4, 2.1),
        ):
            _blossom(renderer, x, y, 0.13, mix(WHITE, palette.sky, 0.25))
    for colour, step in ((palette.shirt, 0.0), (cloth, 0.1)):
        for side in (1, -1):  # the one over the other
            edge = [(0.4 + step, 0.98), (0.24 + step, 1.24), (-0.1 + step, 1.52), (-0.5, 1.95)]
            band = ribbon(spline(np.array(edge) * [side, 1]), 0.14)
            renderer.fill(band, colour)
            renderer.outline(band, colour, 0.7)


def _blossom(renderer: Renderer, x: float, y: float, size: float, colour: Colour) -> None:
    for angle in np.arange(5) * 2 * np.pi / 5:
        renderer.flat(
            oval(
                x + size * 0.6 * np.sin(angle),
                y - size * 0.6 * np.cos(angle),
                0.42 * size,
                0.42 * size,
            ),
            colour,
        )
    renderer.flat(oval(x, y, 0.2 * size, 0.2 * size), renderer.palette.tie)


def _hood(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    cloth = palette.jacket
    _torso(renderer, cloth, 1.04)
    half = spline(
        [(-0.3, 1.1), (-0.72, 1.14), (-0.98, 1.44), (-0.5, 1.72), (0.0, 1.78), (-0.1, 1.5)]
    )
    _both(renderer, half, mix(cloth, WHITE, 0.08))
    for side in (-1, 1):
        cord = spline([(side * 0.16, 1.6), (side * 0.2, 1.85), (side * 0.15, 2.15)])
        renderer.flat(ribbon(cord, 0.05), palette.shirt)
        renderer.line(moved(cord, 0.025, 0), palette.shirt, 0.6)


def _scarf(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    _torso(renderer, mix(palette.jacket, palette.shirt, 0.15))
    cloth = palette.tie
    tail = np.array([(0.25, 1.5), (0.62, 1.46), (0.78, FOOT), (0.36, FOOT)])
    renderer.fill(tail, cloth)
    renderer.shade_side(tail, cloth, 0.06)
    renderer.outline(tail, cloth, 0.8)
    roll = spline([(-0.66, 1.12), (-0.72, 1.42), (-0.2, 1.62), (0.42, 1.58), (0.72, 1.36),
                   (0.64, 1.08), (0.3, 1.2), (-0.3, 1.22)], closed=True)  # fmt: skip
    renderer.fill(roll, cloth)
    renderer.shade_side(roll, cloth, 0.1)
    for x in (-0.45, -0.15, 0.2, 0.48):
        renderer.line(spline([(x, 1.27), (x + 0.05, 1.4), (x + 0.02, 1.54)]), cloth, 1.0)
    renderer.outline(roll, cloth)


_CLOTHES: dict[Clothes, Callable[[Renderer, Subject], None]] = {
    Clothes.BLAZER: _blazer,
    Clothes.SHIRT: _shirt,
    Clothes.SAILOR: _sailor,
    Clothes.KIMONO: _kimono,
    Clothes.HOOD: _hood,
    Clothes.SCARF: _scarf,
}
