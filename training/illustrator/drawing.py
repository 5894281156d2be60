"""One drawing, layer upon layer, from the seed to the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from ml.avatar.conditioned import paper_noise
from training.illustrator.cap import (
    cap_of,
    draw_cap,
    draw_over_lock,
    draw_shadow_on_face,
)
from training.illustrator.clothes import draw_behind, draw_clothes
from training.illustrator.colours import Colour, Palette, hsv, mix, richer, times
from training.illustrator.ears import draw_ears, ears_of
from training.illustrator.eyes import draw_brows, draw_eyes, eyes_of
from training.illustrator.hair import draw_ahoge, draw_back, draw_locks
from training.illustrator.head import (
    draw_blush,
    draw_face,
    draw_mouth,
    draw_neck,
    draw_nose,
    mouth_at,
)
from training.illustrator.ornaments import draw_hand, draw_ornament
from training.illustrator.renderer import Renderer
from training.illustrator.scenes import draw_foreground, draw_scene, scheme_of
from training.illustrator.styles import STYLES, Edge, Ink, Style, style_named
from training.illustrator.subject import Ears, Mood, Scene, Subject, sit

EYES_AT = 0.625  # height of the line of the eyes in the frame, from the top

Point = tuple[float, float]


@dataclass(frozen=True)
class Facts:
    """What a drawing knows of itself; lengths are shares of its side, x to the right, y down."""

    seed: int
    style: str
    mood: Mood
    ears: Ears
    scene: Scene
    eyes: tuple[Point, Point]  # middles, the left one in the picture first
    eye_sizes: tuple[Point, Point]  # width and height from corner to corner, were they wide open
    eyes_open: tuple[float, float]  # 1 is wide awake, 0 shut
    mouth: Point
    ear_roots: tuple[Point, Point]
    ear_tips: tuple[Point, Point]


@dataclass(frozen=True)
class Drawing:
    """Pixels (side, side, 3), red, green and blue, and what they show."""

    pixels: NDArray[np.uint8]
    facts: Facts


def illustrate(
    seed: int,
    side: int = 512,
    *,
    style: str | None = None,
    mood: Mood | None = None,
    ears: Ears | None = None,
    scene: Scene | None = None,
) -> Drawing:
    """Draw Reisen's face with its ears, cropped square.

    The same seed gives the same bytes on the same machine; another `side` gives the same drawing
    larger or smaller. Every choice that is given replaces the seed's own and leaves the rest: the
    same seed in another mood is the same girl.

    Args:
        seed: 0 or more; decides all that is not given.
        side: of the picture, in pixels.
        style: one of `STYLE_NAMES`, in whatever case.
        mood: her expression.
        ears: how the ears stand.
        scene: where she is.

    Raises:
        KeyError: there is no style of that name.
    """
    chosen, subject = _sitting(seed, style, mood, ears, scene)
    palette = mix_palette(seed, chosen, subject)
    frame = _Frame.of(side, chosen, subject)
    pixels = np.zeros((side, side, 4), np.uint8)
    with skia.Surface(pixels) as canvas:
        renderer = Renderer(canvas, chosen, palette, subject.light, seed)
        frame.apply(canvas)
        renderer.begin(1)
        draw_scene(renderer, subject)
        _draw_figure(renderer, subject)
        renderer.begin(9)
        draw_foreground(renderer, subject)
    picture = _on_paper(pixels[..., :3], chosen)
    return Drawing(picture, _facts(seed, chosen, subject, frame))


def silhouette(
    seed: int, side: int, *, style: str | None = None, scene: Scene | None = None
) -> NDArray[np.float32]:
    """Return how much of each pixel (side, side) she covers in `illustrate`, 0 to 1."""
    chosen, subject = _sitting(seed, style, None, None, scene)
    pixels = np.zeros((side, side, 4), np.uint8)
    with skia.Surface(pixels) as canvas:
        palette = mix_palette(seed, chosen, subject)
        renderer = Renderer(canvas, chosen, palette, subject.light, seed)
        _Frame.of(side, chosen, subject).apply(canvas)
        _draw_figure(renderer, subject)
    return np.asarray(pixels[..., 3] / 255, np.float32)


def _sitting(
    seed: int, style: str | None, mood: Mood | None, ears: Ears | None, scene: Scene | None
) -> tuple[Style, Subject]:
    drawn = STYLES[int(np.random.default_rng([seed, 0]).integers(len(STYLES)))]
    chosen = drawn if style is None else style_named(style)
    return chosen, sit(seed, chosen, mood, ears, scene)


def draw(seed: int, side: int = 256, style: str | None = None) -> NDArray[np.uint8]:
    """Return only the pixels (side, side, 3) of `illustrate`."""
    return illustrate(seed, side, style=style).pixels


@dataclass(frozen=True)
class _Frame:
    """Where the head is in the picture."""

    side: int  # px
    unit: float  # px in a head
    x: float  # px, of the place between the eyes
    y: float
    facing: int
    tilt: float

    @classmethod
    def of(cls, side: int, style: Style, subject: Subject) -> _Frame:
        unit = side / style.heads_across * subject.zoom
        high = 0.35 * (0.98 - subject.chin)  # short faces sit lower, so that all are centred
        mirror = -subject.facing
        x = 0.5 + mirror * (0.1 * subject.yaw + 0.004 * subject.tilt) * unit / side
        return cls(side, unit, x * side, side * EYES_AT + high * unit, subject.facing, subject.tilt)

    def apply(self, canvas: Any) -> None:
        """Let the canvas be measured in heads, mirrored where she looks to the right."""
        canvas.translate(self.x, self.y)
        canvas.scale(-self.facing * self.unit, self.unit)

    def place(self, points: Any) -> tuple[Point, ...]:
        """Return points of the tilted head as shares of the picture."""
        angle = np.radians(self.tilt)
        own = np.asarray(points, np.float64).reshape(-1, 2) - _NECK
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        placed = (own @ turn + _NECK) * [-self.facing * self.unit, self.unit] + [self.x, self.y]
        return tuple((float(x), float(y)) for x, y in placed / self.side)


_NECK = np.array([0.05, 0.95])  # what the head tilts about


def _draw_figure(renderer: Renderer, subject: Subject) -> None:
    canvas = renderer.canvas
    canvas.saveLayer(None, _edge(renderer))
    renderer.begin(2)
    with _tilted(canvas, 0.6 * subject.tilt):
        draw_back(renderer, subject)
    renderer.begin(3)
    with _raised(canvas, subject):
        draw_behind(renderer, subject)
        draw_neck(renderer, subject)
        draw_clothes(renderer, subject)
    with _tilted(canvas, subject.tilt):
        _draw_head(renderer, subject)
    with _raised(canvas, subject):
        draw_hand(renderer, subject)
    canvas.restore()


def _draw_head(renderer: Renderer, subject: Subject) -> None:
    renderer.begin(4)
    draw_ears(renderer, subject)
    renderer.begin(5)
    cap = cap_of(subject, renderer.rng)
    draw_face(renderer, subject)
    draw_shadow_on_face(renderer, subject, cap)
    draw_blush(renderer, subject)
    draw_nose(renderer, subject)
    draw_mouth(renderer, subject)
    draw_eyes(renderer, subject)
    renderer.begin(6)
    draw_locks(renderer, subject)
    renderer.begin(7)
    draw_ahoge(renderer, subject)
    draw_cap(renderer, subject, cap)
    draw_over_lock(renderer, cap)
    draw_brows(renderer, subject)
    renderer.begin(8)
    draw_ornament(renderer, subject)


@contextmanager
def _tilted(canvas: Any, degrees: float) -> Iterator[None]:
    """Turn the canvas about the neck for a while."""
    canvas.save()
    canvas.rotate(degrees, *_NECK.tolist())
    yield
    canvas.restore()


@contextmanager
def _raised(canvas: Any, subject: Subject) -> Iterator[None]:
    """Lift the body of a short face for a while, so that necks stay alike."""
    canvas.save()
    canvas.translate(0, 0.85 * (subject.chin - 1.0))
    yield
    canvas.restore()


_AROUND = [(np.cos(angle), np.sin(angle)) for angle in np.arange(12) * np.pi / 6]


def _edge(renderer: Renderer) -> Any:
    """Return the paint that puts a style's edge around the whole figure."""
    filters, edge = skia.ImageFilters, renderer.style.edge
    if edge is Edge.STICKER:
        white = skia.ColorFilters.Blend(skia.ColorWHITE, skia.BlendMode.kSrcIn)
        around = [filters.ColorFilter(white, filters.Offset(0.08 * x, 0.08 * y, None))
                  for x, y in _AROUND]  # fmt: skip
        return skia.Paint(ImageFilter=filters.Merge([*around, None]))
    if edge is Edge.CUT:
        shadow = skia.Color4f(*times(renderer.palette.sky, (0.3, 0.25, 0.4)), 0.5).toColor()
        return skia.Paint(ImageFilter=filters.DropShadow(0.06, 0.08, 0.025, 0.025, shadow, None))
    if edge is Edge.HALO:
        light = skia.Color4f(*renderer.palette.rim, 0.6).toColor()
        return skia.Paint(ImageFilter=filters.DropShadow(0, 0, 0.14, 0.14, light, None))
    return skia.Paint()


_INKS: dict[Ink, Colour] = {
    Ink.BLACK: (0.08, 0.06, 0.1),
    Ink.BROWN: (0.34, 0.22, 0.22),
    Ink.PLUM: (0.36, 0.16, 0.36),
    Ink.TINTED: (0.17, 0.09, 0.2),
    Ink.NONE: (0.17, 0.09, 0.2),
}


def mix_palette(seed: int, style: Style, subject: Subject) -> Palette:
    """Return colours that were chosen together: the scene's light falls on all of them."""
    rng = np.random.default_rng([seed, 10])
    scheme = scheme_of(subject.scene, style, np.random.default_rng([seed, 11]))
    hair = style.hair.pick(rng)
    other = hsv(float(rng.choice([320, 205, 285])), 0.24, 1.0)
    jackets = (hsv(228, 0.45, 0.34), hsv(252, 0.34, 0.34), hsv(218, 0.5, 0.46),
               hsv(285, 0.25, 0.28), hsv(345, 0.5, 0.4), hsv(30, 0.32, 0.62))  # fmt: skip
    accents = (hsv(45, 0.7, 0.98), hsv(350, 0.62, 0.92), hsv(28, 0.75, 0.97), hsv(165, 0.42, 0.82),
               hsv(205, 0.5, 0.92))  # fmt: skip
    fur = hsv(float(rng.choice([35, 330, 270])), float(rng.uniform(0.0, 0.05)), 0.99)
    if rng.random() < 0.18:  # some draw the ears in a paler tone of the hair
        fur = mix(hair, (1, 1, 1), 0.62)
    pink = hsv(float(rng.uniform(342, 360)), float(rng.uniform(0.3, 0.46)), 0.97)
    light, skin = scheme.light, style.skin.pick(rng)

    def seen(colour: Colour) -> Colour:
        return times(colour, light)

    return Palette(
        hair=seen(hair),
        hair_tips=seen(mix(hair, times(other, (1.0, 1.0, 1.0)), 0.7 * style.gradient)),
        skin=richer(mix(skin, seen(skin), 0.4), 1.0, 1.04),
        iris=style.iris.pick(rng),
        ear=seen(fur),
        inner_ear=seen(pink),
        jacket=seen(jackets[int(rng.integers(len(jackets)))]),
        shirt=seen(hsv(float(rng.choice([220, 40])), float(rng.uniform(0.0, 0.04)), 0.99)),
        tie=seen(hsv(float(rng.uniform(346, 362)), float(rng.uniform(0.7, 0.86)), 0.86)),
        accent=seen(accents[int(rng.integers(len(accents)))]),
        ink=_INKS[style.line.ink],
        paper=hsv(float(rng.uniform(34, 50)), float(rng.uniform(0.01, 0.05)), 0.99),
        shadow=style.shadow.pick(rng),
        rim=scheme.rim,
        sky=scheme.sky,
        ground=scheme.ground,
    )


def _facts(seed: int, style: Style, subject: Subject, frame: _Frame) -> Facts:
    """Return what is where; the left one in the picture comes first."""
    eyes, ears = eyes_of(subject), ears_of(subject)
    order = (0, 1) if subject.facing < 0 else (1, 0)
    scale = 2 * frame.unit / frame.side
    middles = frame.place([(eyes[at].x, eyes[at].y) for at in order])
    roots = frame.place([ears[at].root for at in order])
    tips = frame.place([ears[at].tip for at in order])
    sizes = tuple((scale * eyes[at].width, scale * eyes[at].height) for at in order)
    return Facts(
        seed=seed,
        style=style.name,
        mood=subject.mood,
        ears=subject.ears,
        scene=subject.scene,
        eyes=(middles[0], middles[1]),
        eye_sizes=(sizes[0], sizes[1]),
        eyes_open=(eyes[order[0]].open, eyes[order[1]].open),
        mouth=frame.place([mouth_at(subject)])[0],
        ear_roots=(roots[0], roots[1]),
        ear_tips=(tips[0], tips[1]),
    )


def _on_paper(picture: NDArray[np.uint8], style: Style) -> NDArray[np.uint8]:
    """Return the picture (side, side, 3) on this style's paper, with its grain."""
    if not (style.grain or style.paper):
        return np.ascontiguousarray(picture)
    shift = _grain(len(picture), style.grain, style.paper)
    return np.asarray(np.clip(picture + shift[..., None], 0, 255), np.uint8)


@lru_cache(maxsize=16)
def _grain(side: int, grain: float, paper: float) -> NDArray[np.int16]:
    """Return what a sheet of paper (side, side) adds to each pixel, in 255ths."""
    noise, tooth = paper_noise(side)
    shift = 255 * grain * noise - 255 * paper * np.clip(0.25 + 0.13 * tooth, 0, 1)
    return np.asarray(np.round(shift), np.int16)
