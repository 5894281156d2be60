"""The hair behind the head and the locks beside the face.

All locks flow away from where the hair parts; each is wide at its root and ends in a point.
Nothing here is left to chance: it all follows from what the subject is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from ml.avatar.layout import (
    CROWN,
    FLOWING_LOCK_SWAY,
    LOCK_SWAY,
    SWAYS,
    SWING,
    SWING_FROM,
)
from training.illustrator.curves import Points, joined, moved, profile, ribbon, spline
from training.illustrator.renderer import Renderer
from training.illustrator.subject import Cut, Subject


def half_width(subject: Subject) -> float:
    """Return how far the hair over the temples reaches from the middle of the head."""
    return (subject.cheek + 0.13) * subject.volume


def draw_back(renderer: Renderer, subject: Subject) -> None:
    """Paint the hair behind the neck and the shoulders: mostly in shadow."""
    palette = renderer.palette
    shape, flicks, lines = _BACKS[subject.cut](subject)
    for flick in flicks:
        renderer.fill(flick, palette.hair_tips)
        renderer.outline(flick, palette.hair, 0.65)
    renderer.fill(shape, palette.hair, to=palette.hair_tips)
    with renderer.within(shape):
        inner = spline([(-0.9, -0.6), (-1.02, 0.3), (-1.0, 1.1), (-1.12, 2.6), (1.18, 2.6),
                        (1.08, 1.1), (1.1, 0.3), (1.0, -0.6)])  # fmt: skip
        renderer.shade(inner, palette.hair, 1.0)
        renderer.shade_side(shape, palette.hair, 0.1, 0.8)
    for line in lines:
        renderer.line(line, palette.hair, 0.9)
    renderer.rim(shape, 0.05)
    renderer.outline(shape, palette.hair)


Back = tuple[Points, list[Points], list[Points]]


def _hanging(subject: Subject, wave: float) -> Back:
    """Return long hair to below the frame: outline, flicks at its sides, lines within."""
    moved_by, still = SWAYS[subject.cut.value]
    sway = moved_by * subject.wind + still * (1.0 if subject.wind > 0 else -1.0)
    w = half_width(subject)
    y = np.array([-0.8, -0.2, 0.3, 0.8, 1.3, 1.8, 2.4])
    ripple = wave * np.sin(4.6 * y + 3)
    swing = sway * np.clip(y - SWING_FROM, 0, None) ** 1.5 * SWING
    fan = 1.2 + 8 * (subject.volume - 1.02)
    out = w + np.array([-0.36, -0.1, 0.0, 0.07, 0.16, 0.25, 0.34]) * fan
    left = np.stack([-out + ripple + swing, y], 1)
    right = np.stack([out + 0.1 * subject.yaw - ripple + swing, y], 1)
    shape = joined(spline(left), spline(right[::-1]))
    flicks = [
        _flick(edge, side, low, sway)
        for edge, side, lows in ((left, -1, (0.55, 1.0, 1.3)), (right, 1, (0.75, 1.2)))
        for low in lows
    ]
    lines = [
        spline(np.stack([edge[2:, 0] * inset, edge[2:, 1] - 0.15], 1))
        for edge in (left, right) for inset in (0.94, 0.86)
    ]  # fmt: skip
    return shape, flicks, lines


def _flick(edge: Points, side: int, low: float, sway: float) -> Points:
    """Return a lock that leaves the mass and ends in a point outside of it."""
    reach = 0.21 + max(0.0, 0.22 * sway * side)
    y = low + np.array([-0.9, -0.5, -0.15, 0.1, 0.26])
    x = np.interp(y, edge[:, 1], edge[:, 0])
    x += side * np.array([-0.3, -0.16, -0.06, 0.4 * reach, reach])
    spine = spline(np.stack([x, y], 1))
    return ribbon(
        spine, profile(len(spine), (0, 0.0), (0.3, 0.2), (0.6, 0.18), (0.85, 0.08), (1, 0))
    )


def _long(subject: Subject) -> Back:
    return _hanging(subject, 0.0)


def _flowing(subject: Subject) -> Back:
    return _hanging(subject, 0.04)


def _wavy(subject: Subject) -> Back:
    return _hanging(subject, 0.085)


def _bob(subject: Subject) -> Back:
    """Return short hair that turns in below the chin."""
    v, yaw = 0.94 * half_width(subject), 0.1 * subject.yaw
    low = 0.96 + 0.15 * subject.part
    left = spline([(-0.95 * v, -0.7), (-1.14 * v, 0.0), (-1.22 * v, 0.5), (-1.12 * v, low)])
    right = spline([(1.08 * v + yaw, low), (1.22 * v + yaw, 0.5), (1.15 * v + yaw, 0.0),
                    (0.98 * v + yaw, -0.7)])  # fmt: skip
    x = np.linspace(-1.1 * v, 1.08 * v + yaw, 7)
    x[1:-1] += [0.05, -0.04, 0.06, -0.05, 0.04]
    tips = []
    for a, b in pairwise(x.tolist()):
        inward = 0.25 * (b - a) * (1 if a + b < 0 else -1)
        tip = ((a + b) / 2 + inward, low + 0.13)
        tips.append(spline([(a, low - 0.1), (a + 0.3 * (tip[0] - a), low + 0.03), tip], steps=4))
        tips.append(spline([tip, (b - 0.25 * (b - tip[0]), low + 0.02), (b, low - 0.1)], steps=4))
    lines = [spline([(s * 1.02 * v, -0.2), (s * 1.1 * v, 0.4), (s * 1.03 * v, low - 0.05)])
             for s in (-1, 1)]  # fmt: skip
    return joined(left, *tips, right), [], lines


def _tails(subject: Subject) -> Back:
    """Return short hair; two tails are drawn over the shoulders later."""
    return _bob(subject)


_BACKS: dict[Cut, Callable[[Subject], Back]] = {
    Cut.LONG: _long,
    Cut.FLOWING: _flowing,
    Cut.WAVY: _wavy,
    Cut.BOB: _bob,
    Cut.TAILS: _tails,
}


def draw_locks(renderer: Renderer, subject: Subject) -> None:
    """Paint the locks that frame the face, over the shoulders."""
    w, yaw, hair = half_width(subject), subject.yaw, renderer.palette.hair
    short = subject.cut in (Cut.BOB, Cut.TAILS)
    sway = subject.wind * (FLOWING_LOCK_SWAY if subject.cut is Cut.FLOWING else LOCK_SWAY)
    for side, x in ((-1, -w + 0.1), (1, w - 0.1 + 0.09 * yaw)):
        if subject.cut is Cut.TAILS:
            _draw_tail(renderer, side, x, sway)
        long = 0.88 + 0.15 * subject.part if short else 1.6 + 0.5 * subject.part * side
        wide, bend = 0.25, 0.035
        spine = spline([
            (x - 0.1 * side, -0.5), (x + bend * side, 0.1),
            (x - 0.03 * side + 0.4 * sway, 0.55 * long),
            (x + 0.03 * side + sway, 0.85 * long), (x - 0.06 * side + 1.3 * sway, long),
        ])  # fmt: skip
        widths = profile(len(spine), (0, 0.6), (0.3, 1.0), (0.65, 0.8), (0.88, 0.36), (1, 0)) * wide
        inside = spine - [0.42 * wide * side, 0.3]
        _draw_strand(renderer, inside, 0.5 * widths)
        _draw_lock(renderer, spine, widths)
        renderer.line(moved(spine[6:-3], 0.16 * wide * side, 0), hair, 0.8)


def _draw_strand(renderer: Renderer, spine: Points, widths: Points) -> None:
    palette = renderer.palette
    shape = ribbon(spine, widths)
    renderer.fill(shape, palette.shaded(palette.hair, 0.85), texture=False)
    renderer.outline(shape, palette.hair, 0.5)


def _draw_lock(renderer: Renderer, spine: Points, widths: Points) -> None:
    palette = renderer.palette
    shape = ribbon(spine, widths)
    renderer.fill(shape, palette.hair, to=palette.hair_tips)
    renderer.shade_side(shape, palette.hair, 0.3 * float(widths.max()), 0.9)
    renderer.rim(shape, 0.04)
    renderer.outline(shape, palette.hair, 0.6)


def _draw_tail(renderer: Renderer, side: int, x: float, sway: float) -> None:
    """Paint a tail over the shoulder, tied with a band."""
    spine = spline([(x + 0.05 * side, 0.75), (x + 0.24 * side, 1.05), (x + 0.24 * side + sway, 1.5),
                    (x + 0.1 * side + 1.5 * sway, 1.95)])  # fmt: skip
    widths = profile(len(spine), (0, 0.16), (0.3, 0.42), (0.6, 0.38), (1, 0.0))
    _draw_lock(renderer, spine, widths)
    for inset in (-0.09, 0.08):
        renderer.line(moved(spine[3:-6], inset, 0.1), renderer.palette.hair, 0.9)
    band = spine[0] + [0, 0.06]
    knot = spline([moved(band, -0.13, -0.07), moved(band, 0.13, -0.05), moved(band, 0.14, 0.07),
                   moved(band, -0.12, 0.07)], closed=True)  # fmt: skip
    renderer.fill(knot, renderer.palette.accent, texture=False)
    renderer.outline(knot, renderer.palette.accent, 0.8)


def draw_ahoge(renderer: Renderer, subject: Subject) -> None:
    """Paint the single hair that will not lie down, if she has one."""
    if not subject.ahoge:
        return
    x, y, way = 0.1 * subject.yaw, CROWN * subject.volume, 1 if subject.wind > 0 else -1
    spine = spline([(x - 0.05 * way, y + 0.06), (x + 0.02 * way, y - 0.2), (x + 0.2 * way, y - 0.3),
                    (x + 0.36 * way, y - 0.16)])  # fmt: skip
    shape = ribbon(spine, profile(len(spine), (0, 0.1), (0.4, 0.11), (1, 0)))
    renderer.fill(shape, renderer.palette.hair, texture=False)
    renderer.outline(shape, renderer.palette.hair, 0.8)
