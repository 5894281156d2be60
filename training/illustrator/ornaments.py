"""Small things: what she wears in her hair, and a hand with what it holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.avatar.layout import HAND_AT, HAND_TURN, ORNAMENT_AT, ORNAMENT_TURN
from training.illustrator.colours import WHITE, Colour, hsv, mix, richer
from training.illustrator.curves import (
    Points,
    joined,
    moved,
    oval,
    profile,
    ribbon,
    spline,
    turned,
)
from training.illustrator.hair import half_width
from training.illustrator.renderer import Renderer
from training.illustrator.subject import Clothes, Gesture, Ornament, Subject

GOLD: Colour = hsv(44, 0.62, 1.0)
CARROT: Colour = hsv(24, 0.78, 0.98)
LEAF: Colour = hsv(120, 0.5, 0.72)


def draw_ornament(renderer: Renderer, subject: Subject) -> None:
    """Paint what she wears in her hair, above the near temple."""
    draw = _ORNAMENTS.get(subject.ornament)
    if draw is not None:
        renderer.canvas.save()
        across, down = ORNAMENT_AT
        renderer.canvas.translate(across * half_width(subject) + 0.06 * subject.yaw, down)
        renderer.canvas.rotate(ORNAMENT_TURN, 0, 0)
        draw(renderer)
        renderer.canvas.restore()


def _piece(renderer: Renderer, shape: Points, colour: Colour, weight: float = 0.6) -> None:
    """Paint one part with shadow and outline; small things need no texture."""
    renderer.fill(shape, colour, texture=False)
    renderer.shade_side(shape, colour, 0.03, 0.8)
    renderer.outline(shape, colour, weight)


def _crescent(renderer: Renderer) -> None:
    """Draw a golden moon."""
    angle = np.linspace(0.9, 5.4, 24)
    outer = np.stack([0.21 * np.cos(angle), 0.21 * np.sin(angle)], 1)
    inner = np.stack([0.075 + 0.155 * np.cos(angle[::-1]), 0.155 * np.sin(angle[::-1]) * 1.02], 1)
    _piece(renderer, joined(outer, inner), GOLD)
    renderer.flat(oval(-0.13, -0.06, 0.025, 0.04), mix(GOLD, WHITE, 0.8))


def _carrot(renderer: Renderer) -> None:
    """Draw a hair slide in the shape of a carrot."""
    for angle in (-32, 0, 32):
        leaf = turned(oval(0.0, -0.26, 0.042, 0.11, steps=14), angle, (0, -0.15))
        _piece(renderer, leaf, LEAF, 0.45)
    root = spline([(-0.1, -0.15), (0.0, -0.185), (0.1, -0.15), (0.055, 0.1), (0.0, 0.24),
                   (-0.055, 0.1)], closed=True)  # fmt: skip
    _piece(renderer, root, CARROT)
    for y, side in ((-0.05, -1), (0.05, 1)):
        renderer.line(
            spline([(side * 0.075, y), (side * 0.03, y + 0.012), (0.0, y + 0.008)]), CARROT, 0.8
        )


def _bow(renderer: Renderer) -> None:
    """Draw a ribbon."""
    colour = renderer.palette.accent
    for side in (-1, 1):
        tail = np.array([(0.02, 0.02), (0.2, 0.26), (0.1, 0.25), (-0.02, 0.08)]) * [side, 1]
        _piece(renderer, tail, colour, 0.5)
        wing = spline(
            [(0.03, 0), (0.2, -0.17), (0.3, -0.13), (0.29, 0.12), (0.18, 0.11)], closed=True
        )
        _piece(renderer, wing * [side, 1], colour)
        fold = spline([(0.06, 0), (0.14, -0.02), (0.2, -0.05)]) * [side, 1]
        renderer.line(fold, colour, 0.9)
    _piece(renderer, oval(0, 0, 0.06, 0.075), richer(colour, 1.05, 0.95))


def _flower(renderer: Renderer) -> None:
    """Draw a white flower with a warm heart."""
    petal = mix(renderer.palette.accent, WHITE, 0.72)
    for angle in range(0, 360, 72):
        _piece(renderer, turned(oval(0, -0.13, 0.085, 0.1, steps=16), angle), petal, 0.45)
    _piece(renderer, oval(0, 0, 0.06, 0.06), GOLD, 0.45)


def _pins(renderer: Renderer) -> None:
    """Draw two crossed hairpins."""
    colour = renderer.palette.accent
    for angle in (-38, 38):
        bar = ribbon(np.array([(-0.17, 0.0), (0.0, 0.0), (0.17, 0.0)]), 0.06)
        _piece(renderer, turned(bar, angle), colour, 0.5)


_ORNAMENTS: dict[Ornament, Callable[[Renderer], None]] = {
    Ornament.CRESCENT: _crescent,
    Ornament.CARROT: _carrot,
    Ornament.BOW: _bow,
    Ornament.FLOWER: _flower,
    Ornament.PINS: _pins,
}


# Hands


def draw_hand(renderer: Renderer, subject: Subject) -> None:
    """Paint the near hand, raised beside the chin, with its sleeve."""
    if subject.gesture is Gesture.NONE:
        return
    canvas = renderer.canvas
    canvas.save()
    canvas.translate(HAND_AT[0] + 0.1 * subject.yaw, HAND_AT[1])
    canvas.rotate(HAND_TURN, 0, 0)
    canvas.scale(0.92, 0.92)
    _draw_sleeve(renderer, subject)
    _HANDS[subject.gesture](renderer)
    canvas.restore()


def _draw_sleeve(renderer: Renderer, subject: Subject) -> None:
    palette = renderer.palette
    cloth = palette.jacket if subject.clothes in (Clothes.BLAZER, Clothes.HOOD) else palette.shirt
    if subject.clothes is Clothes.KIMONO:
        cloth = mix(palette.accent, palette.jacket, 0.25)
    sleeve = np.array([(-0.2, 0.3), (0.2, 0.28), (0.5, 1.4), (-0.16, 1.4)])
    _piece(renderer, sleeve, cloth, 0.9)
    cuff = np.array([(-0.22, 0.22), (0.21, 0.2), (0.23, 0.34), (-0.22, 0.36)])
    _piece(renderer, cuff, mix(palette.shirt, WHITE, 0.3), 0.8)


def _capsule(x: float, y: float, degrees: float, long: float, wide: float) -> Points:
    """Return a finger from its root (x, y); 0 degrees points up, positive leans right."""
    spine = np.linspace((0, 0), (0, -long), 12)
    widths = wide * profile(12, (0, 0.96), (0.5, 1.0), (0.84, 0.92), (0.95, 0.62), (1, 0.16))
    return moved(turned(ribbon(spine, widths), degrees), x, y)


_PALM = spline([(-0.17, 0.24), (-0.215, 0.0), (-0.17, -0.16), (0.02, -0.2), (0.18, -0.15),
                (0.205, 0.02), (0.16, 0.24)], closed=True)  # fmt: skip


def _flesh(renderer: Renderer, parts: list[Points]) -> None:
    """Paint parts of a hand as one: first the lines around all, then the skin over them."""
    skin = renderer.palette.skin
    for part in parts:
        renderer.outline(part, skin, 1.3)
    for part in parts:
        renderer.fill(part, skin, texture=False)
    for part in parts:
        renderer.shade_side(part, skin, 0.035, 0.8)


def _knuckles(renderer: Renderer, places: tuple[float, ...]) -> None:
    """Draw folded fingers: short lines that part them."""
    for x in places:
        renderer.line(spline([(x, -0.13), (x + 0.01, -0.04), (x - 0.005, 0.04)]),
                     renderer.palette.skin, 1.1, must=True)  # fmt: skip


def _peace(renderer: Renderer) -> None:
    """Draw two fingers up."""
    _flesh(renderer, [_capsule(-0.1, -0.08, -15, 0.52, 0.135), _capsule(0.05, -0.1, 13, 0.55, 0.14),
                     _PALM])  # fmt: skip
    _knuckles(renderer, (0.1,))
    thumb = spline([(-0.2, 0.1), (-0.1, 0.0), (0.03, -0.03), (0.07, 0.03), (-0.02, 0.1)])
    renderer.line(thumb, renderer.palette.skin, 1.1, must=True)


def _gun(renderer: Renderer) -> None:
    """Draw an aimed forefinger, the thumb up."""
    _flesh(
        renderer,
        [_capsule(-0.1, -0.05, -52, 0.56, 0.14), _capsule(0.06, -0.08, 8, 0.34, 0.14), _PALM],
    )
    _knuckles(renderer, (-0.07, 0.04))


def _fist(renderer: Renderer) -> None:
    """Draw a loose paw."""
    _flesh(renderer, [_PALM])
    _knuckles(renderer, (-0.08, 0.02, 0.11))
    renderer.line(
        spline([(-0.19, 0.06), (-0.1, 0.02), (-0.06, 0.08)]), renderer.palette.skin, 1.1, must=True
    )


def _dango(renderer: Renderer) -> None:
    """Draw a skewer of dumplings, held up."""
    stick = ribbon(np.linspace((0.0, 0.3), (-0.1, -0.95), 6), 0.035)
    _piece(renderer, stick, hsv(34, 0.4, 0.8), 0.4)
    for step, colour in (
        (0.0, hsv(345, 0.3, 1.0)),
        (0.24, hsv(45, 0.08, 1.0)),
        (0.48, hsv(95, 0.35, 0.82)),
    ):
        _piece(renderer, oval(-0.085 + 0.03 * step, -0.84 + step, 0.135, 0.125), colour, 0.7)
        renderer.flat(oval(-0.13 + 0.03 * step, -0.88 + step, 0.03, 0.022), WHITE, 0.9)
    _fist(renderer)


def _carrot_held(renderer: Renderer) -> None:
    """Draw a carrot, held by its greens."""
    canvas = renderer.canvas
    canvas.save()
    canvas.translate(-0.06, -0.42)
    canvas.rotate(168, 0, 0)
    canvas.scale(1.9, 1.9)
    _carrot(renderer)
    canvas.restore()
    _fist(renderer)


_HANDS: dict[Gesture, Callable[[Renderer], None]] = {
    Gesture.PEACE: _peace,
    Gesture.GUN: _gun,
    Gesture.FIST: _fist,
    Gesture.DANGO: _dango,
    Gesture.CARROT: _carrot_held,
}
