"""Eyes and brows. An eye is drawn in its own frame: u from the inner (-1) to the outer corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia

from training.illustrator.colours import WHITE, Colour, deepened, mix, paint, shaded
from training.illustrator.curves import (
    Points,
    joined,
    moved,
    oval,
    path,
    profile,
    ribbon,
    spline,
)
from training.illustrator.habits import Ink, Iris, Manner
from training.illustrator.irises import Disc, draw_iris
from training.illustrator.painter import Painter
from training.illustrator.subject import Lids, Mouth, Subject

OPENNESS = {Lids.NARROW: 0.5, Lids.WIDE: 1.13, Lids.GLOWING: 1.0}
SHIFT = 0.26  # how far features move when the head turns, in heads
FAR = 0.24  # how much narrower the far eye of a fully turned head is


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
        x=SHIFT * subject.turn + side * subject.eye_apart * (1 - 0.2 * far),
        y=0.0,
        width=subject.eye_width * narrow,
        height=subject.eye_height,
        slant=subject.eye_slant,
        open=OPENNESS.get(subject.lids, 1.0),
    )


def _lash_colour(painter: Painter) -> Colour:
    return mix(painter.palette.ink, deepened(painter.palette.iris, 1.5), 0.35)


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
        tip = moved(root, eye.side * 0.1, 0.02 if merry else 0.09)
        painter.flat(_spike(root, tip, 0.5 * thick), _lash_colour(painter))


def _spike(root: Points, tip: Points, width: float) -> Points:
    return ribbon(np.stack([root, (root + tip) / 2, tip]), np.array([width, 0.7 * width, 0]))


def _draw_open(painter: Painter, subject: Subject, eye: Eye) -> None:
    upper, lower = eye.upper, eye.lower
    opening = joined(upper, lower[1:])
    painter.flat(opening, mix(WHITE, painter.palette.skin, 0.1))
    with painter.within(opening):
        draw_iris(painter, _disc(painter, subject, eye), glowing=subject.lids is Lids.GLOWING)
        shadow = joined(upper, moved(upper[::-1], 0, 0.16 * eye.height))
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
                _spike(root, moved(root, eye.side * reach, -0.55 * reach), 0.6 * thick), colour
            )
    under = lower[: len(lower) * 2 // 3]
    thin = profile(len(under), (0, 0.35 * thick), (0.5, 0.28 * thick), (1, 0.0))
    painter.flat(ribbon(under, thin), colour, 0.85)
    if painter.hand.manner not in (Manner.FLAT, Manner.PENCIL):
        crease = upper[len(upper) // 4 : -3] - [0, 0.085 + 0.5 * thick]
        painter.line(crease, painter.palette.skin, 0.55)


def _disc(painter: Painter, subject: Subject, eye: Eye) -> Disc:
    """Return where the iris is: she looks where her gaze goes."""
    kind, tall = painter.hand.iris, 0.93 * eye.height
    wide = min(0.74 * eye.width, 0.86 * tall) * (1.0 if kind is not Iris.TALL else 0.92)
    if kind is Iris.BEAD:
        tall, wide = 1.02 * eye.height, 0.98 * eye.width
    elif subject.lids is Lids.WIDE:
        tall, wide = 0.85 * tall, 0.85 * wide
    x = eye.x + (subject.gaze[0] + 0.1 * subject.turn) * eye.width
    return Disc(x, eye.y + (0.06 + subject.gaze[1]) * eye.height, wide, tall)


def _draw_glow(painter: Painter, eye: Eye) -> None:
    brush = paint((1.0, 0.12, 0.16), 0.5, blur=0.11)
    brush.setBlendMode(skia.BlendMode.kScreen)
    painter.canvas.drawPath(path(oval(eye.x, eye.y, 0.8 * eye.width, 0.75 * eye.height)), brush)
