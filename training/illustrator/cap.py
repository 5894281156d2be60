"""The cap of hair over the skull: its fringe in locks, and the light on it.

Chance decides where the locks of the fringe begin and end and nothing else: all that is drawn
within them follows. Their tips and the valleys between them lie at places of a raster, at which the
traits tell the height of the fringe, so that a decoder knows each lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.avatar.fringe import OVER_LOCK, SHADOW
from ml.avatar.layout import CROWN, PARTING
from ml.avatar.traits import FRINGE_POINTS, FRINGE_SPAN
from training.illustrator.colours import WHITE, mix
from training.illustrator.curves import Points, joined, moved, profile, ribbon, spline
from training.illustrator.hair import half_width
from training.illustrator.head import contour
from training.illustrator.renderer import Renderer
from training.illustrator.styles import Shading
from training.illustrator.subject import Fringe, Subject


@dataclass(frozen=True)
class Tuft:
    """One lock of the fringe: from one valley to the tip and up to the next valley."""

    left: Points  # edge down to the tip
    right: Points  # edge up from the tip
    outward: float  # -1 it flows to the left, 1 to the right


@dataclass(frozen=True)
class Cap:
    """The hair over the skull with its fringe."""

    outline: Points
    crown: int  # how many points of the outline run over the skull
    part: Points  # (2,), where the hair flows from
    tufts: tuple[Tuft, ...]


def cap_of(subject: Subject, rng: np.random.Generator) -> Cap:
    """Return the cap of hair; the fringe depends on the chance handed in."""
    w, yaw, v = half_width(subject), subject.yaw, subject.volume
    part = np.array([0.5 * subject.part - 0.1 * yaw, CROWN * v + PARTING])
    left, right = (-w - 0.01, 0.0), (w + 0.1 * yaw, 0.02)
    crown = spline([
        left, (-1.02 * w, -0.4), (-0.88 * w, -0.88), (-0.49 * w + 0.03 * yaw, -1.22 * v),
        (0.09 * yaw, CROWN * v), (0.54 * w + 0.09 * yaw, -1.21 * v), (0.93 * w + 0.12 * yaw, -0.86),
        (1.06 * w + 0.13 * yaw, -0.38), right,
    ])  # fmt: skip
    tips, valleys = _zigzag(subject, rng)
    knots = [np.array(left), *valleys, np.array(right)]
    tufts = tuple(_tuft(knots[at], tip, knots[at + 1], part) for at, tip in enumerate(tips))
    edges = [piece[::-1] for tuft in reversed(tufts) for piece in (tuft.right, tuft.left)]
    return Cap(joined(crown, *edges), len(crown), part, tufts)


def _zigzag(subject: Subject, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return the tips of the fringe and the valleys between them, from left to right.

    The first and the last lock hang beside the cheeks.
    """
    count, yaw, w = subject.locks + 2, subject.yaw, half_width(subject)
    bounds = np.linspace(-0.86 - 0.06 * yaw, 0.88, count - 1) * subject.cheek
    bounds[1:-1] += rng.normal(0, 0.2 / count, count - 3)
    bounds -= 0.08 * yaw * (1 - bounds**2)
    middle = (bounds[1:] + bounds[:-1]) / 2
    side = middle - 0.8 * subject.part
    drop, deep = _FALLS[subject.fringe](middle, side, rng)
    span = bounds[1:] - bounds[:-1]
    lean = np.tanh(4 * side) * span * rng.uniform(0.25, 0.6, len(middle))
    tips = np.stack([middle + lean, drop + 0.04 * subject.nod], 1)
    low = np.concatenate([[drop[0]], np.minimum(drop[1:], drop[:-1]), [drop[-1]]])
    heights = np.clip(low - deep, -0.92, None)
    ends = -0.3 + float(rng.uniform(-0.1, 0.05))
    heights[[0, -1]] = np.minimum(ends, low[[0, -1]] - 0.12)  # no lock ends above where it begins
    long = rng.uniform(0.38, 0.72, 2)
    flare = rng.uniform(0.88, 1.1, 2)
    first = np.array([[-w * flare[0], long[0]]])
    last = np.array([[w * flare[1] + 0.08 * yaw, long[1]]])
    return _on_raster(np.concatenate([first, tips, last]), np.stack([bounds, heights], 1))


def _on_raster(tips: Points, valleys: Points) -> tuple[Points, Points]:
    """Move tips and valleys to places of the raster, each to one of its own, in their order."""
    low, high = FRINGE_SPAN
    step = (high - low) / (FRINGE_POINTS - 1)
    knots = np.empty((len(tips) + len(valleys), 2))
    knots[::2], knots[1::2] = tips, valleys
    order = np.arange(len(knots))
    places = np.clip(np.round((knots[:, 0] - low) / step), 0, FRINGE_POINTS - 1)
    places = np.maximum.accumulate(places - order) + order
    knots[:, 0] = low + step * np.minimum(places, FRINGE_POINTS - len(knots) + order)
    return knots[::2], knots[1::2]


Falls = Callable[[Points, Points, np.random.Generator], tuple[Points, Points]]


def _tufts(across: Points, side: Points, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return locks of unequal length, the outer ones longer."""
    drop = -0.12 + 0.22 * across**2 + rng.normal(0, 0.07, len(across))
    return drop, rng.uniform(0.36, 0.62, len(across) + 1)


def _swept(across: Points, side: Points, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return locks swept to one side, from short to long."""
    way = 1 if side.mean() < 0 else -1
    drop = -0.16 + 0.22 * way * across + 0.1 * across**2 + rng.normal(0, 0.045, len(across))
    return drop, rng.uniform(0.32, 0.55, len(across) + 1)


def _parted(across: Points, side: Points, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return locks that open over the forehead."""
    drop = -0.52 + 0.68 * np.abs(side) ** 0.85 + rng.normal(0, 0.03, len(across))
    return np.minimum(drop, 0.16), rng.uniform(0.16, 0.3, len(across) + 1)


def _straight(across: Points, side: Points, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return locks cut along a line above the eyes."""
    drop = -0.2 + 0.12 * across**4 + rng.normal(0, 0.015, len(across))
    return drop, rng.uniform(0.1, 0.3, len(across) + 1)


def _point(across: Points, side: Points, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return locks of which one falls between the eyes."""
    drop = -0.24 + 0.28 * across**2 + rng.normal(0, 0.04, len(across))
    drop[int(np.argmin(np.abs(across + 0.1)))] = float(rng.uniform(0.06, 0.2))
    return drop, rng.uniform(0.3, 0.5, len(across) + 1)


_FALLS: dict[Fringe, Falls] = {
    Fringe.TUFTS: _tufts,
    Fringe.SWEPT: _swept,
    Fringe.PARTED: _parted,
    Fringe.STRAIGHT: _straight,
    Fringe.POINT: _point,
}


def _tuft(start: Points, tip: Points, end: Points, part: Points) -> Tuft:
    """Return a lock like a claw: full at first, then bending to its point."""
    outward = 1.0 if tip[0] > part[0] else -1.0
    lead, trail = (start, end) if outward < 0 else (end, start)
    inner = lead + (tip - lead) * [0.42, 0.6]
    outer = trail + (tip - trail) * [0.2, 0.62]
    left, right = (inner, outer) if outward < 0 else (outer, inner)
    return Tuft(spline([start, left, tip]), spline([tip, right, end]), outward)


def draw_shadow_on_face(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint what the fringe and the locks keep from the light."""
    with renderer.within(contour(subject)):
        renderer.shade(
            moved(cap.outline, -SHADOW[0] * renderer.light, SHADOW[1]), renderer.palette.skin, 0.95
        )
        x = subject.cheek * (-0.9 if renderer.light > 0 else 0.98)
        lock = spline([(x, -0.5), (x, 0.3), (0.93 * x, 1.0)])
        renderer.shade(ribbon(lock, 0.2), renderer.palette.skin, 0.95)


def draw_cap(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint the cap with its fringe: shadows between the locks, light across them, lines."""
    hair = renderer.palette.hair
    renderer.fill(cap.outline, hair, to=mix(hair, renderer.palette.hair_tips, 0.4))
    with renderer.within(cap.outline):
        renderer.shade(_dark_side(renderer, subject, cap), hair, 0.75)
        for tuft in cap.tufts:
            renderer.shade(_wedge(renderer, tuft, cap.part), hair, 0.85)
        _SHINES[renderer.style.shine](renderer, subject, cap)
    renderer.rim(cap.outline, 0.055)
    _draw_lines(renderer, subject, cap)
    for tuft in cap.tufts:
        renderer.line(tuft.left, hair, 1.35)
        renderer.line(tuft.right, hair, 1.35)
    renderer.outline(cap.outline[: cap.crown], hair, closed=False)


def _dark_side(renderer: Renderer, subject: Subject, cap: Cap) -> Points:
    """Return the side of the cap that the light does not reach, with a rim like locks."""
    way, w = (-1.0 if renderer.light > 0 else 1.0), half_width(subject)
    top = spline([(cap.part[0] + 0.1 * way, -1.36), (way * 0.5 * w, -1.12), (way * 0.7 * w, -0.8)])
    teeth = []
    for number in range(3):
        x, y = way * w * (0.72 + 0.03 * number), -0.74 + 0.27 * number
        teeth.append((x - way * (0.1 + 0.05 * number), y + 0.16))
        teeth.append((x + way * 0.03, y + 0.13))
    rim = moved(joined(top, np.array(teeth)), 0.06 * subject.yaw, 0)
    return joined(rim, np.array([(way * 0.8 * w, 0.9), (way * 2.0, 0.9), (way * 2.0, -1.6)]))


def _wedge(renderer: Renderer, tuft: Tuft, part: Points) -> Points:
    """Return the shaded side of a lock: from its valley to the tip, on the side off the light."""
    if renderer.light < 0:
        edge, root, other = tuft.right, tuft.right[-1], tuft.left[0]
        tip = edge[0]
    else:
        edge, root, other = tuft.left[::-1], tuft.left[0], tuft.right[-1]
        tip = edge[0]
    up = root + (part - root) * [0.12, 0.24]
    inside = root + 0.36 * (other - root) + [0, 0.3 * (tip[1] - root[1])]
    back = spline([up, (up + inside) / 2 + 0.02, inside, tip], steps=4)
    return joined(edge, back)


def _draw_lines(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Draw the lines that run up from the valleys, and finer ones within the locks."""
    simple = renderer.shading is Shading.FLAT
    for tuft in cap.tufts[1:]:
        valley = tuft.left[0]
        _draw_flow(renderer, valley, cap.part, 0.0, 0.45, 1.2)
        if not simple:
            _draw_flow(renderer, valley, cap.part, 0.62, 0.9, 0.8)
    for tuft in cap.tufts[1:-1]:
        left, right = tuft.left[0], tuft.right[-1]
        for share, down in _STRANDS[: subject.strands]:
            across = 0.5 + 0.5 * share * tuft.outward
            foot = left + across * (right - left) + [0, down]
            _draw_flow(renderer, foot, cap.part, 0.0, 0.34, 0.6)
    if not simple:
        crown = moved(cap.part, 0, 0.02)
        line = spline([moved(crown, 0, -0.16), moved(crown, -0.02, -0.05), crown])
        renderer.line(line, renderer.palette.hair, 0.7)


# Where a lock's fine lines begin: beside its middle, towards where it bends (half of its width);
# and below its valleys, in heads.
_STRANDS = ((-0.25, 0.06), (0.35, -0.02))


def _draw_flow(
    renderer: Renderer, foot: Points, part: Points, start: float, end: float, weight: float
) -> None:
    """Draw a piece of the line from a place in the hair to its parting, between two shares."""
    share = np.linspace(start, end, 7)[:, None]
    bend = 0.14 * (foot[0] - part[0]) * 4 * share * (1 - share)
    line = foot + (part - foot) * np.hstack([0.4 * share, share]) + np.hstack([bend, 0 * bend])
    renderer.line(line, renderer.palette.hair, weight)


def draw_over_lock(renderer: Renderer, cap: Cap) -> None:
    """Paint a lock over the fringe, beside the longest: hair has depth where it overlaps."""
    hair = renderer.palette.hair
    tuft = max(cap.tufts[1:-1], key=lambda each: each.left[-1][1])
    tip = tuft.left[-1] + [OVER_LOCK * tuft.outward, 0.02]
    root = tip + (cap.part - tip) * [0.5, 0.6]
    spine = spline([root, root + (tip - root) * [0.3, 0.6], tip])
    wide = 0.165
    shape = ribbon(spine, wide * profile(len(spine), (0, 0.0), (0.4, 0.85), (0.7, 0.8), (1, 0)))
    with renderer.within(cap.outline):
        renderer.shade(moved(shape, 0.05 * tuft.outward, 0.04), hair, 0.8)
    renderer.fill(shape, mix(hair, renderer.palette.hair_tips, 0.3), texture=False)
    renderer.shade_side(shape, hair, 0.3 * wide, 0.8)
    count = len(spine)
    for edge in (shape[:count], shape[count:][::-1]):
        renderer.line(edge[count // 4 :], hair, 1.25)


# Light on the hair


def _row(subject: Subject, count: int, height: float) -> Points:
    """Return points across the round of the head; `height` 0 is the brow, 1 the crown."""
    x = np.linspace(-1.04, 1.08, count) * half_width(subject) + 0.06 * subject.yaw
    return np.stack([x, -0.38 - 0.62 * height - 0.2 * (1 - x**2)], 1)


def _no_shine(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Leave the hair as it is."""


def _arc(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint thin white arcs with points, as pens leave them blank."""
    row = _row(subject, 61, 0.39)
    bright = mix(renderer.palette.lit(renderer.palette.hair, 1.0), WHITE, 0.7)
    for start, end in ((4, 17), (20, 38), (41, 52)):
        part = row[start:end]
        widths = profile(len(part), (0, 0), (0.2, 0.032), (0.5, 0.055), (0.8, 0.03), (1, 0))
        renderer.flat(ribbon(part, widths), bright)
        at = part[len(part) // 2]
        spike = np.stack(
            [moved(at, -0.03, 0), moved(at, 0.02, 0), moved(at, 0.03 * np.sign(at[0]), 0.1)]
        )
        renderer.flat(spike, bright)


def _saw(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint a band with saw teeth, as on painted film."""
    row = _row(subject, 27, 0.55)
    spikes = np.where(np.arange(27) % 2, 0.03, 0.15) * (0.95 + 0.25 * np.sin(2.1 * np.arange(27)))
    fade = np.clip(1.15 - np.abs(np.linspace(-1, 1, 27)) ** 3, 0.05, 1)[:, None]
    top = row - [0, 1] * (0.5 * spikes[:, None]) * fade
    low = row + [0, 1] * spikes[:, None] * fade
    bright = mix(renderer.palette.lit(renderer.palette.hair, 0.9), WHITE, 0.25)
    renderer.flat(joined(top, low[::-1]), bright)


_STREAKS = (0.1, 0.18, 0.12, 0.2, 0.09, 0.16, 0.11, 0.19, 0.1)  # of light: heads


def _band(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint a soft ring of light that the locks break."""
    row = _row(subject, 41, 0.5)
    bright = renderer.palette.lit(renderer.palette.hair, 1.0)
    widths = 0.12 + 0.05 * np.sin(np.linspace(0, 23, 41) + 1)
    renderer.flat(ribbon(row, widths), bright, 0.75, blur=0.03)
    for at, long in zip(range(4, 38, 4), _STREAKS, strict=True):
        spine = np.stack([row[at] - [0, 0.1], row[at], row[at] + [0.012, long]])
        renderer.flat(ribbon(spine, np.array([0.0, 0.024, 0.0])), mix(bright, WHITE, 0.5), 0.4)


def _spot(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint one clear shape of light on the side it comes from."""
    at = 20 + (9 if renderer.light > 0 else -9)
    row = _row(subject, 41, 0.72)[at - 5 : at + 6]
    bright = mix(renderer.palette.lit(renderer.palette.hair, 1.0), WHITE, 0.45)
    renderer.flat(
        ribbon(row, profile(len(row), (0, 0.02), (0.3, 0.09), (0.7, 0.09), (1, 0.02))), bright
    )
    dot = row[-1] + [0.12, 0.05]
    renderer.flat(ribbon(np.stack([dot, moved(dot, 0.05, 0.025)]), 0.07), bright)


def _streaks(renderer: Renderer, subject: Subject, cap: Cap) -> None:
    """Paint strokes of light along the locks."""
    row = _row(subject, 41, 0.5)
    bright = renderer.palette.lit(renderer.palette.hair, 0.75)
    for at in range(5, 37, 3):
        foot, wide = row[at], 0.02 + 0.04 * (at % 2)
        up = foot + (cap.part - foot) * 0.3
        spine = spline([up, (up + foot) / 2 + [0.1 * (foot[0] - cap.part[0]), 0],
                        moved(foot, 0.06 * foot[0], 0.22)])  # fmt: skip
        renderer.flat(ribbon(spine, profile(len(spine), (0, 0), (0.5, wide), (1, 0))), bright, 0.7)


_SHINES: dict[str, Callable[[Renderer, Subject, Cap], None]] = {
    "none": _no_shine,
    "arc": _arc,
    "zigzag": _saw,
    "band": _band,
    "spot": _spot,
    "streaks": _streaks,
}
