"""One drawing, layer upon layer, from the seed to the pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from training.illustrator.backdrop import draw_backdrop
from training.illustrator.clothes import draw_body
from training.illustrator.colours import Colour, Palette, hsv, shaded
from training.illustrator.ears import draw_buttons, draw_ears
from training.illustrator.eyes import draw_brows, draw_eyes
from training.illustrator.face import draw_face, draw_features
from training.illustrator.finish import edge_of, finished
from training.illustrator.fringe import draw_fringe, draw_shadow_on_face, fringe_of
from training.illustrator.habits import Hand, Ink, Manner
from training.illustrator.hair import draw_ahoge, draw_back, draw_locks
from training.illustrator.hands import HANDS
from training.illustrator.painter import Painter
from training.illustrator.seasons import draw_season
from training.illustrator.subject import Subject, sit

HEADS_ACROSS = 4.5  # how many heads (half-widths of the face) the frame holds
EYES_AT = 0.63  # height of the line of the eyes in the frame, from the top


def draw(seed: int, side: int = 256, hand: str | None = None) -> NDArray[np.uint8]:
    """Draw Udonge's face with its ears, cropped square.

    The same seed gives the same bytes on the same machine; another `side` gives the same
    drawing larger or smaller.

    Args:
        seed: 0 or more; picks the hand and all that it decides.
        side: of the picture, in pixels.
        hand: the name of one of `HANDS`, to have this seed drawn by it.

    Returns:
        (side, side, 3), red, green and blue.

    Raises:
        KeyError: no hand of that name.
    """
    rng = np.random.default_rng(seed)
    chosen = HANDS[int(rng.integers(len(HANDS)))]
    if hand is not None:
        chosen = {each.name: each for each in HANDS}[hand]
    subject = sit(rng, chosen)
    palette = _mix_palette(rng, chosen)
    pixels = np.zeros((side, side, 4), np.uint8)
    with skia.Surface(pixels) as canvas:
        painter = Painter(canvas, chosen, palette, subject.light, rng)
        _frame(canvas, side, subject, rng)
        _draw_layers(painter, subject)
    if chosen.softness:
        pixels = _softened(pixels, chosen.softness * side / HEADS_ACROSS)
    return finished(pixels[..., :3].copy(), chosen, np.random.default_rng([seed, side]))


def _frame(canvas: Any, side: int, subject: Subject, rng: np.random.Generator) -> None:
    """Let the canvas be measured in heads, with the origin between the eyes."""
    unit = side / HEADS_ACROSS * rng.uniform(0.97, 1.03)
    lower = 0.35 * (0.95 - subject.chin)  # short faces sit lower, so that all are centred
    canvas.translate(
        side * (0.5 + rng.uniform(-0.012, 0.012)) - 0.1 * subject.turn * unit,
        side * (EYES_AT + rng.uniform(-0.01, 0.01)) + lower * unit,
    )
    canvas.scale(unit, unit)


def _draw_layers(painter: Painter, subject: Subject) -> None:
    canvas = painter.canvas
    draw_backdrop(painter, subject.scene)
    draw_season(painter, subject.season, 16)
    fringe = fringe_of(subject, painter.rng)
    canvas.saveLayer(None, edge_of(painter.hand.edge))
    with _tilted(canvas, 0.5 * subject.tilt):
        draw_back(painter, subject)
    draw_body(painter, subject)
    with _tilted(canvas, subject.tilt):
        draw_ears(painter, subject)
        draw_face(painter, subject)
        draw_shadow_on_face(painter, subject, fringe)
        draw_features(painter, subject)
        draw_eyes(painter, subject)
        draw_fringe(painter, subject, fringe)
        draw_locks(painter, subject)
        draw_brows(painter, subject)
        draw_ahoge(painter, subject)
        draw_buttons(painter, subject)
    canvas.restore()
    draw_season(painter, subject.season, 9)


class _tilted:  # noqa: N801 - reads as a verb where it is used
    """Turns the canvas about the neck for a while."""

    def __init__(self, canvas: Any, degrees: float) -> None:
        self._canvas, self._degrees = canvas, degrees

    def __enter__(self) -> None:
        self._canvas.save()
        self._canvas.rotate(self._degrees, 0, 0.9)

    def __exit__(self, *_: object) -> None:
        self._canvas.restore()


def _softened(pixels: NDArray[np.uint8], deviation: float) -> NDArray[np.uint8]:
    """Return the picture as seen through a soft lens; deviation in pixels."""
    soft = np.zeros_like(pixels)
    with skia.Surface(soft) as canvas:
        brush = skia.Paint(
            ImageFilter=skia.ImageFilters.Blur(deviation, deviation, skia.TileMode.kClamp)
        )
        canvas.drawImage(
            skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType),
            0,
            0,
            skia.SamplingOptions(),
            brush,
        )
    return soft


INKS: dict[Ink, Colour] = {
    Ink.BLACK: (0.1, 0.09, 0.12),
    Ink.BROWN: (0.33, 0.22, 0.2),
    Ink.VIOLET: (0.2, 0.14, 0.28),
    Ink.TINTED: (0.22, 0.14, 0.26),
    Ink.NONE: (0.2, 0.13, 0.22),
}


def _mix_palette(rng: np.random.Generator, hand: Hand) -> Palette:
    """Return the colours of one drawing."""
    jackets = (hsv(228, 0.45, 0.32), hsv(255, 0.3, 0.3), hsv(218, 0.55, 0.42), hsv(280, 0.12, 0.24),
               hsv(30, 0.3, 0.62))  # fmt: skip
    dim = 0.94 if hand.manner is Manner.RETRO else 1.0
    ear = hsv(rng.choice([30, 45, 330, 270]), rng.uniform(0.0, 0.08), dim * rng.uniform(0.93, 1.0))
    if rng.random() < 0.15:  # some draw the ears in a paler tone of the hair
        ear = hsv(265, rng.uniform(0.08, 0.16), 0.95)
    return Palette(
        hair=hand.hair.pick(rng),
        skin=hsv(rng.uniform(16, 28), rng.uniform(0.12, 0.23), dim * rng.uniform(0.97, 1.0)),
        iris=hand.eyes.pick(rng),
        ear=ear,
        inner_ear=hsv(rng.uniform(345, 362), rng.uniform(0.22, 0.4), dim * rng.uniform(0.92, 1.0)),
        jacket=jackets[int(rng.integers(len(jackets)))],
        shirt=hsv(rng.choice([220, 40]), rng.uniform(0.0, 0.05), dim * 0.98),
        tie=shaded(hsv(rng.uniform(348, 362), rng.uniform(0.72, 0.9), 0.84), rng.uniform(0, 0.2)),
        ink=INKS[hand.line.ink],
        paper=hsv(rng.uniform(30, 50), rng.uniform(0.0, 0.07), rng.uniform(0.95, 1.0)),
    )
