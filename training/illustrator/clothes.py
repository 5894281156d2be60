"""Neck, shoulders and what she wears."""

from __future__ import annotations

import numpy as np

from training.illustrator.colours import Colour, lit, mix, shaded
from training.illustrator.curves import Points, joined, mirrored, oval, spline
from training.illustrator.painter import Painter
from training.illustrator.subject import Clothes, Subject

BOTTOM = 3.2  # below the frame


def draw_body(painter: Painter, subject: Subject) -> None:
    """Paint neck, shoulders and clothes; the body stays upright when the head tilts."""
    palette, chin = painter.palette, subject.chin
    colour = {
        Clothes.BLAZER: palette.jacket,
        Clothes.SHIRT: palette.shirt,
        Clothes.DRESS: mix(palette.jacket, palette.tie, 0.25),
        Clothes.CLOAK: palette.jacket,
    }[subject.clothes]
    shoulders = _shoulders(chin)
    painter.body(shoulders, colour, depth=0.8)
    painter.outline(shoulders, colour)
    _draw_neck(painter, chin)
    _WARDROBE[subject.clothes](painter, chin, colour)


def _shoulders(chin: float) -> Points:
    half = spline([(-0.3, chin + 0.12), (-0.62, chin + 0.28), (-1.12, chin + 0.46),
                   (-1.42, chin + 0.9), (-1.55, BOTTOM)])  # fmt: skip
    return joined(half[::-1], mirrored(half)[::-1])


def _draw_neck(painter: Painter, chin: float) -> None:
    skin = painter.palette.skin
    neck = np.array([(-0.27, chin - 0.3), (0.27, chin - 0.3), (0.29, chin + 0.2),
                     (0.1, chin + 0.5), (-0.1, chin + 0.5), (-0.29, chin + 0.2)])  # fmt: skip
    painter.body(neck, skin, depth=0.3, dark=0.6)
    with painter.within(neck):
        painter.cast(oval(-0.06 * painter.light, chin - 0.12, 0.5, 0.26), skin)
    for side in (-1, 1):
        painter.line(
            spline(
                [(side * 0.27, chin - 0.1), (side * 0.28, chin + 0.1), (side * 0.3, chin + 0.2)]
            ),
            skin,
            0.8,
        )


def _draw_blazer(painter: Painter, chin: float, colour: Colour) -> None:
    vee = np.array(
        [
            (-0.34, chin + 0.12),
            (0.34, chin + 0.12),
            (0.2, chin + 0.8),
            (0.0, chin + 1.3),
            (-0.2, chin + 0.8),
        ]
    )
    neck = np.array([(-0.22, chin), (0.22, chin), (0.0, chin + 0.34)])
    painter.body(vee, painter.palette.shirt, depth=0.3)
    painter.body(neck, shaded(painter.palette.skin, 0.4), depth=0.1)
    _draw_tie(painter, chin)
    for side in (-1, 1):
        lapel = np.array(
            [
                (0.34, chin + 0.1),
                (0.66, chin + 0.36),
                (0.52, chin + 0.62),
                (0.6, chin + 0.7),
                (0.12, chin + 1.3),
                (0.2, chin + 0.7),
            ]
        ) * [side, 1]
        painter.body(lapel, lit(colour, 0.16), depth=0.35)
        painter.outline(lapel, colour, 0.8)
    _draw_collar(painter, chin)


def _draw_shirt(painter: Painter, chin: float, colour: Colour) -> None:
    painter.body(
        np.array([(-0.22, chin), (0.22, chin), (0.0, chin + 0.34)]),
        shaded(painter.palette.skin, 0.4),
        depth=0.1,
    )
    _draw_tie(painter, chin)
    _draw_collar(painter, chin)
    for side in (-1, 1):
        painter.line(
            spline(
                [(side * 0.85, chin + 0.6), (side * 0.8, chin + 0.9), (side * 0.86, chin + 1.3)]
            ),
            colour,
            0.7,
        )


def _draw_dress(painter: Painter, chin: float, colour: Colour) -> None:
    """A dress with a scalloped white collar and a red bow."""
    frill = [
        (x, chin + 0.62 - 0.34 * abs(x) + 0.05 * (step % 2))
        for step, x in enumerate(np.linspace(-0.72, 0.72, 13))
    ]
    collar = joined(
        spline(frill), spline([(0.36, chin + 0.12), (0, chin + 0.3), (-0.36, chin + 0.12)])
    )
    painter.body(collar, painter.palette.shirt, depth=0.25)
    painter.outline(collar, painter.palette.shirt, 0.8)
    tie = painter.palette.tie
    for side in (-1, 1):
        loop = spline(
            np.array(
                [
                    (0, chin + 0.36),
                    (0.2, chin + 0.24),
                    (0.36, chin + 0.3),
                    (0.34, chin + 0.5),
                    (0.18, chin + 0.48),
                ]
            )
            * [side, 1],
            closed=True,
        )
        painter.body(loop, tie, depth=0.3)
        painter.outline(loop, tie, 0.8)
    painter.body(oval(0, chin + 0.37, 0.08, 0.09), lit(tie, 0.15), depth=0.2)


def _draw_cloak(painter: Painter, chin: float, colour: Colour) -> None:
    """A scarf for travelling in the cold."""
    scarf = mix(painter.palette.tie, painter.palette.shirt, 0.12)
    for low, high in ((0.42, 0.05), (0.2, -0.16)):
        band = joined(
            spline(
                [(-0.62, chin + high + 0.06), (0, chin + high + 0.2), (0.62, chin + high + 0.06)]
            ),
            spline([(0.66, chin + low), (0, chin + low + 0.2), (-0.66, chin + low)]),
        )
        painter.body(band, scarf, depth=0.35)
        painter.outline(band, scarf, 0.8)


def _draw_collar(painter: Painter, chin: float) -> None:
    shirt = painter.palette.shirt
    for side in (-1, 1):
        flap = np.array(
            [(0.3, chin + 0.04), (0.4, chin + 0.2), (0.3, chin + 0.52), (0.02, chin + 0.32)]
        ) * [side, 1]
        painter.body(flap, shirt, depth=0.25)
        painter.outline(flap, shirt, 0.8)


def _draw_tie(painter: Painter, chin: float) -> None:
    tie = painter.palette.tie
    tail = np.array(
        [(-0.07, chin + 0.46), (0.07, chin + 0.46), (0.16, chin + 1.4), (-0.16, chin + 1.4)]
    )
    knot = np.array(
        [(-0.11, chin + 0.28), (0.11, chin + 0.28), (0.07, chin + 0.48), (-0.07, chin + 0.48)]
    )
    for shape in (tail, knot):
        painter.body(shape, tie, depth=0.25)
        painter.outline(shape, tie, 0.8)


_WARDROBE = {
    Clothes.BLAZER: _draw_blazer,
    Clothes.SHIRT: _draw_shirt,
    Clothes.DRESS: _draw_dress,
    Clothes.CLOAK: _draw_cloak,
}
