"""Where she is: a backdrop in few tones, the light it throws on her, and what falls before her.

Things lie where `ml.avatar.scenery` says, so that a decoder can be told.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skia

from ml.avatar import scenery
from training.illustrator.colours import (
    WHITE,
    Colour,
    argb,
    brightness,
    hsv,
    mix,
    paint,
    richer,
    times,
)
from training.illustrator.curves import Points, moved, oval, profile, ribbon, spline, turned
from training.illustrator.renderer import Renderer
from training.illustrator.styles import Shading, Style
from training.illustrator.subject import Fringe, Ornament, Scene, Subject

WIDE, HIGH, LOW = 2.6, -3.0, 2.2  # a little more than the frame, in heads


@dataclass(frozen=True)
class Scheme:
    """The colours of a scene."""

    sky: Colour
    ground: Colour
    light: Colour  # what it multiplies her own colours with
    rim: Colour


_DAY: Colour = (1.0, 1.0, 1.0)

# Per scene: hue, saturation and value of both colours, the light on her, the rim.
_SCHEMES: dict[
    Scene, tuple[tuple[float, float, float], tuple[float, float, float], Colour, Colour]
] = {
    Scene.SKY: ((206, 0.5, 0.97), (196, 0.16, 1.0), _DAY, (0.9, 0.97, 1.0)),
    Scene.DUSK: ((268, 0.4, 0.66), (24, 0.56, 1.0), (1.0, 0.93, 0.9), (1.0, 0.74, 0.45)),
    Scene.MOON: ((238, 0.62, 0.3), (262, 0.5, 0.46), (0.92, 0.92, 1.0), (0.85, 0.9, 1.0)),
    Scene.BAMBOO: ((150, 0.34, 0.62), (88, 0.26, 0.95), (0.985, 1.0, 0.985), (0.92, 1.0, 0.75)),
    Scene.BLOSSOM: ((204, 0.22, 0.98), (340, 0.2, 1.0), (1.0, 0.985, 0.99), (1.0, 0.86, 0.92)),
    Scene.MAPLE: ((36, 0.4, 0.99), (14, 0.55, 0.93), (1.0, 0.965, 0.93), (1.0, 0.86, 0.5)),
    Scene.SNOW: ((214, 0.22, 0.88), (220, 0.06, 0.99), (0.965, 0.98, 1.0), (0.93, 0.98, 1.0)),
    Scene.LIGHTS: ((252, 0.52, 0.34), (310, 0.46, 0.52), (0.98, 0.93, 0.98), (1.0, 0.66, 0.8)),
}
# Backdrops of one colour: hue, saturation, value. Those that stand well behind lavender.
_CARDS = ((48, 0.42, 1.0), (165, 0.3, 0.9), (345, 0.3, 0.99), (205, 0.34, 0.97),
          (24, 0.36, 1.0), (262, 0.14, 0.98), (190, 0.42, 0.84), (330, 0.16, 1.0),
          (240, 0.5, 0.5), (225, 0.12, 0.93), (352, 0.62, 0.86), (84, 0.28, 0.92))  # fmt: skip


def scheme_of(scene: Scene, style: Style, rng: np.random.Generator) -> Scheme:
    """Return the scene's colours, as this style mutes them."""
    if scene in _SCHEMES:
        one, two, light, rim = _SCHEMES[scene]
        shift = float(rng.normal(0, 6))
        sky, ground = hsv(one[0] + shift, *one[1:]), hsv(two[0] + shift, *two[1:])
    else:
        hue, saturation, value = _CARDS[int(rng.integers(len(_CARDS)))]
        sky = hsv(hue + float(rng.normal(0, 5)), saturation, value)
        ground = mix(sky, WHITE, 0.45) if rng.random() < 0.6 else richer(sky, 1.25, 0.9)
        light, rim = _DAY, mix(sky, WHITE, 0.6)
    return _muted(Scheme(sky, ground, light, rim), scene, style)


def _muted(scheme: Scheme, scene: Scene, style: Style) -> Scheme:
    sky, ground, light = scheme.sky, scheme.ground, scheme.light
    if style.leaves_white:
        paper = (0.985, 0.98, 0.97)
        return Scheme(mix(sky, paper, 0.5), mix(ground, paper, 0.7), _DAY, scheme.rim)
    if style.backdrop == "pale":
        night = 0.12 if scene in (Scene.MOON, Scene.LIGHTS) else 0.3
        sky = richer(mix(sky, WHITE, night), 1.3)
        ground = richer(mix(ground, WHITE, 1.3 * night), 1.3)
        return Scheme(sky, ground, light, scheme.rim)
    if style.backdrop == "dark":
        cold = (0.88, 0.88, 1.0)
        dark = (0.1, 0.08, 0.24)
        bright = mix(scheme.rim, (0.72, 0.84, 1.0), 0.4)
        sky, ground = (mix(richer(each, 1.7, 0.45), dark, 0.38) for each in (sky, ground))
        return Scheme(sky, ground, times(light, cold), bright)
    return scheme


def draw_scene(renderer: Renderer, subject: Subject) -> None:
    """Paint what lies behind her."""
    _SCENES[subject.scene](renderer, subject)


def draw_foreground(renderer: Renderer, subject: Subject) -> None:
    """Paint what falls before her: little, and mostly at the rims."""
    if subject.scene in _FALLING:
        fall, count, size = _FALLING[subject.scene]
        for thing in _things(subject, count)[:_FALLEN]:
            if abs(thing.x) > 0.9 or thing.y > 0.9:
                fall(renderer, thing, size * thing.size)


def _fill(renderer: Renderer, top: Colour, bottom: Colour | None = None) -> None:
    brush = paint(top)
    if bottom is not None:
        stops = [top, bottom]
        brush.setShader(
            skia.GradientShader.MakeLinear(
                points=[skia.Point(0, -2.6), skia.Point(0, 1.6)],
                colors=[argb(colour) for colour in stops],
            )
        )
    renderer.canvas.drawRect(skia.Rect(-2 * WIDE, HIGH, 2 * WIDE, LOW), brush)
    if renderer.shading in (Shading.WASH, Shading.BRUSH):
        _wash(renderer, top, bottom or top)
    elif renderer.shading is Shading.PAINTED:
        _daub(renderer)


def _wash(renderer: Renderer, top: Colour, bottom: Colour) -> None:
    """Leave paper white at the rims, and clouds of pigment."""
    paper = renderer.palette.paper
    veil = 0.82 if renderer.shading is Shading.BRUSH else 0.1 + 0.3 * brightness(top) ** 2
    renderer.canvas.drawRect(skia.Rect(-2 * WIDE, HIGH, 2 * WIDE, LOW), paint(paper, veil))
    rng = renderer.habit()
    for _ in range(9):
        x, y = float(rng.uniform(-2, 2)), float(rng.uniform(-2.4, 1.4))
        tone = mix(top, bottom, (y + 2.4) / 3.8)
        size = float(rng.uniform(0.3, 0.9))
        colour = tone if rng.random() < 0.65 else paper
        renderer.pool(x, y, 1.15 * size, colour, 0.35)


def _daub(renderer: Renderer) -> None:
    """Go over the backdrop with a broad brush."""
    rng = renderer.habit()
    for _ in range(34):
        x, y = float(rng.uniform(-2.2, 2.2)), float(rng.uniform(-2.6, 1.6))
        tone = mix(renderer.palette.sky, renderer.palette.ground, float(rng.random()))
        spine = turned([(x - 0.5, y), (x, y + rng.normal(0, 0.06)), (x + 0.5, y)],
                       float(rng.normal(-25, 16)), (x, y))  # fmt: skip
        renderer.flat(ribbon(spline(spine, steps=4), float(rng.uniform(0.1, 0.24))), tone, 0.35)


@dataclass(frozen=True)
class _Thing:
    """A thing of a scene: where it lies, in heads; size and kind as shares; turn in radians."""

    x: float
    y: float
    share: float
    turn: float

    @property
    def size(self) -> float:
        """Size of a petal, in heads."""
        return scenery.thing_size(self.share)

    @property
    def degrees(self) -> float:
        """The turn, in degrees."""
        return float(np.degrees(self.turn))


def _things(subject: Subject, count: int) -> list[_Thing]:
    """Return things spread over the frame, where the decoder is told that they are."""
    along, down = _shift(subject)
    return [
        _Thing(scenery.wrapped(x + along), scenery.wrapped(y + down) + scenery.MIDDLE, share, turn)
        for x, y, share, turn in scenery.spread(count).tolist()
    ]


def _shift(subject: Subject) -> tuple[float, float]:
    return scenery.shift(subject.wind, subject.zoom, subject.light, subject.nod)


def _orb(subject: Subject, steps: int) -> tuple[Points, float, float, float]:
    """Return the outline of what shines behind her, its middle and its radius."""
    x, y, radius = scenery.orb(subject.scene.value, subject.wind, subject.nod)
    return oval(x, y, radius, radius, steps=steps), x, y, radius


def _plain(renderer: Renderer, subject: Subject) -> None:
    """Paint one colour; often a second area of it behind her head, to suit her fringe."""
    palette = renderer.palette
    part = scenery.PLAIN_PARTS[list(Fringe).index(subject.fringe)]
    disc, *_ = _orb(subject, 72)
    if renderer.style.leaves_white:
        _fill(renderer, palette.paper)
        if part != "whole":
            renderer.flat(disc, palette.sky, 0.55 if renderer.shading is Shading.BRUSH else 0.85)
    elif part == "whole":
        _fill(renderer, palette.sky)
    elif part == "disc":
        _fill(renderer, palette.sky)
        renderer.flat(disc, palette.ground)
    elif part == "fade":
        _fill(renderer, palette.sky, palette.ground)
    else:
        _fill(renderer, palette.sky)
        half = np.array([(-2 * WIDE, LOW), (-2 * WIDE, 1.6), (2 * WIDE, -2.1), (2 * WIDE, LOW)])
        renderer.flat(half, palette.ground)


def _pattern(renderer: Renderer, subject: Subject) -> None:
    """Paint stripes, or rows of what suits her hair ornament, in two tones close together."""
    palette = renderer.palette
    back = palette.sky
    mark = mix(back, WHITE, 0.42) if sum(back) < 2.6 else richer(back, 1.6, 0.95)
    _fill(renderer, back)
    along, down = _shift(subject)
    pitch, shape = scenery.PITCH, _MARKS.get(subject.ornament)
    if shape is None:
        lean, high = scenery.STRIPE_LEAN, scenery.MIDDLE + down
        first = along + math.ceil((-2 * WIDE - along) / pitch) * pitch
        for x in np.arange(first, 2 * WIDE, pitch):
            upper, lower = x + lean * (high - HIGH), x + lean * (high - LOW)
            half = pitch / 2
            stripe = [(upper, HIGH), (upper + half, HIGH), (lower + half, LOW), (lower, LOW)]
            renderer.flat(np.array(stripe), mark)
        return
    high = scenery.MIDDLE + down
    for row in range(math.ceil((HIGH - high) / scenery.ROW), int((LOW - high) / scenery.ROW) + 1):
        first = along + (row % 2) * pitch / 2
        for at in range(math.ceil((-WIDE - first) / pitch), int((WIDE - first) / pitch) + 1):
            shape(renderer, first + at * pitch, high + row * scenery.ROW, 0.24 * pitch, mark)


def _dot(renderer: Renderer, x: float, y: float, size: float, colour: Colour) -> None:
    renderer.flat(oval(x, y, 0.75 * size, 0.75 * size, steps=18), colour)


def _heart(renderer: Renderer, x: float, y: float, size: float, colour: Colour) -> None:
    own = [
        (0, 0.9),
        (-0.85, 0.0),
        (-0.72, -0.7),
        (-0.2, -0.68),
        (0, -0.3),
        (0.2, -0.68),
        (0.72, -0.7),
        (0.85, 0.0),
    ]
    renderer.flat(spline(np.array(own) * size + [x, y], closed=True, steps=4), colour)


def _carrot(renderer: Renderer, x: float, y: float, size: float, colour: Colour) -> None:
    own = spline(
        np.array([(-0.42, -0.5), (0.0, -0.7), (0.42, -0.5), (0.0, 1.1)]) * size,
        closed=True,
        steps=4,
    )
    renderer.flat(moved(turned(own, 25), x, y), colour)
    for angle in (-15, 25, 65):
        leaf = oval(0, -1.05 * size, 0.16 * size, 0.42 * size, steps=12)
        renderer.flat(moved(turned(leaf, angle), x, y), colour)


def _star(renderer: Renderer, x: float, y: float, size: float, colour: Colour) -> None:
    angle = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 0.45, 1.0) * size
    renderer.flat(np.stack([x + reach * np.sin(angle), y - reach * np.cos(angle)], 1), colour)


def _sky(renderer: Renderer, subject: Subject) -> None:
    """Paint a summer sky with heaped clouds."""
    palette = renderer.palette
    _fill(renderer, palette.sky, palette.ground)
    for x, y, size in scenery.CLOUDS:
        drift = scenery.CLOUD_DRIFT
        _cloud(renderer, x + drift * subject.wind, y + drift * subject.nod, size)


def _cloud(renderer: Renderer, x: float, y: float, size: float) -> None:
    night = brightness(renderer.palette.sky) < 0.4
    white = mix(WHITE, renderer.palette.ground, 0.7 if night else 0.08)
    dark = mix(renderer.palette.sky, WHITE, 0.12 if night else 0.55)
    for colour, down in ((dark, 0.07), (white, 0.0)):
        for at, radius in scenery.PUFFS:
            high = y - size * (0.5 * radius - down)
            puff = oval(x + size * at, high, size * radius, size * radius)
            renderer.flat(puff, colour, blur=0.7 * renderer.soft)
        base = oval(x, y + size * (0.1 + down), size * 0.95, size * 0.2)
        renderer.flat(base, colour, blur=0.7 * renderer.soft)


def _dusk(renderer: Renderer, subject: Subject) -> None:
    """Paint a sun that sets behind long clouds."""
    palette = renderer.palette
    _fill(renderer, palette.sky, palette.ground)
    disc, x, y, radius = _orb(subject, 50)
    sun = mix(palette.ground, (1.0, 0.95, 0.75), 0.6)
    renderer.pool(x, y, 1.6 * radius, sun, 0.45)
    renderer.flat(disc, sun)
    for each in _things(subject, scenery.STREAKS):
        left, high = each.x - 0.85, each.y
        spine = spline([(left, high), (left + 0.7, high - 0.03), (left + 1.7, high + 0.02)])
        streak = ribbon(spine, profile(len(spine), (0, 0), (0.4, 0.13), (0.7, 0.09), (1, 0)))
        renderer.flat(
            streak, mix(palette.sky, palette.ground, 0.62), 0.75, blur=0.5 * renderer.soft
        )


def _moon(renderer: Renderer, subject: Subject) -> None:
    """Paint a great moon behind her, stars around."""
    palette = renderer.palette
    _fill(renderer, palette.sky, palette.ground)
    for star in _things(subject, scenery.STARS):
        _star(renderer, star.x, star.y, 0.32 * star.size, mix(palette.sky, WHITE, 0.75))
    disc, x, y, size = _orb(subject, 72)
    colours = [hsv(48, 0.25, 1.0), hsv(44, 0.45, 1.0), hsv(210, 0.1, 1.0), hsv(352, 0.62, 0.9)]
    moon = colours[list(Fringe).index(subject.fringe) % scenery.MOONS]
    if subject.expression.glow:
        moon = colours[scenery.RED_MOON]
    if renderer.shading is Shading.BRUSH:
        moon = mix(moon, renderer.palette.paper, 0.2)
    renderer.pool(x, y, 1.4 * size, moon, 0.4)
    renderer.flat(disc, moon)
    with renderer.within(disc):
        for angle, way, share in _SPOTS:
            far, spot = way * size, share * size
            renderer.flat(oval(x + far * np.cos(angle), y + far * np.sin(angle), spot, 0.85 * spot),
                         richer(moon, 1.25, 0.94), 0.8, blur=0.4 * renderer.soft)  # fmt: skip


def _bamboo(renderer: Renderer, subject: Subject) -> None:
    """Paint bamboo in haze, the nearer the darker."""
    palette = renderer.palette
    _fill(renderer, palette.ground, mix(palette.sky, palette.ground, 0.5))
    along, _ = _shift(subject)
    for depth, at, lean, wide, step, first in scenery.stalks().tolist():
        tone = mix(palette.ground, palette.sky, depth)
        x = scenery.wrapped(at + depth * along, scenery.STALK_TILE)
        top, end = scenery.MIDDLE - scenery.TILE / 2, scenery.MIDDLE + scenery.TILE / 2
        renderer.flat(
            ribbon(np.array([(x, top), (x + lean, end)]), wide), tone, blur=0.3 * renderer.soft
        )
        for y in scenery.MIDDLE + np.arange(first - 3 * step * 2, 3, step):
            middle = x + lean * ((y - scenery.MIDDLE) / scenery.TILE + 0.5)
            renderer.flat(oval(middle, y, 0.62 * wide, 0.035, steps=12), richer(tone, 1.1, 0.86))
        side = x - 0.2 * wide
        light = ribbon(np.array([(side, top), (side + lean, end)]), 0.18 * wide)
        renderer.flat(light, mix(tone, WHITE, 0.3), 0.7)
    for each in _things(subject, scenery.LEAVES):
        if each.y < -0.4:
            colour = mix(palette.sky, (0.2, 0.4, 0.25), 0.25)
            _blade(renderer, each.x, each.y, 4.2 * each.size, -1 if each.share < 0.5 else 1, colour)


def _blade(renderer: Renderer, x: float, y: float, long: float, way: int, colour: Colour) -> None:
    """Paint a leaf of bamboo, hanging."""
    spine = spline(
        [(x, y), (x + 0.35 * long * way, y + 0.35 * long), (x + 0.5 * long * way, y + long)]
    )
    renderer.flat(ribbon(spine, profile(len(spine), (0, 0.0), (0.35, 0.11), (1, 0))), colour)


def _blossom(renderer: Renderer, subject: Subject) -> None:
    """Paint cherry branches against a pale sky."""
    palette = renderer.palette
    _fill(renderer, palette.sky, palette.ground)
    for side, high in scenery.BRANCHES:
        knots = [
            (side * x, high + y + scenery.BRANCH_SWAY * subject.nod) for x, y in scenery.BRANCH
        ]
        spine = spline(knots)
        renderer.flat(ribbon(spine, np.linspace(0.16, 0.03, len(spine))), hsv(340, 0.3, 0.5))
    for x, y, size, turn in scenery.flowers(subject.nod).tolist():
        _flower(renderer, x, y, size, float(np.degrees(turn)))
    for petal in _things(subject, scenery.LEAVES):
        _petal(renderer, petal, petal.size)


def _flower(renderer: Renderer, x: float, y: float, size: float, turn: float) -> None:
    tone = mix(hsv(344, 0.24, 1.0), WHITE, (turn / 120) % 0.5)
    for angle in range(5):
        leaf = moved(oval(0, -0.62 * size, 0.4 * size, 0.46 * size, steps=12), x, y)
        renderer.flat(turned(leaf, turn + 72 * angle, (x, y)), tone)
    renderer.flat(oval(x, y, 0.18 * size, 0.18 * size, steps=10), hsv(345, 0.6, 0.86))


def _petal(renderer: Renderer, petal: _Thing, size: float) -> None:
    own = spline(
        [(0, 1), (-0.55, 0.1), (-0.35, -0.8), (0, -0.55), (0.35, -0.8), (0.55, 0.1)],
        closed=True,
        steps=3,
    )
    shape = moved(turned(own * size, petal.degrees), petal.x, petal.y)
    renderer.flat(shape, hsv(344, 0.2 + 0.14 * petal.share, 1.0))


def _maple(renderer: Renderer, subject: Subject) -> None:
    """Paint autumn: warm haze and red leaves."""
    palette, rng = renderer.palette, renderer.habit()
    _fill(renderer, palette.sky, mix(palette.ground, palette.sky, 0.3))
    for _ in range(8):
        x, y, size = (
            float(rng.uniform(-2, 2)),
            float(rng.uniform(-2.4, 1.4)),
            float(rng.uniform(0.25, 0.6)),
        )
        renderer.pool(x, y, size, mix(palette.ground, palette.sky, 0.45), 0.5)
    for leaf in _things(subject, scenery.LEAVES):
        _leaf(renderer, leaf, 1.7 * leaf.size)


def _leaf(renderer: Renderer, leaf: _Thing, size: float) -> None:
    angle = np.radians(
        np.array([0, 24, 52, 78, 108, 132, 160, 180, 200, 228, 252, 282, 308, 336]) - 0
    )
    reach = (
        np.array([1.0, 0.42, 0.92, 0.36, 0.8, 0.3, 0.5, 0.18, 0.5, 0.3, 0.8, 0.36, 0.92, 0.42])
        * size
    )
    own = np.stack([reach * np.sin(angle), -reach * np.cos(angle)], 1)
    tone = hsv(2 + 32 * leaf.share, 0.75, 0.92)
    renderer.flat(moved(turned(own, leaf.degrees), leaf.x, leaf.y), tone)


def _snow(renderer: Renderer, subject: Subject) -> None:
    """Paint soft hills under falling snow."""
    palette = renderer.palette
    _fill(renderer, palette.sky, mix(palette.sky, palette.ground, 0.5))
    for number, y in enumerate((0.1, 0.6, 1.1)):
        left, right = (y - 0.3 + 0.2 * way * subject.wind for way in (-1, 1))
        hill = spline([(-2 * WIDE, LOW), (-2 * WIDE, y), (-1.2, left), (0.2, y + 0.1), (1.4, right),
                       (2 * WIDE, y), (2 * WIDE, LOW)])  # fmt: skip
        renderer.flat(hill, mix(palette.sky, palette.ground, 0.45 + 0.25 * number))
    for flake in _things(subject, scenery.FLAKES):
        _flake(renderer, flake, 0.42 * flake.size)


def _flake(renderer: Renderer, flake: _Thing, size: float) -> None:
    renderer.pool(flake.x, flake.y, 1.3 * size, WHITE, 0.95)


def _lights(renderer: Renderer, subject: Subject) -> None:
    """Paint the lights of a festival, out of focus."""
    palette = renderer.palette
    _fill(renderer, palette.sky, palette.ground)
    for light in _things(subject, scenery.LIGHTS):
        size = scenery.light_radius(light.share)
        hue = (38, 20, 345, 300, 205)[int(5 * light.turn / (2 * math.pi))]
        disc = oval(light.x, light.y, size, size, steps=24)
        renderer.flat(disc, hsv(hue, 0.45, 1.0), 0.6 - 0.35 * light.share)


_SCENES: dict[Scene, Callable[[Renderer, Subject], None]] = {
    Scene.PLAIN: _plain,
    Scene.PATTERN: _pattern,
    Scene.SKY: _sky,
    Scene.DUSK: _dusk,
    Scene.MOON: _moon,
    Scene.BAMBOO: _bamboo,
    Scene.BLOSSOM: _blossom,
    Scene.MAPLE: _maple,
    Scene.SNOW: _snow,
    Scene.LIGHTS: _lights,
}
_FALLING: dict[Scene, tuple[Callable[[Renderer, _Thing, float], None], int, float]] = {
    Scene.BLOSSOM: (_petal, scenery.LEAVES, 1.5),
    Scene.MAPLE: (_leaf, scenery.LEAVES, 1.9),
    Scene.SNOW: (_flake, scenery.FLAKES, 0.75),
}  # how it is painted, of how many things, how large
_FALLEN = 6  # of them lie before her
_SPOTS = ((0.4, 0.62, 0.2), (1.9, 0.45, 0.13), (2.9, 0.74, 0.24), (4.1, 0.5, 0.16), (5.4, 0.8, 0.1))
# Angle, distance from the middle and size of the moon's spots, the lengths in radii.
_MARKS = {
    Ornament.NONE: _dot, Ornament.CRESCENT: _star, Ornament.CARROT: _carrot, Ornament.BOW: _heart,
}  # fmt: skip  # what a pattern shows, by ornament; none: stripes
