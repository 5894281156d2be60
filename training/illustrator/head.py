"""The face without its eyes: contour, shadows, blush, nose, mouth; and the neck below it.

She looks to the picture's left: the far cheek is at negative x.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.avatar.layout import LEAST_BLUSH, MOUTH_UNIT
from training.illustrator.colours import WHITE, Colour, mix, richer
from training.illustrator.curves import Points, blended, joined, moved, oval, ribbon, spline
from training.illustrator.renderer import Renderer
from training.illustrator.styles import Shading
from training.illustrator.subject import Mouth, Subject


def contour(subject: Subject) -> Points:
    """Return the outline of the face; its top lies under the hair."""
    c, h, j = subject.cheek, subject.chin, subject.jaw
    point = 0.08 + 0.13 * j
    front = [
        (-c, -0.6), (-1.03 * c, -0.2), (-0.98 * c, 0.24), ((-0.73 - 0.1 * j) * c, 0.6 * h),
        (-0.33 - 0.12 * j, 0.88 * h), (-point, 0.995 * h),
        (point, 0.995 * h), (0.33 + 0.12 * j, 0.88 * h),
        ((0.73 + 0.1 * j) * c, 0.6 * h), (0.98 * c, 0.24), (1.03 * c, -0.2), (c, -0.6),
    ]  # fmt: skip
    side = [
        (-0.92 * c, -0.6), (-0.905 * c, -0.16), (-0.935 * c, 0.2),
        ((-0.81 - 0.06 * j) * c, 0.54 * h), (-0.53 - 0.08 * j, 0.84 * h),
        (-0.27 - point, 0.985 * h), (-0.17 + 0.6 * point, 0.99 * h), (0.19 + 0.26 * j, 0.86 * h),
        ((0.71 + 0.12 * j) * c, 0.57 * h), (1.0 * c, 0.2), (1.08 * c, -0.25), (1.05 * c, -0.6),
    ]  # fmt: skip
    jaw = spline(blended(front, side, subject.yaw))
    return joined(jaw, spline([jaw[-1], (0.6, -0.9), (0, -1.0), (-0.6, -0.9), jaw[0]], steps=3))


def draw_neck(renderer: Renderer, subject: Subject) -> None:
    """Paint the neck down to the collar, with the shadow of the head on it."""
    lean, skin = 0.08 * subject.yaw, renderer.palette.skin
    left = spline([(-0.27 + lean, 0.4), (-0.25 + lean, 1.1), (-0.34 + lean, 1.42), (-0.8, 1.7)])
    right = spline([(0.85, 1.7), (0.36 + lean, 1.42), (0.27 + lean, 1.1), (0.3 + lean, 0.4)])
    neck = joined(left, right)
    renderer.fill(neck, skin)
    with renderer.within(neck):
        drop = 0.27 - 0.05 * subject.nod
        renderer.shade(moved(contour(subject), 0.12 * -renderer.light + 0.05, drop), skin, 1.0)
    renderer.line(left, skin, 1.3)
    renderer.line(right, skin, 1.3)


def draw_face(renderer: Renderer, subject: Subject) -> None:
    """Paint the face and its own shadow; hair casts another one later."""
    skin, shape = renderer.palette.skin, contour(subject)
    renderer.fill(shape, skin, texture=renderer.shading is not Shading.PAINTED)
    renderer.shade_side(shape, skin, 0.07, 0.55 if renderer.soft else 0.75)
    if renderer.soft:
        glow = mix(skin, (1.0, 0.62, 0.55), 0.5)
        for x, y in cheeks(subject):
            renderer.flat(oval(x, y - 0.02, 0.26, 0.18), glow, 0.22, blur=0.1)
    renderer.outline(shape, skin, 0.8)


def cheeks(subject: Subject) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where the far and the near cheek blush."""
    y = 0.47 * subject.chin - 0.02 + 0.05 * subject.nod
    far = -0.6 * subject.cheek - 0.08 * subject.yaw
    return (far, y), (0.62 * subject.cheek - 0.14 * subject.yaw, y)


def draw_blush(renderer: Renderer, subject: Subject) -> None:
    """Paint red cheeks, as much as the mood has and in the way of the style."""
    strength, way = subject.expression.blush, renderer.style.blush
    if strength < LEAST_BLUSH:
        return
    red = mix(renderer.palette.skin, (0.96, 0.32, 0.36), 0.75)
    for far, (x, y) in zip((True, False), cheeks(subject), strict=True):
        across = (0.2 if way != "round" else 0.17) * (1 - 0.2 * subject.yaw * far)
        if way == "round":
            renderer.flat(oval(x, y, across, 0.1), red, 0.35 + 0.4 * strength)
        else:
            renderer.flat(oval(x, y, across, 0.1), red, 0.62 * strength, blur=0.06)
        if way == "lines" or strength > 0.85:
            _draw_blush_lines(renderer, x, y, 0.8 * across, strength)


def _draw_blush_lines(
    renderer: Renderer, x: float, y: float, across: float, strength: float
) -> None:
    red = mix(renderer.palette.skin, (0.88, 0.2, 0.25), 0.8)
    for step in (-0.7, 0.0, 0.7):
        low = (x + step * across - 0.035, y + 0.05)
        high = (x + step * across + 0.035, y - 0.05)
        spine = np.array([low, ((low[0] + high[0]) / 2, y), high])
        widths = np.array([0.3, 1.0, 0.2]) * max(renderer.inner, 0.016)
        renderer.flat(ribbon(spine, widths), red, min(1.0, 0.35 + strength))


def draw_nose(renderer: Renderer, subject: Subject) -> None:
    """Draw the nose: hardly more than a mark that tells where she looks."""
    x = -0.36 * subject.yaw
    y = 0.41 * subject.chin + 0.07 * subject.nod
    skin, kind = renderer.palette.skin, renderer.style.nose
    dark = renderer.palette.shaded(skin, 1.0)
    if kind == "tick":
        renderer.line(spline([(x + 0.012, y - 0.06), (x - 0.018, y + 0.02), (x + 0.02, y + 0.03)]),
                     skin, 0.85)  # fmt: skip
    elif kind == "dot":
        renderer.flat(oval(x, y, 0.022, 0.015), mix(dark, (0.75, 0.3, 0.3), 0.4), 0.9)
    elif kind == "shadow":
        renderer.flat(oval(x + 0.02, y + 0.02, 0.035, 0.022), dark, 0.8, blur=0.015)
        renderer.flat(oval(x - 0.012, y - 0.035, 0.014, 0.018), WHITE, 0.8, blur=0.006)
    elif kind == "bridge":
        side = 1 if renderer.light < 0 else -1
        wedge = spline([(x - 0.01, y - 0.2), (x - 0.02, y), (x + 0.06 * side, y + 0.03),
                        (x + 0.03 * side, y - 0.03)], closed=True)  # fmt: skip
        renderer.shade(wedge, skin, 0.7)
        renderer.line(spline([(x - 0.015, y - 0.03), (x - 0.035, y + 0.02), (x + 0.02, y + 0.04)]),
                     skin, 0.9, must=True)  # fmt: skip


def mouth_at(subject: Subject) -> tuple[float, float]:
    """Return the middle of the mouth."""
    return -0.28 * subject.yaw, 0.67 * subject.chin + 0.05 * subject.nod


def draw_mouth(renderer: Renderer, subject: Subject) -> None:
    """Draw the mouth that the mood has."""
    _MOUTHS[subject.expression.mouth](renderer, subject)


def _placed(renderer: Renderer, subject: Subject, points: list[tuple[float, float]]) -> Points:
    """Return points of the mouth's own frame on the face; 1 is half a usual mouth."""
    size = MOUTH_UNIT * renderer.style.mouth * subject.expression.mouth_size * subject.chin
    squeezed = np.array(points) * (size * (1 - 0.13 * subject.yaw), size)
    return moved(squeezed, *mouth_at(subject))


def _lip_colour(renderer: Renderer) -> Colour:
    dark = renderer.ink_for(renderer.palette.skin)
    return mix(dark, (0.45, 0.1, 0.14), 0.35)


def _stroke(renderer: Renderer, spine: Points, weight: float = 1.0) -> None:
    width = max(renderer.inner, 0.017) * 1.15 * weight
    share = np.abs(np.linspace(-1, 1, len(spine)))
    renderer.flat(ribbon(spine, width * (1.15 - 0.75 * share**2)), _lip_colour(renderer))


def _line(*knots: tuple[float, float], chin: bool = True) -> Callable[[Renderer, Subject], None]:
    """Return what draws a closed mouth through these points."""

    def draw(renderer: Renderer, subject: Subject) -> None:
        _stroke(renderer, spline(_placed(renderer, subject, list(knots))))
        if chin and renderer.shading is not Shading.FLAT:
            under = _placed(renderer, subject, [(-0.22, 0.52), (0.0, 0.56), (0.22, 0.51)])
            dark = renderer.palette.shaded(renderer.palette.skin, 0.9)
            renderer.flat(ribbon(spline(under), 0.014), dark, 0.6)

    return draw


def _opened(
    top: list[tuple[float, float]],
    bottom: list[tuple[float, float]],
    *,
    teeth: bool = False,
    fang: bool = False,
) -> Callable[[Renderer, Subject], None]:
    """Return what draws an open mouth between these lips."""

    def draw(renderer: Renderer, subject: Subject) -> None:
        lip = spline(_placed(renderer, subject, top))
        under = spline(_placed(renderer, subject, bottom))
        hole = joined(lip, under)
        renderer.flat(hole, (0.52, 0.13, 0.17))
        low, high = hole.min(0), hole.max(0)
        x, height = (low[0] + high[0]) / 2, high[1] - low[1]
        with renderer.within(hole):
            tongue = oval(x, high[1] + 0.05 * height, 0.36 * (high[0] - low[0]), 0.5 * height)
            renderer.flat(tongue, (0.95, 0.5, 0.52))
            if teeth:
                renderer.flat(joined(lip, moved(lip[::-1], 0, 0.2 * height)), (1.0, 0.98, 0.96))
            if fang:
                renderer.flat(_fang(lip, height), (1.0, 0.98, 0.96))
        width = max(renderer.inner, 0.016)
        renderer.flat(ribbon(lip, 1.1 * width), _lip_colour(renderer))
        renderer.flat(ribbon(under, 0.8 * width), _lip_colour(renderer))

    return draw


def _fang(lip: Points, height: float) -> Points:
    """Return a small pointed tooth that hangs from the upper lip."""
    at = len(lip) * 3 // 4
    left, right = lip[at - 3], lip[min(at + 2, len(lip) - 1)]
    return np.stack([left, right, (left + right) / 2 + [0, 0.34 * height]])


def _draw_teeth(renderer: Renderer, subject: Subject) -> None:
    """Draw a grin: both rows of teeth."""
    lip = spline(
        _placed(renderer, subject, [(-1.0, -0.18), (-0.3, 0.1), (0.4, 0.04), (1.05, -0.34)])
    )
    low = [(1.05, -0.34), (0.82, 0.3), (0.1, 0.55), (-0.72, 0.34), (-1.0, -0.18)]
    under = spline(_placed(renderer, subject, low))
    renderer.flat(joined(lip, under), (1.0, 0.985, 0.97))
    middle = spline(
        _placed(renderer, subject, [(-0.92, 0.06), (-0.2, 0.3), (0.4, 0.26), (0.98, -0.06)])
    )
    renderer.flat(ribbon(middle, 0.6 * max(renderer.inner, 0.014)), _lip_colour(renderer), 0.7)
    width = max(renderer.inner, 0.016)
    renderer.flat(ribbon(lip, 1.15 * width), _lip_colour(renderer))
    renderer.flat(ribbon(under, 1.0 * width), _lip_colour(renderer))


def _draw_pout(renderer: Renderer, subject: Subject) -> None:
    """Draw a small bent mouth."""
    _stroke(
        renderer, spline(_placed(renderer, subject, [(-0.5, 0.22), (-0.1, -0.06), (0.45, 0.16)]))
    )
    under = _placed(renderer, subject, [(-0.2, 0.42), (0.02, 0.36), (0.22, 0.42)])
    renderer.flat(ribbon(spline(under), 0.016), richer(_lip_colour(renderer), 1.0, 1.6), 0.7)


def _draw_round(renderer: Renderer, subject: Subject) -> None:
    """Draw an astonished o."""
    shape = spline(
        _placed(renderer, subject, [(0, -0.2), (0.32, 0.05), (0.28, 0.5), (0, 0.68), (-0.28, 0.5),
                                   (-0.32, 0.05)]), closed=True)  # fmt: skip
    renderer.flat(shape, (0.55, 0.14, 0.18))
    with renderer.within(shape):
        renderer.flat(moved(shape, 0, 0.55 * (shape[:, 1].max() - shape[:, 1].min())),
                     (0.94, 0.5, 0.52))  # fmt: skip
    renderer.flat(ribbon(np.vstack([shape, shape[:1]]), max(renderer.inner, 0.015)),
                 _lip_colour(renderer))  # fmt: skip


_MOUTHS: dict[Mouth, Callable[[Renderer, Subject], None]] = {
    Mouth.LINE: _line((-0.95, -0.16), (-0.4, 0.1), (0.3, 0.12), (1.0, -0.22)),
    Mouth.SMALL: _line((-0.5, 0.02), (0.0, 0.07), (0.5, -0.02)),
    Mouth.CAT: _line((-1.0, -0.16), (-0.72, 0.14), (-0.32, 0.16), (0.0, -0.1), (0.34, 0.16),
                     (0.76, 0.12), (1.05, -0.2), chin=False),
    Mouth.WAVE: _line((-0.85, 0.04), (-0.5, -0.1), (-0.15, 0.12), (0.2, -0.08), (0.52, 0.1),
                      (0.85, -0.04), chin=False),
    Mouth.SMIRK: _line((-0.8, 0.12), (-0.25, 0.16), (0.45, 0.0), (1.0, -0.36)),
    Mouth.OPEN: _opened([(-0.8, -0.1), (0.0, 0.06), (0.85, -0.2)],
                        [(0.85, -0.2), (0.62, 0.5), (0.06, 0.86), (-0.5, 0.5), (-0.8, -0.1)]),
    Mouth.WIDE: _opened([(-0.95, -0.2), (0.0, 0.02), (1.0, -0.3)],
                        [(1.0, -0.3), (0.82, 0.55), (0.12, 1.12), (-0.62, 0.6), (-0.95, -0.2)],
                        teeth=True),
    Mouth.TEETH: _draw_teeth,
    Mouth.ROUND: _draw_round,
    Mouth.POUT: _draw_pout,
}  # fmt: skip
