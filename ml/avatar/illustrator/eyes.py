"""Eyes and brows. An eye is drawn in its own frame: u from the inner (-1) to the outer corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia

from ml.avatar.illustrator.colours import WHITE, Colour, deepened, lit, mix, paint, shaded
from ml.avatar.illustrator.curves import Points, joined, oval, path, profile, ribbon, spline
from ml.avatar.illustrator.hands import Ink, Iris, Manner
from ml.avatar.illustrator.painter import Painter
from ml.avatar.illustrator.subject import Lids, Mouth, Subject

OPENNESS = {Lids.NARROW: 0.5, Lids.WIDE: 1.13, Lids.GLOWING: 1.0}
FAR = 0.2  # how much narrower the far eye of a fully turned head is


@dataclass(frozen=True)
class Eye:
    """Where one eye is; lengths in heads."""

    side: int  # -1 in the left of the picture, 1 in the right
    x: float
    y: float
    width: float  # half
    height: float  # half
    slant: float
    open: float

    def place(self, *points: tuple[float, float]) -> Points:
        """Return points of the eye's own frame on the head."""
        own = np.array(points, np.float64)
        x = self.x + self.side * own[:, 0] * self.width
        y = self.y + own[:, 1] * self.height + 0.2 * self.slant * self.height * own[:, 0]
        return np.stack([x, y], 1)

    @property
    def upper(self) -> Points:
        """The line of the upper lid, from the inner to the outer corner."""
        up = self.open
        return spline(
            self.place(
                (-1, 0.5), (-0.72, 0.3 - 0.75 * up), (-0.1, -0.98 * up), (0.55, 0.1 - 0.88 * up),
                (1, 0.28),
            )
        )  # fmt: skip

    @property
    def lower(self) -> Points:
        """The line of the lower lid, from the outer to the inner corner."""
        return spline(self.place((1, 0.28), (0.72, 0.84), (0.05, 1.0), (-0.6, 0.9), (-1, 0.5)))


def eyes_of(subject: Subject) -> tuple[Eye, Eye]:
    """Return both eyes: alike, but for what the turn of the head makes of them."""
    return _eye(subject, -1), _eye(subject, 1)


def draw_eyes(painter: Painter, subject: Subject) -> None:
    """Draw both eyes without their brows."""
    for eye in eyes_of(subject):
        shut = subject.lids is Lids.CLOSED or (
            subject.lids is Lids.WINK and subject.winks == eye.side
        )
        if shut:
            _draw_shut(painter, subject, eye)
        else:
            _draw_open(painter, subject, eye)


def draw_brows(painter: Painter, subject: Subject) -> None:
    """Draw both brows."""
    thick = 0.05 if painter.hand.line.ink is Ink.NONE else 0.035
    for eye in eyes_of(subject):
        lift = eye.height + 0.17 + (0.06 if subject.lids is Lids.WIDE else 0)
        inner = 0.11 * subject.brow
        spine = spline(
            [
                (eye.x - eye.side * eye.width * 0.85, eye.y - lift + inner),
                (eye.x + eye.side * eye.width * 0.1, eye.y - lift - 0.07),
                (eye.x + eye.side * eye.width * 1.05, eye.y - lift + 0.05 - 0.4 * inner),
            ]
        )
        widths = profile(len(spine), (0, 0.7 * thick), (0.35, thick), (1, 0.15 * thick))
        painter.flat(ribbon(spine, widths), shaded(painter.palette.hair, 1.15), 0.9)


def _eye(subject: Subject, side: int) -> Eye:
    far = max(0.0, side * subject.turn)
    narrow = 1 - FAR * far
    return Eye(
        side=side,
        x=0.2 * subject.turn + side * subject.eye_apart * (1 - 0.16 * far),
        y=0.0,
        width=subject.eye_width * narrow,
        height=subject.eye_height,
        slant=subject.eye_slant,
        open=OPENNESS.get(subject.lids, 1.0),
    )


def _lash_colour(painter: Painter) -> Colour:
    return mix(painter.palette.ink, deepened(painter.palette.iris, 1.2), 0.12)


def _draw_shut(painter: Painter, subject: Subject, eye: Eye) -> None:
    """A closed eye: an arch when she is merry, else lashes lying down."""
    merry = subject.mouth in (Mouth.SMILE, Mouth.OPEN, Mouth.GRIN, Mouth.CAT)
    if merry:
        spine = spline(eye.place((-1, 0.55), (-0.45, 0.08), (0.2, 0.0), (1.05, 0.6)))
    else:
        spine = spline(eye.place((-1, 0.35), (-0.4, 0.66), (0.3, 0.66), (1.05, 0.25)))
    thick = 0.8 * painter.hand.lash
    widths = profile(len(spine), (0, 0.3 * thick), (0.5, thick), (0.8, thick), (1, 0.1 * thick))
    painter.flat(ribbon(spine, widths), _lash_colour(painter))
    for u in (0.55, 0.8):
        root = spine[int(u * (len(spine) - 1))]
        tip = root + [eye.side * 0.1, 0.02 if merry else 0.09]
        painter.flat(_spike(root, tip, 0.5 * thick), _lash_colour(painter))


def _spike(root: Points, tip: Points, width: float) -> Points:
    return ribbon(np.stack([root, (root + tip) / 2, tip]), np.array([width, 0.7 * width, 0]))


def _draw_open(painter: Painter, subject: Subject, eye: Eye) -> None:
    upper, lower = eye.upper, eye.lower
    opening = joined(upper, lower[1:])
    painter.flat(opening, mix(WHITE, painter.palette.skin, 0.1))
    with painter.within(opening):
        _draw_iris(painter, subject, eye)
        shadow = joined(upper, upper[::-1] + [0, 0.16 * eye.height])
        painter.flat(shadow, shaded(painter.palette.skin, 1.2), 0.45)
    _draw_lashes(painter, eye, upper, lower)
    if subject.lids is Lids.GLOWING:
        _draw_glow(painter, eye)


def _draw_lashes(painter: Painter, eye: Eye, upper: Points, lower: Points) -> None:
    thick, colour = painter.hand.lash, _lash_colour(painter)
    wing = eye.place((1.22, 0.02 + 0.1 * eye.open))
    spine = spline(np.vstack([upper[:-2:4], wing]), steps=4)
    widths = profile(
        len(spine), (0, 0.25 * thick), (0.3, 0.75 * thick), (0.75, thick), (1, 0.05 * thick)
    )
    painter.flat(ribbon(spine, widths), colour)
    if painter.hand.iris in (Iris.JEWEL, Iris.TALL, Iris.GRADIENT):
        for share, reach in ((0.62, 0.09), (0.78, 0.12)):
            root = upper[int(share * (len(upper) - 1))]
            painter.flat(
                _spike(root, root + [eye.side * reach, -0.55 * reach], 0.6 * thick), colour
            )
    under = lower[: len(lower) * 2 // 3]
    thin = profile(len(under), (0, 0.35 * thick), (0.5, 0.28 * thick), (1, 0.0))
    painter.flat(ribbon(under, thin), colour, 0.85)
    if painter.hand.manner not in (Manner.FLAT, Manner.PENCIL):
        crease = upper[len(upper) // 4 : -3] - [0, 0.085 + 0.5 * thick]
        painter.line(crease, painter.palette.skin, 0.55)


def _draw_iris(painter: Painter, subject: Subject, eye: Eye) -> None:
    colour, kind = painter.palette.iris, painter.hand.iris
    tall = 0.93 * eye.height
    wide = min(0.74 * eye.width, 0.86 * tall) * (1.0 if kind is not Iris.TALL else 0.92)
    if subject.lids is Lids.WIDE:
        tall, wide = 0.85 * tall, 0.85 * wide
    x = eye.x + subject.gaze[0] * eye.width + 0.1 * subject.turn * eye.width
    y = eye.y + (0.06 + subject.gaze[1]) * eye.height
    disc = oval(x, y, wide, tall)
    top, bottom = _iris_tones(kind, colour)
    if subject.lids is Lids.GLOWING:
        top, bottom = deepened(colour, 0.35), mix(lit(colour, 0.5), (1, 0.5, 0.4), 0.4)
    brush = paint(colour)
    brush.setShader(
        skia.GradientShader.MakeLinear(
            points=[(x, y - tall), (x, y + tall)],
            colors=[skia.Color4f(*tone, 1).toColor() for tone in (top, colour, bottom)],
            positions=[0.1, 0.55, 1.0],
        )
    )
    painter.canvas.drawPath(path(disc), brush)
    with painter.within(disc):
        _IRISES[kind](painter, x, y, wide, tall)
    rim = paint(shaded(deepened(colour, 1.0), 0.6), 0.9)
    rim.setStyle(skia.Paint.kStroke_Style)
    rim.setStrokeWidth(0.024)
    painter.canvas.drawPath(path(disc), rim)
    if subject.lids is Lids.GLOWING:
        _draw_rings(painter, x, y, wide, tall)
    else:
        _draw_lights(painter, x, y, wide, tall)


def _iris_tones(kind: Iris, colour: Colour) -> tuple[Colour, Colour]:
    if kind in (Iris.PLAIN, Iris.RING):
        return colour, colour
    return deepened(colour, 1.0), lit(mix(colour, (1, 0.55, 0.5), 0.25), 0.35)


def _gradient(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    colour = painter.palette.iris
    glow = oval(x, y + 0.62 * tall, 0.62 * wide, 0.3 * tall)
    painter.flat(glow, lit(colour, 0.75), 0.6, blur=0.02)
    painter.flat(oval(x, y - 0.05 * tall, 0.42 * wide, 0.45 * tall), deepened(colour, 1.6))


def _jewel(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    colour = painter.palette.iris
    for angle in np.radians(np.arange(20, 175, 14)):
        out = np.array([np.cos(angle) * wide, np.sin(angle) * tall])
        ray = np.stack([[x, y] + 0.5 * out, [x, y] + 0.75 * out, [x, y] + 0.97 * out])
        painter.flat(ribbon(ray, np.array([0.004, 0.016, 0.022])), lit(colour, 0.8), 0.55)
    glow = oval(x, y + 0.6 * tall, 0.6 * wide, 0.3 * tall)
    painter.flat(glow, mix(lit(colour, 0.9), (1, 0.7, 0.6), 0.4), 0.65, blur=0.02)
    painter.flat(oval(x, y - 0.02, 0.4 * wide, 0.42 * tall), deepened(colour, 1.6))


def _ring(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    colour = painter.palette.iris
    painter.flat(oval(x, y, 0.74 * wide, 0.74 * tall), lit(colour, 0.3))
    painter.flat(oval(x, y, 0.6 * wide, 0.6 * tall), deepened(colour, 1.0))
    painter.flat(oval(x, y + 0.02, 0.34 * wide, 0.36 * tall), deepened(colour, 1.8))


def _plain(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    colour = painter.palette.iris
    painter.flat(oval(x, y - 0.95 * tall, 1.4 * wide, 0.95 * tall), deepened(colour, 0.75))
    painter.flat(oval(x, y + 0.05 * tall, 0.32 * wide, 0.36 * tall), deepened(colour, 1.5))


def _tall(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    colour = painter.palette.iris
    painter.flat(oval(x, y - 0.9 * tall, 1.3 * wide, 0.95 * tall), deepened(colour, 1.1))
    painter.flat(oval(x, y + 0.75 * tall, 0.8 * wide, 0.4 * tall), lit(colour, 0.6))
    painter.flat(oval(x, y + 0.02, 0.36 * wide, 0.52 * tall), deepened(colour, 1.8))


_IRISES = {
    Iris.GRADIENT: _gradient,
    Iris.JEWEL: _jewel,
    Iris.RING: _ring,
    Iris.PLAIN: _plain,
    Iris.TALL: _tall,
}


def _draw_lights(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    """The lights lie towards the lamp in both eyes."""
    side = 1 if painter.light > 0 else -1
    kind = painter.hand.iris
    large = 0.36 if kind is Iris.TALL else 0.3
    high = 1.5 if kind is Iris.TALL else 1.0
    painter.flat(
        oval(x + side * 0.4 * wide, y - 0.45 * tall, large * wide, high * large * tall), WHITE
    )
    if kind in (Iris.GRADIENT, Iris.JEWEL, Iris.TALL):
        painter.flat(
            oval(x - side * 0.42 * wide, y + 0.45 * tall, 0.16 * wide, 0.13 * tall), WHITE, 0.95
        )
    if kind is Iris.JEWEL:
        painter.flat(
            oval(x + side * 0.1 * wide, y + 0.72 * tall, 0.09 * wide, 0.07 * tall), WHITE, 0.9
        )


def _draw_rings(painter: Painter, x: float, y: float, wide: float, tall: float) -> None:
    for share in (0.3, 0.62):
        brush = paint((1.0, 0.8, 0.72), 0.85)
        brush.setStyle(skia.Paint.kStroke_Style)
        brush.setStrokeWidth(0.022)
        painter.canvas.drawPath(path(oval(x, y, share * wide, share * tall)), brush)


def _draw_glow(painter: Painter, eye: Eye) -> None:
    brush = paint((1.0, 0.12, 0.16), 0.5, blur=0.11)
    brush.setBlendMode(skia.BlendMode.kScreen)
    painter.canvas.drawPath(path(oval(eye.x, eye.y, 0.8 * eye.width, 0.75 * eye.height)), brush)
