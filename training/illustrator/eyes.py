"""Eyes and brows. An eye is drawn in its own frame: u from the inner (-1) to the outer corner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia

from ml.avatar.eyes import BROW, BROW_ABOVE, LIDS, LIDS_MEET, SHUT
from training.illustrator.colours import WHITE, Colour, argb, mix, paint, richer
from training.illustrator.curves import (
    Points,
    joined,
    moved,
    normals,
    oval,
    path,
    profile,
    ribbon,
    spline,
)
from training.illustrator.renderer import Renderer
from training.illustrator.styles import Ink, Shading
from training.illustrator.subject import Subject


@dataclass(frozen=True)
class Eye:
    """Where one eye is; lengths in heads."""

    side: int  # -1 the far one, 1 the near one
    x: float
    y: float
    width: float  # half
    height: float  # half
    slant: float
    open: float  # 1 is wide awake, 0 shut
    lids: str

    def place(self, points: Points | list[tuple[float, float]]) -> Points:
        """Return points of the eye's own frame on the head."""
        own = np.asarray(points, np.float64)
        x = self.x + self.side * own[:, 0] * self.width
        y = self.y + own[:, 1] * self.height - 0.16 * self.slant * self.height * own[:, 0]
        return np.stack([x, y], 1)

    @property
    def upper(self) -> Points:
        """The line of the upper lid, from the inner to the outer corner."""
        knots = np.array(LIDS[self.lids][0])
        knots[1:-1, 1] = LIDS_MEET + (knots[1:-1, 1] - LIDS_MEET) * self.open
        return spline(self.place(knots))

    @property
    def lower(self) -> Points:
        """The line of the lower lid, from the outer to the inner corner."""
        return spline(self.place(np.array(LIDS[self.lids][1])))


def eyes_of(subject: Subject) -> tuple[Eye, Eye]:
    """Return the far and the near eye: alike, but for what the turn of the head makes of them."""
    yaw, apart = subject.yaw, subject.eye_apart
    far = -apart * (1 - 0.15 * yaw) - 0.13 * yaw
    return (
        _eye(subject, -1, far, 1 - 0.2 * yaw, subject.expression.open[0]),
        _eye(subject, 1, apart - 0.21 * yaw, 1 - 0.02 * yaw, subject.expression.open[1]),
    )


def _eye(subject: Subject, side: int, x: float, narrow: float, opened: float) -> Eye:
    return Eye(
        side=side,
        x=x,
        y=0.05 * subject.nod,
        width=subject.eye_width * narrow,
        height=subject.eye_height,
        slant=subject.eye_slant,
        open=opened,
        lids=subject.lids,
    )


def draw_eyes(renderer: Renderer, subject: Subject) -> None:
    """Draw both eyes without their brows."""
    for eye in eyes_of(subject):
        if eye.open < SHUT:
            _draw_shut(renderer, subject, eye)
        else:
            _draw_open(renderer, subject, eye)


def draw_brows(renderer: Renderer, subject: Subject) -> None:
    """Draw both brows; they lie over the hair, as is the custom."""
    mood = subject.expression
    thick = 0.036 + 0.5 * renderer.inner + (0.014 if renderer.style.line.ink is Ink.NONE else 0)
    colour = mix(renderer.ink_for(renderer.palette.hair), renderer.palette.hair, 0.12)
    for eye in eyes_of(subject):
        lift = BROW_ABOVE[0] * eye.height + BROW_ABOVE[1] + mood.brow_lift
        inner = 0.1 * mood.brow_slant
        spine = spline(eye_row(eye, [(u, down - lift + inner * more) for u, down, more in BROW]))
        widths = profile(
            len(spine),
            (0, 0.2 * thick),
            (0.2, 0.9 * thick),
            (0.4, thick),
            (0.75, 0.65 * thick),
            (1, 0),
        )
        renderer.flat(ribbon(spine, widths), colour, 0.95)


def eye_row(eye: Eye, points: list[tuple[float, float]]) -> Points:
    """Return points at u across the eye and y heads below its middle."""
    own = np.array(points)
    return np.stack([eye.x + eye.side * own[:, 0] * eye.width, eye.y + own[:, 1]], 1)


def _lash_colour(renderer: Renderer) -> Colour:
    ink = renderer.style.line.ink
    if ink is Ink.PLUM:
        return mix(renderer.palette.ink, richer(renderer.palette.iris, 1.0, 0.4), 0.5)
    if ink in (Ink.TINTED, Ink.NONE):
        return mix((0.16, 0.07, 0.14), richer(renderer.palette.iris, 1, 0.35), 0.3)
    return mix(renderer.palette.ink, (0.25, 0.05, 0.1), 0.2)


def _draw_shut(renderer: Renderer, subject: Subject, eye: Eye) -> None:
    """Paint a closed eye: an arch when she is merry, else lashes lying down."""
    merry = subject.expression.merry
    if merry:
        knots = [(-1.0, 0.58), (-0.62, 0.12), (-0.05, -0.08), (0.55, 0.14), (1.08, 0.66)]
    else:
        knots = [(-1.0, 0.3), (-0.45, 0.62), (0.2, 0.68), (0.75, 0.5), (1.1, 0.2)]
    spine = spline(eye.place(knots))
    thick = 1.7 * max(0.07, renderer.style.eye.lash)
    widths = thick * profile(len(spine), (0, 0.1), (0.3, 0.75), (0.65, 1.0), (1, 0))
    colour = _lash_colour(renderer)
    renderer.flat(ribbon(spine, widths), colour)
    for share, down in ((0.72, 0.55), (0.86, 0.8)):
        root = spine[int(share * (len(spine) - 1))]
        tip = moved(root, eye.side * 0.11, (0.03 if merry else 0.09) * down)
        renderer.flat(_spike(root, tip, 0.4 * thick), colour)
    if renderer.style.eye.crease and not merry:
        renderer.line(spline(eye.place([(-0.7, -0.2), (0.0, -0.42), (0.8, -0.1)])),
                     renderer.palette.skin, 0.7)  # fmt: skip


def _spike(root: Points, tip: Points, width: float) -> Points:
    """Return a single lash, curved a little."""
    middle = (root + tip) / 2 + [0, 0.012]
    return ribbon(np.stack([root, middle, tip]), np.array([width, 0.6 * width, 0]))


def _draw_open(renderer: Renderer, subject: Subject, eye: Eye) -> None:
    upper, lower = eye.upper, eye.lower
    opening = joined(upper, lower[1:])
    palette = renderer.palette
    white = mix(mix(WHITE, palette.shirt, 0.7), palette.shaded(palette.skin, 0.6), 0.1)
    if subject.expression.glow:
        white = mix(white, (0.72, 0.2, 0.3), 0.55)
    if subject.expression.glow:
        _draw_gloom(renderer, eye)
    renderer.flat(opening, white)
    with renderer.within(opening):
        lid = joined(upper, moved(upper[::-1], 0, 0.3 * eye.height))
        renderer.flat(lid, palette.shaded(mix(white, palette.skin, 0.3), 0.9), 0.85,
                     blur=0.4 * renderer.soft)  # fmt: skip
        disc = disc_of(renderer, subject, eye)
        _IRISES[renderer.style.eye.iris](renderer, disc)
        if subject.expression.glow:
            _draw_lunatic(renderer, disc)
        lid = joined(upper, moved(upper[::-1], 0, 0.2 * eye.height))
        renderer.flat(lid, _lash_colour(renderer), 0.38, blur=0.5 * renderer.soft)
    _draw_lashes(renderer, eye, upper, lower)
    _draw_lights(renderer, disc, eye)
    if subject.expression.glow:
        _draw_glow(renderer, eye)


# The lashes


def _draw_lashes(renderer: Renderer, eye: Eye, upper: Points, lower: Points) -> None:
    recipe, colour = renderer.style.eye, _lash_colour(renderer)
    thick = recipe.lash * (0.55 + 0.45 * min(1.0, eye.open + 0.2))
    renderer.flat(_lash_shape(eye, upper, thick, recipe.wing), colour)
    count = len(upper)
    for number in range(recipe.spikes):
        share = 0.95 - 0.13 * number
        root = upper[int(share * (count - 1))] - [0, 0.3 * thick]
        reach = 0.13 - 0.02 * number
        tip = moved(root, eye.side * reach * (1 - 0.15 * number), -(0.035 + 0.04 * number))
        renderer.flat(_spike(root, tip, 0.55 * thick), colour)
    if recipe.under:
        part = lower[: int(0.5 * len(lower))]
        widths = profile(len(part), (0, 0.5), (0.4, 0.34), (1, 0)) * thick * recipe.under * 1.6
        renderer.flat(ribbon(part, widths), colour, 0.9)
    if renderer.shading is not Shading.FLAT:
        rest = lower[int(0.5 * len(lower)) :]
        renderer.flat(ribbon(rest, 0.012), mix(colour, renderer.palette.skin, 0.5), 0.7)
    if recipe.crease and eye.open > 0.3:
        part = upper[int(0.18 * count) : int(0.9 * count)]
        crease = part - [0, thick + 0.045]
        renderer.line(crease, renderer.palette.skin, 0.75)


def _lash_shape(eye: Eye, upper: Points, thick: float, wing: float) -> Points:
    """Return the upper lash: thin at the inner corner, heavy and winged at the outer one."""
    count = len(upper)
    out = -normals(upper) * eye.side  # away from the eye
    out *= np.sign(-(out @ np.array([0, 1.0])).sum() or 1.0)
    widths = profile(count, (0, 0.12), (0.2, 0.5), (0.5, 0.8), (0.85, 1.0), (1, 0.75)) * thick
    top = upper + out * widths[:, None]
    tip = upper[-1] + [eye.side * wing * eye.width, -0.12 * eye.height - 0.2 * thick]
    low = upper[int(0.9 * count)] + [0, 0.15 * thick]
    inner = upper
    return joined(top[:-2], tip[None], low[None] + 0, inner[: int(0.9 * count)][::-1])


# The iris


@dataclass(frozen=True)
class Disc:
    """An iris: middle and half-axes, in heads."""

    x: float
    y: float
    wide: float
    tall: float
    side: int

    def oval(self, wide: float, tall: float, x: float = 0.0, y: float = 0.0) -> Points:
        """Return an ellipse inside it; all in its own half-axes."""
        return oval(self.x + x * self.wide, self.y + y * self.tall, wide * self.wide,
                    tall * self.tall)  # fmt: skip


def disc_of(renderer: Renderer, subject: Subject, eye: Eye) -> Disc:
    """Return where the iris is: she looks where her gaze goes."""
    size = subject.expression.iris
    wide = renderer.style.eye.iris_width * eye.width * size
    tall = min(1.06 * eye.height, 1.6 * wide) * (size if size < 0.9 else 1.0)
    x = eye.x + (subject.gaze[0] - 0.02 - 0.07 * eye.side) * eye.width
    sink = 0.05 if eye.open > 0.7 else 0.2
    return Disc(x, eye.y + (sink + subject.gaze[1]) * eye.height, wide, tall, eye.side)


def _tones(renderer: Renderer) -> tuple[Colour, Colour, Colour, Colour]:
    """Return the iris's darkest, dark, own and bright tone."""
    iris = renderer.palette.iris
    bright = mix(richer(iris, 0.8, 1.25), (1.0, 0.72, 0.5), 0.42)
    return (
        mix(richer(iris, 1.0, 0.2), (0.1, 0.0, 0.12), 0.35),
        richer(iris, 1.05, 0.5),
        iris,
        bright,
    )


def _vertical(disc: Disc, *stops: tuple[float, Colour]) -> skia.Paint:
    brush = paint(WHITE)
    top, bottom = disc.y - disc.tall, disc.y + disc.tall
    brush.setShader(
        skia.GradientShader.MakeLinear(
            points=[skia.Point(0, top), skia.Point(0, bottom)],
            colors=[argb(colour) for _, colour in stops],
            positions=[place for place, _ in stops],
        )
    )
    return brush


def _draw(renderer: Renderer, shape: Points, brush: Any) -> None:
    renderer.canvas.drawPath(path(shape), brush)


def _gradient(renderer: Renderer, disc: Disc) -> None:
    """Paint it dark above, bright below, with a soft pupil."""
    darkest, dark, iris, bright = _tones(renderer)
    renderer.flat(disc.oval(1, 1), dark)
    _draw(renderer, disc.oval(0.92, 0.95), _vertical(disc, (0.0, dark), (0.5, iris), (1.0, bright)))
    renderer.flat(disc.oval(0.34, 0.4, 0, 0.0), darkest, 0.92, blur=0.008)
    renderer.flat(disc.oval(0.5, 0.24, 0, 0.6), mix(bright, WHITE, 0.3), 0.6, blur=0.02)


def _jewel(renderer: Renderer, disc: Disc) -> None:
    """Paint many layers: rim, deep upper half, facets, a glow that gathers below."""
    darkest, dark, iris, bright = _tones(renderer)
    renderer.flat(disc.oval(1, 1), darkest)
    _draw(renderer, disc.oval(0.9, 0.93),
          _vertical(disc, (0.05, darkest), (0.38, dark), (0.66, iris), (1.0, bright)))  # fmt: skip
    renderer.flat(disc.oval(0.66, 0.34, 0, 0.52), bright, 0.75, blur=0.03)
    renderer.flat(disc.oval(0.42, 0.46, 0, 0.02), darkest)
    renderer.flat(disc.oval(0.24, 0.2, 0, 0.22), richer(iris, 1, 0.8), 0.75, blur=0.012)
    for x, y, size in ((-0.5, 0.5, 0.1), (0.0, 0.76, 0.13), (0.46, 0.56, 0.1)):
        renderer.flat(disc.oval(size, 0.75 * size, x, y), mix(bright, WHITE, 0.6), 0.85)


def _layered(renderer: Renderer, disc: Disc) -> None:
    """Paint hard steps, as on film: rim, dark crescent, own tone, bright crescent."""
    darkest, dark, iris, bright = _tones(renderer)
    renderer.flat(disc.oval(1, 1), darkest)
    inside = disc.oval(0.86, 0.91)
    renderer.flat(inside, iris)
    with renderer.within(inside):
        renderer.flat(disc.oval(1.05, 0.95, 0, -0.5), dark)
        renderer.flat(disc.oval(0.7, 0.4, 0, 0.82), bright)
    renderer.flat(disc.oval(0.36, 0.44, 0, -0.02), darkest)


def _plain(renderer: Renderer, disc: Disc) -> None:
    """Paint one tone with a darker upper half."""
    darkest, dark, iris, bright = _tones(renderer)
    renderer.flat(disc.oval(1, 1), dark)
    renderer.flat(disc.oval(0.88, 0.92), iris)
    renderer.flat(disc.oval(0.9, 0.6, 0, -0.5), dark, 0.8, blur=0.04)
    renderer.flat(disc.oval(0.5, 0.22, 0, 0.62), bright, 0.7, blur=0.02)
    renderer.flat(disc.oval(0.34, 0.4), darkest)


def _flat_disc(renderer: Renderer, disc: Disc) -> None:
    """Paint two areas of colour."""
    darkest, dark, iris, _ = _tones(renderer)
    shape = disc.oval(1, 1)
    renderer.flat(shape, iris)
    with renderer.within(shape):
        renderer.flat(disc.oval(1.2, 0.75, 0, -0.65), mix(dark, darkest, 0.5))
    renderer.flat(disc.oval(0.3, 0.36, 0, 0.02), darkest)


def _bead(renderer: Renderer, disc: Disc) -> None:
    """Paint a big bead: dark above, coloured below, as small figures have."""
    darkest, dark, iris, bright = _tones(renderer)
    renderer.flat(disc.oval(1, 1), darkest)
    inside = disc.oval(0.84, 0.9)
    stops = ((0.0, darkest), (0.34, darkest), (0.48, dark), (0.62, iris), (0.75, iris))
    _draw(renderer, inside, _vertical(disc, *stops, (1.0, bright)))
    with renderer.within(inside):
        renderer.flat(disc.oval(0.62, 0.3, 0, 0.78), bright)


_IRISES: dict[str, Callable[[Renderer, Disc], None]] = {
    "gradient": _gradient,
    "jewel": _jewel,
    "layered": _layered,
    "plain": _plain,
    "disc": _flat_disc,
    "bead": _bead,
}


def _draw_lights(renderer: Renderer, disc: Disc, eye: Eye) -> None:
    """Put the lights on the eye; a half-shut one keeps only what the lid leaves free."""
    if renderer.style.eye.lights == "none":
        return
    renderer.canvas.save()
    if eye.open < 0.9:
        renderer.canvas.clipPath(path(joined(eye.upper, eye.lower[1:])), doAntiAlias=True)
    x = 0.42 if renderer.light > 0 else -0.42
    y = -0.42 if eye.open > 0.7 else -0.05
    for shape in _LIGHTS[renderer.style.eye.lights](disc, x, y):
        renderer.flat(shape, WHITE, 0.97)
    renderer.canvas.restore()


def _star(disc: Disc, x: float, y: float, size: float) -> Points:
    angle = np.arange(8) * np.pi / 4
    reach = np.where(np.arange(8) % 2, 0.3, 1.0) * size
    own = np.stack([np.cos(angle) * reach * disc.wide, np.sin(angle) * reach * disc.wide], 1)
    return moved(own, disc.x + x * disc.wide, disc.y + y * disc.tall)


_LIGHTS: dict[str, Callable[[Disc, float, float], list[Points]]] = {
    "one": lambda disc, x, y: [disc.oval(0.3, 0.24, x, y)],
    "two": lambda disc, x, y: [disc.oval(0.33, 0.25, x, y), disc.oval(0.14, 0.12, -0.9 * x, 0.5)],
    "pair": lambda disc, x, y: [
        disc.oval(0.27, 0.21, x, y), disc.oval(0.13, 0.1, 0.45 * x, y + 0.36)],
    "star": lambda disc, x, y: [
        disc.oval(0.34, 0.26, x, y), disc.oval(0.1, 0.08, x, 0.3),
        _star(disc, -0.8 * x, 0.34, 0.3)],
    "bar": lambda disc, x, y: [disc.oval(0.26, 0.17, x, y + 0.06)],
}  # fmt: skip


# Lunacy


def _draw_lunatic(renderer: Renderer, disc: Disc) -> None:
    """Paint rings of light in the iris: the eyes of lunacy."""
    hot, pale = (1.0, 0.1, 0.14), (1.0, 0.78, 0.7)
    renderer.flat(disc.oval(1, 1), (0.5, 0.0, 0.06))
    brush = _vertical(disc, (0.0, (0.78, 0.0, 0.08)), (0.6, hot), (1.0, (1.0, 0.45, 0.35)))
    _draw(renderer, disc.oval(0.9, 0.93), brush)
    for size, colour in ((0.7, pale), (0.58, (0.86, 0.02, 0.1)), (0.4, pale), (0.28, hot)):
        renderer.flat(disc.oval(size, size), colour, 0.9)
    renderer.flat(disc.oval(0.12, 0.14), (0.3, 0.0, 0.04))


def _draw_gloom(renderer: Renderer, eye: Eye) -> None:
    """Darken the skin around a glowing eye."""
    dark = renderer.palette.shaded(renderer.palette.skin, 1.0)
    shape = oval(eye.x, eye.y - 0.35 * eye.height, 1.25 * eye.width, 1.2 * eye.height)
    renderer.flat(shape, dark, 0.7, blur=0.1)


def _draw_glow(renderer: Renderer, eye: Eye) -> None:
    for size, alpha, blur in ((0.95, 0.5, 0.13), (0.55, 0.5, 0.06)):
        brush = paint((1.0, 0.1, 0.15), alpha, blur=blur)
        brush.setBlendMode(skia.BlendMode.kScreen)
        shape = oval(eye.x, eye.y, size * eye.width, 0.9 * size * eye.height)
        renderer.canvas.drawPath(path(shape), brush)
