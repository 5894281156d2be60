"""The face: contour, neck, nose, mouth, blush."""

from __future__ import annotations

import numpy as np

from training.illustrator.colours import Colour, mix, shaded
from training.illustrator.curves import Points, joined, mirrored, oval, profile, ribbon, spline
from training.illustrator.painter import Painter
from training.illustrator.subject import Mouth, Subject

LIPS: Colour = (0.72, 0.26, 0.3)
TONGUE: Colour = (0.93, 0.5, 0.5)
BLUSH: Colour = (0.98, 0.42, 0.42)


def contour(subject: Subject) -> Points:
    """Return the outline of the face, turned as the head is."""
    w, c, sharp = subject.cheek, subject.chin, subject.jaw
    half = spline(
        [
            (-0.9 * w, -0.75),
            (-w, -0.3),
            (-0.99 * w, 0.08),
            (-0.95 * w, 0.3 * c),
            ((-0.8 + 0.06 * sharp) * w, 0.6 * c),
            ((-0.52 + 0.06 * sharp) * w, 0.84 * c),
            ((-0.24 + 0.08 * sharp) * w, (0.975 - 0.01 * sharp) * c),
            (0, c),
        ]
    )
    face = joined(half, mirrored(half)[1:])
    lean = np.clip(0.05 + 0.17 * (face[:, 1] + 0.3) / c, 0, None)
    return np.stack([face[:, 0] + subject.turn * lean, face[:, 1]], 1)


def draw_face(painter: Painter, subject: Subject) -> None:
    """Paint the skin of the face and the line of the jaw."""
    shape, skin = contour(subject), painter.palette.skin
    painter.body(shape, skin, depth=0.6, dark=0.36)
    painter.line(shape[8:-8], skin)


def draw_features(painter: Painter, subject: Subject) -> None:
    """Draw blush, nose and mouth."""
    _draw_blush(painter, subject)
    _draw_nose(painter, subject)
    _draw_mouth(painter, subject)


def _draw_blush(painter: Painter, subject: Subject) -> None:
    strength = 0.2 + 0.5 * subject.blush
    kind = painter.hand.blush
    if subject.blush < 0.15:
        return
    for side in (-1, 1):
        far = max(0.0, side * subject.turn)
        x = 0.26 * subject.turn + side * (subject.eye_apart + 0.1) * (1 - 0.24 * far)
        y = subject.eye_height + 0.12
        if kind == "soft":
            painter.flat(oval(x, y, 0.2, 0.1), BLUSH, 0.75 * strength, blur=0.06)
        elif kind == "round":
            painter.flat(oval(x, y, 0.15, 0.085), BLUSH, 0.7 * strength)
        else:
            painter.flat(oval(x, y, 0.17, 0.07), BLUSH, 0.5 * strength, blur=0.03)
            for step in (-0.08, 0, 0.08):
                stroke = np.array(
                    [(x + step + 0.03, y - 0.05), (x + step, y), (x + step - 0.03, y + 0.05)]
                )
                painter.flat(ribbon(stroke, np.array([0.012, 0.02, 0.008])), LIPS, strength)


def _draw_nose(painter: Painter, subject: Subject) -> None:
    x, y = 0.35 * subject.turn, 0.42 * subject.chin
    dark = shaded(painter.palette.skin, 1.1)
    kind = painter.hand.nose
    if kind == "dot":
        painter.flat(oval(x, y, 0.02, 0.016), dark)
    elif kind == "tick":
        side = 1 if subject.turn >= 0 else -1
        spine = spline(
            [(x - 0.01 * side, y - 0.06), (x + 0.035 * side, y), (x - 0.02 * side, y + 0.025)]
        )
        painter.flat(ribbon(spine, profile(len(spine), (0, 0.006), (0.6, 0.026), (1, 0.008))), dark)
    elif kind == "bridge":
        _draw_bridge(painter, subject, x, y)
    elif kind in ("shadow", "lips"):
        painter.flat(oval(x - 0.02 * painter.light, y, 0.045, 0.03), dark, 0.6, blur=0.014)
        painter.flat(
            oval(x + 0.03 * painter.light, y - 0.06, 0.02, 0.03), (1, 1, 1), 0.6, blur=0.012
        )


def _draw_bridge(painter: Painter, subject: Subject, x: float, y: float) -> None:
    """The line of a nose seen a little from the side, as older films drew it."""
    side = 1 if subject.turn >= 0 else -1
    spine = spline([(x - 0.03 * side, y - 0.2), (x + 0.02 * side, y - 0.08), (x + 0.05 * side, y),
                    (x - 0.01 * side, y + 0.03)])  # fmt: skip
    widths = profile(len(spine), (0, 0.0), (0.6, 0.02), (0.85, 0.024), (1, 0.006))
    painter.flat(ribbon(spine, widths), shaded(painter.palette.skin, 1.2))


def _draw_mouth(painter: Painter, subject: Subject) -> None:
    x, y = 0.29 * subject.turn, 0.68 * subject.chin
    at = np.array([x, y])
    if subject.mouth in (Mouth.OPEN, Mouth.GRIN, Mouth.SMALL_O):
        _draw_open_mouth(painter, subject, at)
        return
    spine = spline(
        at
        + np.array(_CLOSED[subject.mouth])
        * [painter.hand.mouth * (1 - 0.12 * abs(subject.turn)), painter.hand.mouth]
    )
    _draw_lip_line(painter, spine)
    if painter.hand.nose == "lips":
        lip = oval(x, y + 0.045, 0.085, 0.032)
        painter.flat(lip, LIPS, 0.5, blur=0.012)
    elif painter.hand.nose in ("shadow", "dot"):
        painter.flat(
            oval(x, y + 0.1, 0.09, 0.018), shaded(painter.palette.skin, 0.8), 0.5, blur=0.014
        )


_CLOSED: dict[Mouth, list[tuple[float, float]]] = {
    Mouth.SMILE: [(-0.17, -0.03), (-0.08, 0.03), (0, 0.042), (0.08, 0.03), (0.17, -0.03)],
    Mouth.LINE: [(-0.11, 0.0), (0, 0.012), (0.11, 0.0)],
    Mouth.POUT: [(-0.11, 0.045), (-0.05, 0.0), (0, -0.012), (0.05, 0.0), (0.11, 0.045)],
    Mouth.CAT: [(-0.17, -0.02), (-0.11, 0.035), (-0.04, 0.02), (0, -0.03), (0.04, 0.02),
                (0.11, 0.035), (0.17, -0.02)],
    Mouth.SMIRK: [(-0.12, 0.02), (-0.02, 0.03), (0.09, 0.0), (0.17, -0.06)],
}  # fmt: skip


def _draw_lip_line(painter: Painter, spine: Points) -> None:
    thick = max(0.024, 0.85 * painter.weight)
    widths = profile(len(spine), (0, 0.4 * thick), (0.4, thick), (0.6, thick), (1, 0.4 * thick))
    painter.flat(ribbon(spine, widths), mix(painter.ink_for(painter.palette.skin), LIPS, 0.45))


def _draw_open_mouth(painter: Painter, subject: Subject, at: Points) -> None:
    if subject.mouth is Mouth.SMALL_O:
        shape = oval(at[0], at[1] + 0.02, 0.065, 0.075)
    else:
        deep = 0.21 if subject.mouth is Mouth.OPEN else 0.15
        wide = 0.17 if subject.mouth is Mouth.OPEN else 0.22
        wide, deep = wide * painter.hand.mouth, deep * painter.hand.mouth
        x, y = at.tolist()
        left, right = (x - wide, y - 0.045), (x + wide, y - 0.045)
        top = spline([left, (x, y - 0.015), right])
        low = y + 0.62 * deep
        bottom = (x, y + deep - 0.04)
        under = spline([right, (x + 0.65 * wide, low), bottom, (x - 0.65 * wide, low), left])
        shape = joined(top, under[1:])
    painter.flat(shape, mix(LIPS, (0.4, 0.1, 0.15), 0.45))
    with painter.within(shape):
        painter.flat(oval(at[0], at[1] + 0.17, 0.13, 0.1), TONGUE)
        if subject.mouth is Mouth.GRIN:
            painter.flat(oval(at[0], at[1] - 0.07, 0.2, 0.09), (1, 1, 1))
    painter.outline(shape, LIPS, 0.7)
