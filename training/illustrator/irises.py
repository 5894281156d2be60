"""Irises, as each hand paints them, in a frame of their own: 1 is half the iris, both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skia

from training.illustrator.colours import WHITE, Colour, deepened, lit, mix, paint
from training.illustrator.curves import Points, oval, path, ribbon
from training.illustrator.habits import Iris
from training.illustrator.painter import Painter

FLAT = (Iris.PLAIN, Iris.RING, Iris.DISC, Iris.BEAD)  # painted without a gradient


@dataclass(frozen=True)
class Disc:
    """Where an iris is; lengths in heads."""

    x: float
    y: float
    wide: float  # half
    tall: float  # half

    def oval(self, x: float, y: float, across: float, down: float) -> Points:
        """Return an ellipse given in the iris's own frame."""
        return oval(
            self.x + x * self.wide, self.y + y * self.tall, across * self.wide, down * self.tall
        )


def draw_iris(painter: Painter, disc: Disc, *, glowing: bool) -> None:
    """Paint one iris with its pupil and its lights."""
    colour, kind, shape = painter.palette.iris, painter.hand.iris, disc.oval(0, 0, 1, 1)
    top = bottom = colour
    if glowing:
        top, bottom = deepened(colour, 0.35), mix(lit(colour, 0.5), (1, 0.5, 0.4), 0.4)
    elif kind not in FLAT:
        top, bottom = deepened(colour, 1.0), lit(mix(colour, (1, 0.55, 0.5), 0.25), 0.35)
    _fill(painter, disc, (top, colour, bottom))
    with painter.within(shape):
        _IRISES[kind](painter, disc, colour)
    if kind is not Iris.DISC:
        _ring_around(painter, shape, deepened(colour, 1.5), 0.024)
    if glowing:
        for share in (0.3, 0.62):
            _ring_around(painter, disc.oval(0, 0, share, share), (1.0, 0.8, 0.72), 0.022)
    else:
        _draw_lights(painter, disc)


def _fill(painter: Painter, disc: Disc, tones: tuple[Colour, Colour, Colour]) -> None:
    brush = paint(tones[1])
    brush.setShader(
        skia.GradientShader.MakeLinear(
            points=[(disc.x, disc.y - disc.tall), (disc.x, disc.y + disc.tall)],
            colors=[skia.Color4f(*tone, 1).toColor() for tone in tones],
            positions=[0.1, 0.55, 1.0],
        )
    )
    painter.canvas.drawPath(path(disc.oval(0, 0, 1, 1)), brush)


def _ring_around(painter: Painter, shape: Points, colour: Colour, width: float) -> None:
    brush = paint(colour, 0.9)
    brush.setStyle(skia.Paint.kStroke_Style)
    brush.setStrokeWidth(width)
    painter.canvas.drawPath(path(shape), brush)


def _gradient(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, 0.62, 0.62, 0.3), lit(colour, 0.75), 0.6, blur=0.02)
    painter.flat(disc.oval(0, -0.05, 0.42, 0.45), deepened(colour, 1.6))


def _jewel(painter: Painter, disc: Disc, colour: Colour) -> None:
    for angle in np.radians(np.arange(20, 175, 14)):
        out = np.array([np.cos(angle) * disc.wide, np.sin(angle) * disc.tall])
        ray = np.add([disc.x, disc.y], np.outer([0.5, 0.75, 0.97], out))
        painter.flat(ribbon(ray, np.array([0.004, 0.016, 0.022])), lit(colour, 0.8), 0.55)
    glow = mix(lit(colour, 0.9), (1, 0.7, 0.6), 0.4)
    painter.flat(disc.oval(0, 0.6, 0.6, 0.3), glow, 0.65, blur=0.02)
    painter.flat(disc.oval(0, -0.07, 0.4, 0.42), deepened(colour, 1.6))


def _ring(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, 0, 0.74, 0.74), lit(colour, 0.3))
    painter.flat(disc.oval(0, 0, 0.6, 0.6), deepened(colour, 1.0))
    painter.flat(disc.oval(0, 0.07, 0.34, 0.36), deepened(colour, 1.8))


def _plain(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, -0.95, 1.4, 0.95), deepened(colour, 0.75))
    painter.flat(disc.oval(0, 0.05, 0.32, 0.36), deepened(colour, 1.5))


def _tall(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, -0.9, 1.3, 0.95), deepened(colour, 1.1))
    painter.flat(disc.oval(0, 0.75, 0.8, 0.4), lit(colour, 0.6))
    painter.flat(disc.oval(0, 0.06, 0.36, 0.52), deepened(colour, 1.8))


def _disc(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, -0.8, 1.4, 0.62), deepened(colour, 0.8))
    painter.flat(disc.oval(0, 0, 0.16, 0.62), deepened(colour, 1.7))


def _bead(painter: Painter, disc: Disc, colour: Colour) -> None:
    painter.flat(disc.oval(0, -0.75, 1.3, 0.8), deepened(colour, 1.0))
    painter.flat(disc.oval(0, 0.08, 0.3, 0.32), deepened(colour, 1.8))
    painter.flat(disc.oval(0, 0.85, 0.7, 0.22), lit(colour, 0.5))


_IRISES: dict[Iris, Callable[[Painter, Disc, Colour], None]] = {
    Iris.GRADIENT: _gradient,
    Iris.JEWEL: _jewel,
    Iris.RING: _ring,
    Iris.PLAIN: _plain,
    Iris.TALL: _tall,
    Iris.DISC: _disc,
    Iris.BEAD: _bead,
}


def _draw_lights(painter: Painter, disc: Disc) -> None:
    """Paint the lights, on the lamp's side in both eyes."""
    side = 1 if painter.light > 0 else -1
    kind = painter.hand.iris
    large, high = (0.36, 0.54) if kind is Iris.TALL else (0.3, 0.3)
    painter.flat(disc.oval(0.4 * side, -0.45, large, high), WHITE)
    if kind in (Iris.GRADIENT, Iris.JEWEL, Iris.TALL):
        painter.flat(disc.oval(-0.42 * side, 0.45, 0.16, 0.13), WHITE, 0.95)
    if kind is Iris.JEWEL:
        painter.flat(disc.oval(0.1 * side, 0.72, 0.09, 0.07), WHITE, 0.9)
