"""What is behind her: plain and graded grounds, moon, sky, paper, patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import skia

from training.illustrator.colours import WHITE, Colour, hsv, lit, mix, paint, shaded
from training.illustrator.curves import moved, oval, path, profile, ribbon, spline, turned
from training.illustrator.habits import Scene
from training.illustrator.painter import Painter

LEFT, TOP, RIGHT, BOTTOM = -2.9, -3.5, 2.9, 2.6  # the frame with a margin, in heads
HUES = (8, 28, 42, 52, 95, 150, 176, 196, 212, 335)  # those that lavender hair stands out from


def draw_backdrop(painter: Painter, scene: Scene) -> None:
    """Paint the ground that a scene names."""
    _SCENES[scene](painter)


def _tone(painter: Painter, saturation: float = 0.25, value: float = 0.95) -> Colour:
    rng = painter.rng
    hue = float(rng.choice(HUES)) + rng.uniform(-8, 8)
    return hsv(hue, saturation * rng.uniform(0.6, 1.4), value * rng.uniform(0.9, 1.04))


def _fill(painter: Painter, top: Colour, bottom: Colour) -> None:
    brush = paint(top)
    colours = [skia.Color4f(*tone, 1).toColor() for tone in (top, bottom)]
    brush.setShader(skia.GradientShader.MakeLinear(points=[(0, TOP), (0, BOTTOM)], colors=colours))
    painter.canvas.drawPaint(brush)


def _somewhere(painter: Painter, count: int) -> list[tuple[float, float]]:
    rng = painter.rng
    return list(
        zip(
            rng.uniform(LEFT, RIGHT, count).tolist(),
            rng.uniform(TOP, BOTTOM, count).tolist(),
            strict=True,
        )
    )


def _plain(painter: Painter) -> None:
    tone = WHITE if painter.rng.random() < 0.25 else _tone(painter)
    _fill(painter, tone, tone)


def _gradient(painter: Painter) -> None:
    top = _tone(painter, 0.3)
    _fill(painter, top, mix(_tone(painter, 0.3), top, 0.4))


def _sky(painter: Painter) -> None:
    _fill(painter, hsv(painter.rng.uniform(196, 214), 0.5, 0.92), hsv(196, 0.1, 1.0))
    for x, y in _somewhere(painter, 5):
        for _ in range(4):
            dx, dy = painter.rng.normal(0, [0.4, 0.12]).tolist()
            painter.flat(oval(x + dx, y + dy, 0.5, 0.26), WHITE, 0.6, blur=0.08)


def _night(painter: Painter) -> None:
    hue = painter.rng.uniform(215, 248)
    _fill(painter, hsv(hue, 0.62, 0.2), hsv(hue + 8, 0.5, 0.42))
    for x, y in _somewhere(painter, 45):
        size = float(painter.rng.uniform(0.008, 0.028))
        painter.canvas.drawCircle(
            x, y, size, paint((1, 0.97, 0.9), float(painter.rng.uniform(0.4, 1)))
        )


def _moon(painter: Painter) -> None:
    _night(painter)
    rng = painter.rng
    x, y, size = rng.uniform(-1.0, 1.0), rng.uniform(-1.6, -0.7), rng.uniform(1.2, 1.9)
    red = rng.random() < 0.18  # the moon of lunacy
    disc = hsv(355, 0.55, 0.85) if red else hsv(rng.uniform(44, 54), rng.uniform(0.08, 0.4), 0.98)
    painter.flat(oval(x, y, size * 1.12, size * 1.12), disc, 0.4, blur=0.28)
    shape = oval(x, y, size, size, steps=60)
    painter.flat(shape, disc)
    with painter.within(shape):
        for _ in range(6):
            dx, dy = (rng.normal(0, 0.5, 2) * size).tolist()
            painter.flat(
                oval(x + dx, y + dy, 0.16 * size, 0.13 * size), shaded(disc, 0.35), 0.4, blur=0.05
            )


def _dusk(painter: Painter) -> None:
    _fill(
        painter,
        hsv(painter.rng.uniform(222, 236), 0.45, 0.55),
        hsv(painter.rng.uniform(14, 34), 0.5, 0.96),
    )


def _rays(painter: Painter) -> None:
    tone = _tone(painter, 0.4)
    _fill(painter, tone, tone)
    start, pale = painter.rng.uniform(0, 30), lit(tone, 0.5)
    for angle in np.arange(0, 360, 30) + start:
        ray = turned(np.array([(0, -0.4), (5, -1.06), (5, 0.26)]), float(angle), (0, -0.4))
        painter.flat(ray, pale)


def _lights(painter: Painter) -> None:
    dark = painter.rng.random() < 0.5
    tone = _tone(painter, 0.45, 0.45 if dark else 0.92)
    _fill(painter, tone, shaded(tone, 0.4))
    for x, y in _somewhere(painter, 16):
        size = float(painter.rng.uniform(0.08, 0.32))
        painter.canvas.drawCircle(
            x, y, size, paint(lit(_tone(painter, 0.4), 0.4), 0.32, blur=0.1 * size)
        )


def _bloom(painter: Painter) -> None:
    tone = _tone(painter, 0.14, 0.98)
    _fill(painter, tone, lit(tone, 0.6))
    petal = _tone(painter, 0.35)
    for x, y in _somewhere(painter, 11):
        size, turn = painter.rng.uniform(0.12, 0.3), painter.rng.uniform(0, 72)
        for step in range(5):
            leaf = turned(
                oval(x, y - size, 0.55 * size, 0.8 * size, steps=16), turn + 72 * step, (x, y)
            )
            painter.flat(leaf, petal, 0.55)
        painter.flat(oval(x, y, 0.3 * size, 0.3 * size, steps=14), hsv(48, 0.5, 0.95), 0.8)


def _daubs(painter: Painter) -> None:
    """Broad strokes of a few tones, one over another."""
    rng = painter.rng
    tone, other = _tone(painter, 0.34, 0.84), _tone(painter, 0.34, 0.88)
    _fill(painter, tone, shaded(tone, 0.3))
    slope = float(rng.uniform(-70, 70))
    for x, y in _somewhere(painter, 70):
        spine = spline([(-0.6, 0), (0, rng.normal(0, 0.12)), (0.6, 0)], steps=4)
        spine = moved(turned(spine, slope + float(rng.normal(0, 14))), x, y)
        wide, light = float(rng.uniform(0.2, 0.5)), float(rng.uniform(0, 0.35))
        colour = mix(mix(tone, other, float(rng.random())), WHITE, light)
        widths = profile(len(spine), (0, 0.7 * wide), (0.5, wide), (1, 0.5 * wide))
        painter.flat(ribbon(spine, widths), colour, 0.6)


def _paper(painter: Painter) -> None:
    _fill(painter, painter.palette.paper, painter.palette.paper)


def _wash(painter: Painter) -> None:
    """Wet colour spreading on white paper."""
    _paper(painter)
    rng = painter.rng
    first, second = _tone(painter, 0.35), _tone(painter, 0.35)
    for x, y in _somewhere(painter, 9):
        size = rng.uniform(0.7, 1.5)
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        reach = size * rng.uniform(0.75, 1.1, 12)
        blot = spline(
            np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1), closed=True
        )
        tone = first if rng.random() < 0.6 else second
        painter.flat(blot, tone, 0.34, blur=0.05)
        edge = paint(shaded(tone, 0.3), 0.2, blur=0.01)
        edge.setStyle(skia.Paint.kStroke_Style)
        edge.setStrokeWidth(0.04)
        painter.canvas.drawPath(path(blot), edge)


def _halves(painter: Painter) -> None:
    one, other = _tone(painter, 0.45), _tone(painter, 0.45)
    _fill(painter, one, one)
    slope = float(painter.rng.uniform(-2, 2))
    painter.flat(
        np.array([(slope, TOP), (RIGHT + 3, TOP), (RIGHT + 3, BOTTOM), (-slope, BOTTOM)]), other
    )


def _scribble(painter: Painter) -> None:
    """Crayon hatching on paper."""
    _paper(painter)
    brush = paint(_tone(painter, 0.5), 0.5)
    brush.setStyle(skia.Paint.kStroke_Style)
    brush.setStrokeWidth(0.05)
    for x in np.arange(LEFT - 3, RIGHT, 0.13):
        jitter = painter.rng.normal(0, 0.06, 4)
        painter.canvas.drawLine(
            float(x + jitter[0]),
            BOTTOM - 0.5 + float(jitter[1]),
            float(x + 3 + jitter[2]),
            TOP + 0.8 + float(jitter[3]),
            brush,
        )


def _pattern(painter: Painter, mark: Callable[[float, float], Any]) -> None:
    tone = _tone(painter, 0.22)
    _fill(painter, tone, tone)
    pale = paint(lit(tone, 0.7))
    for row, y in enumerate(np.arange(TOP, BOTTOM, 0.62)):
        for x in np.arange(LEFT + 0.31 * (row % 2), RIGHT, 0.62):
            painter.canvas.drawPath(path(mark(float(x), float(y))), pale)


def _checks(painter: Painter) -> None:
    _pattern(
        painter, lambda x, y: np.array([(x, y - 0.3), (x + 0.3, y), (x, y + 0.3), (x - 0.3, y)])
    )


def _dots(painter: Painter) -> None:
    _pattern(painter, lambda x, y: oval(x, y, 0.16, 0.16, steps=16))


def _bamboo(painter: Painter) -> None:
    """The bamboo grove that she guards."""
    rng = painter.rng
    green = hsv(rng.uniform(85, 150), rng.uniform(0.2, 0.4), rng.uniform(0.55, 0.95))
    _fill(painter, lit(green, 0.8), lit(green, 0.2))
    for x in np.arange(LEFT, RIGHT, 0.66) + rng.uniform(-0.2, 0.2, 9):
        wide, tone = float(rng.uniform(0.14, 0.34)), shaded(green, float(rng.uniform(0, 0.5)))
        for y in np.arange(TOP + rng.uniform(-0.9, 0), BOTTOM, 0.95):
            joint = np.array([(x, y), (x + wide, y), (x + wide, y + 0.91), (x, y + 0.91)])
            painter.flat(joint, tone, 0.8)
            painter.flat(joint * [1, 1] + [0.12 * wide, 0], lit(tone, 0.3), 0.35)


def _hearts(painter: Painter) -> None:
    angle = np.linspace(0, 2 * np.pi, 22)
    heart = np.stack(
        [16 * np.sin(angle) ** 3,
         -13 * np.cos(angle) + 5 * np.cos(2 * angle) + 2 * np.cos(3 * angle)], 1
    ) / 90  # fmt: skip
    _pattern(painter, lambda x, y: moved(heart, x, y))


_SCENES: dict[Scene, Callable[[Painter], None]] = {
    "plain": _plain, "gradient": _gradient, "sky": _sky, "night": _night, "moon": _moon,
    "dusk": _dusk, "rays": _rays, "lights": _lights, "bloom": _bloom, "daubs": _daubs,
    "paper": _paper, "wash": _wash, "halves": _halves, "scribble": _scribble,
    "checks": _checks, "dots": _dots, "hearts": _hearts, "bamboo": _bamboo,
}  # fmt: skip
