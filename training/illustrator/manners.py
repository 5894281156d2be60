"""How each manner gives a painted shape its body: shadows, strokes, washes, hatching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia

from training.illustrator.colours import Colour, hsv, lit, mix, paint, shaded
from training.illustrator.curves import path, profile, ribbon, spline, turned
from training.illustrator.habits import Manner

DOT_PITCH = 0.085  # of the screentone, in heads
SHADOW = 0.13  # how far a shadow reaches into a shape of depth 1, in heads


@dataclass(frozen=True)
class Body:
    """One shape to be painted; what is drawn outside its outline is cut off by the manner."""

    canvas: Any
    outline: Any  # skia.Path
    colour: Colour
    light: float  # -1 from the left, 1 from the right
    depth: float  # how round the shape is: 0 flat, 1 a head
    flow: float  # direction of strokes, degrees
    dark: float  # how dark its shadows are, 0 to 1
    rng: np.random.Generator

    def shade(self, depth: float) -> Colour:
        """Return the colour in a shadow of this depth."""
        return shaded(self.colour, depth * self.dark)


def cel(body: Body) -> None:
    """One shadow with a hard edge."""
    _base(body)
    _shadow(body, body.shade(0.62))


def retro(body: Body) -> None:
    """Two hard shadows, as on painted film."""
    _base(body)
    _shadow(body, body.shade(0.5), reach=1.35)
    _shadow(body, body.shade(0.95), reach=0.5)


def soft(body: Body) -> None:
    """Airbrush: a blurred shadow and a blurred light."""
    _base(body)
    _shadow(body, body.shade(0.6), reach=1.3, blur=0.1, alpha=0.85)
    _shadow(body, lit(body.colour, 0.9), reach=-0.8, blur=0.09, alpha=0.7)


def oil(body: Body) -> None:
    """Strokes of a broad brush over a soft shadow."""
    _base(body)
    _shadow(body, body.shade(0.85), reach=1.5, blur=0.07)
    _shadow(body, lit(body.colour, 0.7), reach=-0.7, blur=0.05, alpha=0.7)
    _inside(body)
    box = body.outline.getBounds()
    count = int(np.clip(9 * box.width() * box.height(), 3, 36))
    for _ in range(count):
        tone = body.rng.uniform(-0.6, 0.6)
        colour = lit(body.colour, tone) if tone > 0 else body.shade(-tone)
        stray = hsv(body.rng.uniform(0, 360), 0.5, 0.8)  # what was left in the brush
        _stroke(body, box, mix(colour, stray, 0.1), float(body.rng.uniform(0.15, 0.5)))


def watercolour(body: Body) -> None:
    """A thin wash: other colours run into it, and it gathers at its edge."""
    body.canvas.drawPath(body.outline, paint(mix(body.colour, (1, 1, 0.98), 0.22)))
    _inside(body)
    box = body.outline.getBounds()
    for _ in range(int(np.clip(5 * box.width(), 2, 9))):
        x, y = _anywhere(body, box)
        near = hsv(float(body.rng.choice([225, 265, 330])), 0.4 * body.dark, 0.97)
        tone = mix(lit(body.colour, 0.9), near, float(body.rng.uniform(0, 0.5)))
        size = float(body.rng.uniform(0.15, 0.45))
        body.canvas.drawCircle(x, y, size, paint(tone, 0.5, blur=0.3 * size))
    _shadow(body, body.shade(0.6), reach=1.1, blur=0.012, alpha=0.34)
    edge = paint(body.shade(0.75), 0.5, blur=0.012)
    edge.setStyle(skia.Paint.kStroke_Style)
    edge.setStrokeWidth(0.05)
    body.canvas.drawPath(body.outline, edge)


def flat(body: Body) -> None:
    """Nothing but the colour."""
    _base(body)


def pencil(body: Body) -> None:
    """A wash that misses the lines a little, hatched where it is dark."""
    body.canvas.save()
    body.canvas.drawPath(body.outline, paint(mix(body.colour, (1, 1, 1), 0.55)))
    body.canvas.clipPath(body.outline, doAntiAlias=True)
    body.canvas.translate(*body.rng.normal(0, 0.025, 2).tolist())
    body.canvas.drawPath(body.outline, paint(body.colour, 0.8))
    body.canvas.restore()
    _shadow_clip(body, 1.5)
    box = body.outline.getBounds()
    slope = 55 if body.light > 0 else 125
    hatch = paint(body.shade(0.85), 0.55)
    hatch.setStyle(skia.Paint.kStroke_Style)
    hatch.setStrokeWidth(0.018)
    reach = box.width() + box.height()
    run = np.cos(np.radians(slope)) * reach, np.sin(np.radians(slope)) * reach
    for x in np.arange(box.left() - reach, box.right() + reach, 0.062):
        jitter = float(body.rng.normal(0, 0.012))
        body.canvas.drawLine(
            float(x) + jitter, box.top(), float(x) + run[0], box.top() + run[1], hatch
        )


def dots(body: Body) -> None:
    """A field of printed dots instead of a shadow."""
    _base(body)
    _shadow_clip(body, 1.45)
    dark = body.shade(0.95)
    screen = paint(dark)
    screen.setShader(_screen(dark))
    body.canvas.drawPath(body.outline, screen)


def _screen(colour: Colour) -> Any:
    """Return a shader of dots in rows at 45 degrees."""
    recorder = skia.PictureRecorder()
    tile = skia.Rect.MakeWH(DOT_PITCH, DOT_PITCH)
    canvas = recorder.beginRecording(tile)
    canvas.drawCircle(DOT_PITCH / 2, DOT_PITCH / 2, 0.38 * DOT_PITCH, paint(colour))
    repeat = skia.TileMode.kRepeat
    turn = skia.Matrix.RotateDeg(45)
    return recorder.finishRecordingAsPicture().makeShader(
        repeat, repeat, skia.FilterMode.kLinear, turn, tile
    )


def glow(body: Body) -> None:
    """Dark and soft, with cold light along one edge."""
    dim = body.shade(0.3)
    body.canvas.drawPath(body.outline, paint(dim))
    _shadow(body, body.shade(1.0), reach=1.9, blur=0.13)
    _shadow(body, mix(lit(body.colour, 0.8), (0.8, 0.9, 1), 0.5), reach=-0.38, blur=0.028)


BODIES: dict[Manner, Callable[[Body], None]] = {
    Manner.CEL: cel,
    Manner.RETRO: retro,
    Manner.SOFT: soft,
    Manner.OIL: oil,
    Manner.WATERCOLOUR: watercolour,
    Manner.FLAT: flat,
    Manner.PENCIL: pencil,
    Manner.DOTS: dots,
    Manner.GLOW: glow,
}


def _base(body: Body) -> None:
    body.canvas.drawPath(body.outline, paint(body.colour))


def _inside(body: Body) -> None:
    body.canvas.clipPath(body.outline, doAntiAlias=True)


def _shadow_clip(body: Body, reach: float) -> None:
    """Cut the canvas to what the light does not reach: the shape less itself moved lightwards."""
    _inside(body)
    away = skia.Path(body.outline)
    away.offset(body.light * SHADOW * body.depth * reach, -0.8 * SHADOW * body.depth * reach)
    body.canvas.clipPath(away, skia.ClipOp.kDifference, True)


def _shadow(
    body: Body, colour: Colour, *, reach: float = 1.0, blur: float = 0.0, alpha: float = 1.0
) -> None:
    """Shade the side away from the light; a negative reach paints the side towards it."""
    body.canvas.save()
    if not blur:
        _shadow_clip(body, reach)
        body.canvas.drawPath(body.outline, paint(colour, alpha))
    else:
        _inside(body)
        frame = skia.Path(body.outline)
        frame.offset(body.light * SHADOW * body.depth * reach, -0.8 * SHADOW * body.depth * reach)
        frame.setFillType(skia.PathFillType.kInverseWinding)
        body.canvas.drawPath(frame, paint(colour, alpha, blur=blur * min(1.0, body.depth + 0.3)))
    body.canvas.restore()


def _anywhere(body: Body, box: Any) -> tuple[float, float]:
    return (
        float(body.rng.uniform(box.left(), box.right())),
        float(body.rng.uniform(box.top(), box.bottom())),
    )


def _stroke(body: Body, box: Any, colour: Colour, alpha: float) -> None:
    """Draw one brush stroke somewhere in the shape, along its flow."""
    length, width = body.rng.uniform(0.2, 0.6), body.rng.uniform(0.03, 0.11)
    spine = spline([(-length / 2, 0), (0, body.rng.normal(0, 0.05)), (length / 2, 0)], steps=4)
    spine = turned(spine, body.flow + float(body.rng.normal(0, 12))) + _anywhere(body, box)
    widths = profile(len(spine), (0, 0.3 * width), (0.3, width), (0.7, width), (1, 0.2 * width))
    body.canvas.drawPath(path(ribbon(spine, widths)), paint(colour, alpha))
