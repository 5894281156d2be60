"""Two long rabbit ears, and the buttons at their roots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.illustrator.colours import mix, shaded
from training.illustrator.curves import (
    Points,
    moved,
    oval,
    profile,
    ribbon,
    spline,
    turned,
)
from training.illustrator.painter import Painter
from training.illustrator.subject import Ear, Subject

# Where an ear's middle runs, from its root upwards; x grows away from the head, 1 is its length.
_SPINES: dict[Ear, list[tuple[float, float]]] = {
    Ear.UPRIGHT: [(0, 0), (0.03, -0.33), (0.07, -0.68), (0.1, -1.0)],
    Ear.LEANING: [(0, 0), (0.08, -0.34), (0.24, -0.64), (0.5, -0.86)],
    Ear.CRUMPLED: [(0, 0), (0.07, -0.24), (0.03, -0.47), (0.14, -0.7), (0.1, -0.86), (0.13, -1.0)],
    Ear.FOLDED: [(0, 0), (0.04, -0.28), (0.1, -0.6)],
    Ear.FALLEN: [(0, 0), (0.14, -0.22), (0.4, -0.27), (0.56, -0.02), (0.6, 0.36)],
}
_FLAP = [(0.1, -0.6), (0.24, -0.66), (0.38, -0.5), (0.44, -0.24)]  # the tip of a folded ear
_LEAF = ((0, 0.62), (0.2, 0.84), (0.5, 1.0), (0.75, 0.8), (0.92, 0.42), (1, 0.04))


@dataclass(frozen=True)
class Shape:
    """One ear on the head: its outer leaf, the pink within, and for a folded one the flap."""

    side: int
    root: Points
    spine: Points
    outer: Points
    inner: Points
    flap: Points | None
    creases: tuple[Points, ...]


def ears_of(subject: Subject) -> tuple[Shape, Shape]:
    """Return both ears."""
    return _ear(subject, -1), _ear(subject, 1)


def draw_ears(painter: Painter, subject: Subject) -> None:
    """Paint both ears, without the roots that the hair hides."""
    ear, pink = painter.palette.ear, painter.palette.inner_ear
    for shape in ears_of(subject):
        painter.body(shape.outer, ear, depth=0.6, flow=80, dark=0.7)
        painter.flat(shape.inner, pink, blur=painter.hand.softness)
        with painter.within(shape.inner):
            painter.cast(moved(shape.inner, 0.07 * shape.side, 0.0), pink, 0.28)
            painter.flat(moved(shape.inner, -0.05 * painter.light, 0.05), pink, 0.6)
        painter.outline(shape.inner, pink, 0.45)
        painter.outline(shape.outer, ear)
        for crease in shape.creases:
            painter.line(crease, ear, 0.8)
        if shape.flap is not None:
            painter.cast(moved(shape.flap, 0.0, 0.05), ear, 0.35)
            painter.body(shape.flap, ear, depth=0.5, flow=60, dark=0.7)
            painter.outline(shape.flap, ear)


def draw_buttons(painter: Painter, subject: Subject) -> None:
    """Paint the buttons with which her ears seem to be fastened."""
    if not subject.buttons:
        return
    colour = mix(painter.palette.ear, painter.palette.shirt, 0.5)
    for shape in ears_of(subject):
        x, y = moved(shape.root, 0.01 * shape.side, 0.06)
        knob = turned(oval(x, y, 0.19, 0.1), 20 * shape.side, (x, y))
        painter.body(knob, colour, depth=0.4)
        painter.outline(knob, colour)
        for step in (-0.05, 0.05):
            painter.flat(oval(x + step, y, 0.017, 0.017), shaded(colour, 1.2))


def _ear(subject: Subject, side: int) -> Shape:
    form = subject.ears[0 if side < 0 else 1]
    far = max(0.0, side * subject.turn)
    spread = 0.4 * subject.ear_spread if form is Ear.FALLEN else subject.ear_spread
    spread += subject.ear_will[0 if side < 0 else 1]
    root = np.array([side * 0.46 * (1 - 0.12 * far) - 0.06 * subject.turn, -1.02])
    width = subject.ear_width * (1 - 0.15 * far)

    def placed(points: list[tuple[float, float]]) -> Points:
        own = spline(np.array(points) * subject.ear_length * [side, 1])
        return np.asarray(turned(own, side * spread) + root)

    spine = placed(_SPINES[form])
    widths = width * profile(len(spine), *_LEAF)
    if form is Ear.CRUMPLED:
        widths = widths * (1.06 + 0.1 * np.sin(np.linspace(0, 17, len(spine))))
    elif form is Ear.FOLDED:
        widths = width * profile(len(spine), (0, 0.6), (0.4, 0.88), (1, 0.96))
    flap = placed(_FLAP) if form is Ear.FOLDED else None
    return Shape(
        side, root, spine,
        outer=ribbon(spine, widths),
        inner=_inner(spine, widths, form),
        flap=None if flap is None else _flap(flap, width),
        creases=_creases(spine, widths, side) if form is Ear.CRUMPLED else (),
    )  # fmt: skip


def _inner(spine: Points, widths: Points, form: Ear) -> Points:
    start, end = len(spine) // 8, len(spine) - (1 if form is Ear.FOLDED else len(spine) // 10)
    share = profile(
        end - start, (0, 0.3), (0.3, 0.56), (0.8, 0.54), (1, 0.5 if form is Ear.FOLDED else 0.1)
    )
    return ribbon(spine[start:end], widths[start:end] * share)


def _flap(spine: Points, width: float) -> Points:
    return ribbon(spine, width * profile(len(spine), (0, 0.98), (0.4, 0.9), (0.8, 0.5), (1, 0.04)))


def _creases(spine: Points, widths: Points, side: int) -> tuple[Points, ...]:
    """Return the wrinkles of a crumpled ear: short lines in from its bends."""
    lines = []
    for number, share in enumerate((0.22, 0.43, 0.63, 0.8)):
        at = int(share * (len(spine) - 1))
        way = side if number % 2 == 0 else -side
        edge = moved(spine[at], way * 0.46 * widths[at], 0)
        lines.append(spline([edge, moved(edge, -way * 0.1, 0.02), moved(edge, -way * 0.17, 0.07)]))
    return tuple(lines)
