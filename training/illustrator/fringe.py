"""The cap of hair over the skull, and its fringe in tufts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from training.illustrator.colours import WHITE, Colour, lit, mix, shaded
from training.illustrator.curves import Points, joined, moved, profile, ribbon, spline
from training.illustrator.face import contour
from training.illustrator.habits import Lights
from training.illustrator.painter import SOFT_SHADOWS, Painter
from training.illustrator.subject import Subject

CROWN = -1.3  # top of the hair, in heads above the eyes


@dataclass(frozen=True)
class Fringe:
    """The cap of hair: its outline and the valleys between its tufts."""

    outline: Points
    valleys: Points


def fringe_of(subject: Subject, rng: np.random.Generator) -> Fringe:
    """Return the cap of hair with its fringe."""
    count, turn = subject.tufts, subject.turn
    across = np.linspace(-0.9, 0.9, count) + rng.normal(0, 0.25 / count, count)
    tips = np.stack([across + 0.16 * turn * (1 - across**2), _fall(subject, across, rng)], 1)
    deep = {"hime": (0.03, 0.09)}.get(subject.fringe, (0.22, 0.42))
    between = (tips[1:] + tips[:-1]) / 2
    valleys = np.stack(
        [
            between[:, 0] + rng.normal(0, 0.02, count - 1),
            np.minimum(tips[1:, 1], tips[:-1, 1]) - rng.uniform(*deep, count - 1),
        ],
        1,
    )
    v = subject.hair_volume
    right, left = np.array([1.04 * v, 0.12]), np.array([-1.04 * v, 0.12])
    bumps = rng.normal(0, 0.022, (7, 2))
    bumps[0] = bumps[-1] = 0
    crown = spline(
        np.array([left, (-1.1 * v, -0.35), (-0.9 * v, -0.93), (0.06 * turn, CROWN * v),
                  (0.9 * v, -0.93), (1.1 * v, -0.35), right]) + bumps
    )  # fmt: skip
    knots = [right, *np.stack([tips[:0:-1], valleys[::-1]], 1).reshape(-1, 2), tips[0], left]
    lean = 0.06 if subject.fringe in ("swept", "parted") else 0.0
    edges = [_edge(a, b, lean) for a, b in pairwise(knots)]
    return Fringe(joined(crown, *edges), valleys)


def draw_shadow_on_face(painter: Painter, subject: Subject, fringe: Fringe) -> None:
    """Paint what the fringe and the locks keep from the light."""
    with painter.within(contour(subject)):
        painter.cast(moved(fringe.outline, -0.05 * painter.light, 0.09), painter.palette.skin, 0.6)


def draw_fringe(painter: Painter, subject: Subject, fringe: Fringe) -> None:
    """Paint the cap with fringe, lights and strands."""
    hair = painter.palette.hair
    painter.body(fringe.outline, hair, depth=0.75, flow=90)
    with painter.within(fringe.outline):
        _draw_clefts(painter, subject, fringe)
        _draw_lights(painter, subject)
    _draw_strands(painter, subject, fringe)
    painter.outline(fringe.outline, hair)


def _fall(subject: Subject, across: Points, rng: np.random.Generator) -> Points:
    """Return how far down each tuft of the fringe hangs."""
    noise = rng.normal(0, 0.035, len(across))
    near = abs(across - 0.25 * subject.turn)
    if subject.fringe == "hime":
        return -0.27 + 0.3 * noise
    if subject.fringe == "parted":
        return -0.52 + 0.55 * near + noise
    if subject.fringe == "swept":
        way = 1 if subject.winks > 0 else -1
        return -0.27 + 0.24 * way * across + 0.1 * near + noise
    if subject.fringe == "centre":
        return np.where(near < 0.16, 0.06, -0.34 + 0.4 * near) + noise
    return -0.24 + 0.2 * near + noise + np.where(np.arange(len(across)) % 2, 0.07, -0.04)


def _edge(start: Points, end: Points, lean: float) -> Points:
    """Return one side of a tuft, bulging outwards."""
    middle = (np.asarray(start) + end) / 2
    bulge = 0.28 * (end[0] - start[0])
    rising = end[1] < start[1]
    middle = moved(middle, (-bulge if rising else bulge) + lean, 0.03)
    return spline([start, middle, end], steps=5)


def _draw_clefts(painter: Painter, subject: Subject, fringe: Fringe) -> None:
    """Paint the dark wedges between tufts, which run up towards the whorl."""
    rng, dark = painter.rng, shaded(painter.palette.hair, 0.6)
    whorl = np.array([0.12 * subject.turn, CROWN * subject.hair_volume + 0.1])
    for valley in fringe.valleys:
        foot = moved(valley, rng.normal(0, 0.02), 0.16)
        top = valley + (whorl - valley) * [0.4, rng.uniform(0.25, 0.6)]
        bend = (foot + top) / 2 + [0.1 * (valley[0] - whorl[0]), 0]
        spine, wide = spline([foot, bend, top]), rng.uniform(0.06, 0.16)
        wedge = ribbon(spine, profile(len(spine), (0, wide), (0.4, 0.6 * wide), (1, 0)))
        painter.flat(wedge, dark, 0.75, blur=SOFT_SHADOWS.get(painter.hand.manner, 0.0) * 0.5)


def _draw_strands(painter: Painter, subject: Subject, fringe: Fringe) -> None:
    rng, hair = painter.rng, painter.palette.hair
    whorl = np.array([0.12 * subject.turn, CROWN * subject.hair_volume + 0.1])
    for valley in fringe.valleys:
        start = valley + (whorl - valley) * [0.35, rng.uniform(0.3, 0.62)]
        side = 0.12 * (valley[0] - whorl[0])
        painter.line(spline([valley, (valley + start) / 2 + [side, 0], start]), hair, 0.8)
    for _ in range(subject.strands):
        x = rng.uniform(-0.95, 0.95)
        top, low = rng.uniform(-1.1, -0.8), rng.uniform(-0.7, -0.45)
        strand = spline([(0.7 * x, top), (0.93 * x, (top + low) / 2), (x, low)])
        painter.line(strand, hair, 0.45)


def _draw_lights(painter: Painter, subject: Subject) -> None:
    """Paint the light on the hair, in the shape this hand gives it."""
    bright = mix(lit(painter.palette.hair, 1.0), WHITE, 0.25)
    _LIGHTS[painter.hand.lights](painter, bright)


def _no_lights(painter: Painter, bright: Colour) -> None:
    """Leave the hair as it is."""


def _band(painter: Painter, bright: Colour) -> None:
    x, row = _row()
    band = ribbon(np.stack([x, row], 1), 0.16 + 0.05 * np.sin(9 * x))
    painter.flat(band, bright, 0.75, blur=0.035)


def _zigzag(painter: Painter, bright: Colour) -> None:
    x, row = _row()
    spikes = np.where(np.arange(len(x)) % 2, 0.05, 0.17) * painter.rng.uniform(0.7, 1.2, len(x))
    top, low = np.stack([x, row - spikes / 2], 1), np.stack([x, row + spikes], 1)
    painter.flat(joined(top, low[::-1]), bright, 0.9)


def _shine(painter: Painter, bright: Colour) -> None:
    place = 0.5 * painter.light
    spine = spline([(place - 0.22, -0.86), (place, -0.94), (place + 0.22, -0.88)])
    painter.flat(ribbon(spine, profile(len(spine), (0, 0.02), (0.5, 0.13), (1, 0.02))), bright)


def _streaks(painter: Painter, bright: Colour) -> None:
    for at in painter.rng.uniform(-0.85, 0.85, 9):
        spine = spline([(0.85 * at, -0.98), (0.96 * at, -0.8), (1.02 * at, -0.58)])
        wide = painter.rng.uniform(0.02, 0.06)
        streak = ribbon(spine, profile(len(spine), (0, 0), (0.5, wide), (1, 0)))
        painter.flat(streak, bright, 0.8)


def _row() -> tuple[Points, Points]:
    """Return where the light lies on the round of the head, from left to right."""
    x = np.linspace(-1.15, 1.15, 19)
    return x, -0.78 - 0.14 * (1 - x**2)


_LIGHTS: dict[Lights, Callable[[Painter, Colour], None]] = {
    "none": _no_lights,
    "band": _band,
    "zigzag": _zigzag,
    "shine": _shine,
    "streaks": _streaks,
}
