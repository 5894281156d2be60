"""Two long rabbit ears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.illustrator.colours import WHITE, mix
from training.illustrator.curves import Points, moved, normals, profile, ribbon, spline, turned
from training.illustrator.renderer import Renderer
from training.illustrator.styles import Shading
from training.illustrator.subject import Ears, Subject

# Where an ear's middle runs, from its root upwards; x grows away from the head, 1 is its length.
_SPINES: dict[Ears, list[tuple[float, float]]] = {
    Ears.UPRIGHT: [(0, 0), (0.02, -0.34), (0.06, -0.68), (0.1, -1.0)],
    Ears.LEANING: [(0, 0), (0.08, -0.34), (0.24, -0.64), (0.5, -0.84)],
    Ears.CRUMPLED: [
        (0, 0),
        (0.1, -0.26),
        (0.11, -0.47),
        (0.23, -0.68),
        (0.25, -0.84),
        (0.36, -1.0),
    ],
    Ears.FOLDED: [(0, 0), (0.02, -0.3), (0.09, -0.58), (0.3, -0.74), (0.52, -0.58), (0.6, -0.24)],
    Ears.DROOPING: [(0, 0.05), (0.2, -0.17), (0.47, -0.1), (0.62, 0.26), (0.6, 0.72)],
}
_FOLD = 0.44  # where along its length a folded ear turns its back to us
_LEAF = ((0, 0.46), (0.22, 0.8), (0.5, 1.0), (0.74, 0.86), (0.9, 0.52), (0.97, 0.24), (1, 0.0))


@dataclass(frozen=True)
class Ear:
    """One ear on the head: its outer leaf, the pink within, and for a folded one the flap."""

    side: int  # -1 the far one, 1 the near one
    root: Points  # (2,)
    tip: Points  # (2,)
    outer: Points
    inner: Points | None
    flap: Points | None
    creases: tuple[Points, ...]


def ears_of(subject: Subject) -> tuple[Ear, Ear]:
    """Return the far and the near ear."""
    return _ear(subject, -1), _ear(subject, 1)


def draw_ears(renderer: Renderer, subject: Subject) -> None:
    """Paint both ears; the hair will hide their roots."""
    for ear in ears_of(subject):
        _draw_ear(renderer, ear)


def _draw_ear(renderer: Renderer, ear: Ear) -> None:
    fur, pink = renderer.palette.ear, renderer.palette.inner_ear
    renderer.fill(ear.outer, fur, flow=80)
    renderer.shade_side(ear.outer, fur, 0.06, 0.8)
    if ear.inner is not None:
        _draw_inside(renderer, ear, ear.inner)
    renderer.rim(ear.outer, 0.045)
    renderer.outline(ear.outer, fur)
    for crease in ear.creases:
        renderer.line(crease, fur, 1.2)
    if ear.flap is not None:
        with renderer.within(ear.outer):
            renderer.shade(moved(ear.flap, -0.03 * renderer.light, 0.09), pink, 0.9)
            renderer.fill(ear.flap, fur, flow=60)
            renderer.shade_side(ear.flap, fur, 0.06, 0.8)
        start, end = ear.flap[0], ear.flap[-1]
        renderer.line(spline([start, moved((start + end) / 2, 0, 0.05), end]), fur, 1.3)
        renderer.outline(ear.outer, fur)


def _draw_inside(renderer: Renderer, ear: Ear, inner: Points) -> None:
    """Paint the pink within, deeper towards the root, with a tuft of down there."""
    fur, pink = renderer.palette.ear, renderer.palette.inner_ear
    deep = renderer.palette.shaded(pink, 0.8)
    renderer.fill(inner, mix(pink, fur, 0.12), to=mix(pink, deep, 0.5), texture=False)
    with renderer.within(inner):
        renderer.shade(moved(inner, 0.1 * ear.side, 0.02), pink, 0.35)
        renderer.flat(moved(inner, 0.045 * ear.side, 0.03), pink, 0.85, blur=0.4 * renderer.soft)
    if renderer.shading is not Shading.FLAT:
        renderer.line(np.vstack([inner, inner[:1]]), pink, 0.7)
        for step in (-0.05, 0.04):
            root = moved(ear.root, step, -0.08)
            tuft = spline([root, moved(root, 0.03 * ear.side + step, -0.13),
                           moved(root, 0.06 * ear.side + 2 * step, -0.26)])  # fmt: skip
            renderer.flat(ribbon(tuft, np.linspace(0.11, 0, len(tuft))), mix(fur, WHITE, 0.3))


def _form(subject: Subject, side: int) -> Ears:
    """Return how one ear stands: an odd pair has the near one up and the far one folded."""
    if subject.ears is not Ears.ODD:
        return subject.ears
    return Ears.UPRIGHT if side > 0 else Ears.FOLDED


def _ear(subject: Subject, side: int) -> Ear:
    form = _form(subject, side)
    stray = subject.ear_stray[0 if side < 0 else 1]
    spread = subject.ear_spread + stray if form is not Ears.DROOPING else 0.4 * stray
    root = np.array([side * 0.46 + 0.07 * subject.yaw, -1.0])
    narrow = 1 - (0.14 if side < 0 else 0.04) * subject.yaw
    width = subject.ear_width * narrow
    length = subject.ear_length * (0.92 if form is Ears.CRUMPLED else 1.0)

    def placed(points: list[tuple[float, float]], steps: int = 8) -> Points:
        own = spline(np.array(points) * length * [side, 1], steps=steps)
        return np.asarray(turned(own, side * spread) + root)

    spine = placed(_SPINES[form], 5 if form is Ears.CRUMPLED else 9)
    widths = width * profile(len(spine), *_LEAF)
    if form is Ears.CRUMPLED:
        widths = widths * (1.0 + 0.1 * np.sin(np.linspace(0.5, 19, len(spine))))
    fold = int(_FOLD * len(spine))
    flap = ribbon(spine[fold:], widths[fold:]) if form is Ears.FOLDED else None
    return Ear(
        side=side,
        root=root,
        tip=spine[-1],
        outer=ribbon(spine, widths),
        inner=None if form is Ears.DROOPING else _inner(spine, widths, form, side),
        flap=flap,
        creases=_creases(spine, widths) if form is Ears.CRUMPLED else (),
    )


def _inner(spine: Points, widths: Points, form: Ears, side: int) -> Points:
    """Return the pink within; it lies nearer to the other ear, as both look forward."""
    count = len(spine)
    start, end = count // 9, int(_FOLD * count) + 2 if form is Ears.FOLDED else count - count // 12
    last = 0.6 if form is Ears.FOLDED else 0.06
    share = profile(end - start, (0, 0.42), (0.3, 0.58), (0.75, 0.56), (0.93, 0.3), (1, last))
    shift = normals(spine)[start:end] * (-0.07 * side * widths[start:end])[:, None]
    return ribbon(spine[start:end] + shift, widths[start:end] * share)


def _creases(spine: Points, widths: Points) -> tuple[Points, ...]:
    """Return the wrinkles of a crumpled ear: short lines in from its bends."""
    lines = []
    aside = normals(spine)
    for number, share in enumerate((0.24, 0.42, 0.6, 0.76)):
        at = int(share * (len(spine) - 1))
        way = 1 if number % 2 == 0 else -1
        edge = spine[at] + aside[at] * way * 0.48 * widths[at]
        inward = -aside[at] * way * widths[at]
        lines.append(
            spline([edge, edge + 0.2 * inward + [0, 0.01], edge + 0.36 * inward + [0, 0.05]])
        )
    return tuple(lines)
