"""Puts shapes, shadows and lines on the canvas in the way of one style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import skia

from ml.avatar.layout import DOT_PITCH, HATCH_PITCH, HATCH_SLOPE
from training.illustrator.colours import (
    WHITE,
    Colour,
    Palette,
    argb,
    mix,
    outlined,
    paint,
    richer,
)
from training.illustrator.curves import Points, path, profile, ribbon, spline, turned
from training.illustrator.styles import Ink, Shading, Style

SOFTNESS = {Shading.SOFT: 0.055, Shading.PAINTED: 0.03, Shading.WASH: 0.012, Shading.BRUSH: 0.02}


class Renderer:
    """Draws on a canvas whose unit is the head; `light` is -1 (left) to 1 (right)."""

    def __init__(
        self, canvas: Any, style: Style, palette: Palette, light: float, seed: int
    ) -> None:
        self.canvas = canvas
        self.style = style
        self.palette = palette
        self.light = light
        self.shading = style.shading
        self.soft = SOFTNESS.get(style.shading, 0.0)
        self._seed = seed
        self._layer, self._habits = 0, 0
        self.rng = np.random.default_rng([seed, 100])
        self.outer = float(self.rng.uniform(*style.line.outer))
        self.inner = float(self.rng.uniform(*style.line.inner))

    def begin(self, layer: int) -> None:
        """Start a layer: its chance does not depend on what other layers drew."""
        self.rng = np.random.default_rng([self._seed, 100 + layer])
        self._layer, self._habits = layer, 0

    def habit(self) -> np.random.Generator:
        """Return what a hand does that paints freely, but alike in each of its drawings.

        Strokes and pools of a layer's first shape fall alike everywhere, those of its second too:
        so a decoder can know of them.
        """
        self._habits += 1
        return np.random.default_rng([self._layer, self._habits])

    # Areas

    def fill(
        self,
        shape: Points,
        colour: Colour,
        *,
        to: Colour | None = None,
        flow: float = 90,
        texture: bool = True,
    ) -> None:
        """Paint a shape in its own colour.

        Args:
            shape: its outline.
            colour: where light falls on it.
            to: the colour at its lower end, where it is to change downwards.
            flow: direction of brush strokes, in degrees.
            texture: whether the style may leave its marks in it.
        """
        outline = path(shape)
        brush = paint(colour)
        if to is not None:
            box = outline.getBounds()
            brush.setShader(_downwards(box.top(), box.bottom(), colour, to))
        if self.shading is Shading.HATCHED and texture:
            self._fill_roughly(outline, brush, colour)
        elif self.shading is Shading.BRUSH and texture:
            self._fill_beside(outline, brush, colour)
        else:
            self.canvas.drawPath(outline, brush)
        if not texture:
            return
        if self.shading is Shading.WASH:
            self._blotch(outline, colour)
        elif self.shading is Shading.PAINTED:
            self._stroke_over(outline, colour, flow)

    def flat(self, shape: Points, colour: Colour, alpha: float = 1.0, *, blur: float = 0.0) -> None:
        """Paint a shape evenly, in whatever style."""
        self.canvas.drawPath(path(shape), paint(colour, alpha, blur=blur))

    def shade(self, shape: Points, colour: Colour, depth: float = 1.0) -> None:
        """Paint a shadow on something of this colour, as the style draws shadows."""
        dark = self.palette.shaded(colour, depth)
        if self.shading is Shading.HATCHED:
            self._hatch(shape, dark, depth)
        elif self.shading is Shading.DOTS:
            self._tone(shape, dark, depth)
        elif self.shading is Shading.WASH:
            self.flat(shape, dark, 0.6, blur=self.soft)
        elif self.shading is Shading.BRUSH:
            self.flat(shape, dark, 0.5, blur=self.soft)
        elif self.shading is Shading.FLAT:
            self.flat(shape, self.palette.shaded(colour, 0.75 * depth))
        elif self.shading is Shading.FILM:
            self.flat(shape, self.palette.shaded(colour, 0.85 * depth))
        else:
            self.flat(shape, dark, 0.92 if self.soft else 1.0, blur=self.soft)

    def shine(self, shape: Points, colour: Colour, height: float = 0.7) -> None:
        """Paint light on something of this colour."""
        alpha = 0.8 if self.soft else 1.0
        self.flat(shape, self.palette.lit(colour, height), alpha, blur=0.5 * self.soft)

    def shade_side(self, shape: Points, colour: Colour, reach: float, depth: float = 1.0) -> None:
        """Shade a shape on the side away from the light; `reach` in heads."""
        if self.shading is Shading.FLAT and reach < 0.05:
            return
        self.canvas.save()
        outline = path(shape)
        self.canvas.clipPath(outline, doAntiAlias=True)
        away = skia.Path(outline)
        away.offset(self.light * reach, -0.55 * reach)
        if self.soft:
            away.setFillType(skia.PathFillType.kInverseWinding)
            dark = self.palette.shaded(colour, depth)
            self.canvas.drawPath(away, paint(dark, 0.85, blur=min(self.soft, 0.6 * reach)))
        else:
            self.canvas.clipPath(away, skia.ClipOp.kDifference, True)
            self.shade(shape, colour, depth)
        self.canvas.restore()

    def rim(self, shape: Points, width: float = 0.05) -> None:
        """Paint the light from behind along a shape's edge, where the style has one."""
        strength = self.style.rim
        if not strength:
            return
        self.canvas.save()
        outline = path(shape)
        self.canvas.clipPath(outline, doAntiAlias=True)
        away = skia.Path(outline)
        away.offset(-self.light * width, 0.7 * width)
        away.setFillType(skia.PathFillType.kInverseWinding)
        brush = paint(self.palette.rim, 0.85 * strength, blur=0.3 * width)
        self.canvas.drawPath(away, brush)
        self.canvas.restore()

    @contextmanager
    def within(self, shape: Points) -> Iterator[None]:
        """Paint only inside a shape."""
        self.canvas.save()
        self.canvas.clipPath(path(shape), doAntiAlias=True)
        yield
        self.canvas.restore()

    # Lines

    def ink_for(self, colour: Colour) -> Colour:
        """Return the colour of a line around something of this colour."""
        if self.style.line.ink in (Ink.TINTED, Ink.NONE):
            dark = self.palette.shaded(self.palette.shaded(colour), 0.9)
            return richer(mix(dark, self.palette.ink, 0.45), 1.15)
        return mix(self.palette.ink, colour, 0.06)

    def line(
        self, spine: Points, around: Colour, weight: float = 1.0, *, must: bool = False
    ) -> None:
        """Draw an inner line that thins at its ends; styles without lines only if they `must`."""
        habit = self.style.line
        if habit.ink is Ink.NONE and not must:
            return
        width = self.inner * weight
        end = habit.taper
        widths = profile(
            len(spine), (0, 0.25 * width), (end, width), (1 - end, width), (1, 0.12 * width)
        )
        colour = self.ink_for(around)
        for _ in range(habit.passes):
            alpha = 1.0 if habit.passes == 1 else 0.7
            self.flat(ribbon(self._wobbly(spine), widths), colour, alpha)

    def outline(
        self, shape: Points, around: Colour, weight: float = 1.0, *, closed: bool = True
    ) -> None:
        """Draw the outer line around a shape: heavier below and away from the light."""
        habit = self.style.line
        if habit.ink is Ink.NONE:
            return
        width = self.outer * weight
        if self.shading is Shading.BRUSH:
            self._brush_around(shape, around, width, closed)
            return
        for _ in range(habit.passes):
            brush = outlined(paint(self.ink_for(around), 1.0 if habit.passes == 1 else 0.7), width)
            spine = self._wobbly(shape)
            self.canvas.drawPath(path(spine, closed=closed), brush)
        if closed and habit.passes == 1:
            self._swell(shape, around, width)

    def _brush_around(self, shape: Points, around: Colour, width: float, closed: bool) -> None:
        """Draw an outline with a loaded brush: it swells, thins and runs dry."""
        spine = self._wobbly(np.vstack([shape, shape[:2]]) if closed else shape)
        knots = self.habit().uniform(0.25, 1.45, 2 + len(spine) // 14)
        widths = np.interp(np.linspace(0, 1, len(spine)), np.linspace(0, 1, len(knots)), knots)
        self.flat(ribbon(spine, width * widths), self.ink_for(around), 0.95)

    def _swell(self, shape: Points, around: Colour, width: float) -> None:
        """Thicken an outline on the side away from the light, as a pressed pen does."""
        self.canvas.save()
        outline = path(shape)
        self.canvas.clipPath(outline, doAntiAlias=True)
        away = skia.Path(outline)
        away.offset(self.light * 0.45 * width, -0.4 * width)
        away.setFillType(skia.PathFillType.kInverseWinding)
        self.canvas.drawPath(away, paint(self.ink_for(around)))
        self.canvas.restore()

    def _wobbly(self, spine: Points) -> Points:
        """Return the line as an unsteady hand draws it."""
        if not self.style.line.wobble:
            return spine
        knots = self.rng.normal(0, self.style.line.wobble, (2, max(3, len(spine) // 6)))
        even = np.linspace(0, 1, len(spine))
        at = np.linspace(0, 1, knots.shape[1])
        drift = np.stack([np.interp(even, at, knot) for knot in knots], 1)
        return np.asarray(spine + drift)

    # Textures

    def _fill_roughly(self, outline: Any, brush: Any, colour: Colour) -> None:
        """Fill as coloured pencil does: paler at the rims, not quite up to the lines."""
        self.canvas.save()
        self.canvas.drawPath(outline, paint(mix(colour, WHITE, 0.5)))
        self.canvas.clipPath(outline, doAntiAlias=True)
        self.canvas.translate(*self.habit().normal(0, 0.022, 2).tolist())
        brush.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.012))
        self.canvas.drawPath(outline, brush)
        self.canvas.restore()

    def _fill_beside(self, outline: Any, brush: Any, colour: Colour) -> None:
        """Fill as a wash under ink does: paper white, the colour a little beside the lines."""
        self.canvas.save()
        self.canvas.drawPath(outline, paint(mix(colour, self.palette.paper, 0.75)))
        self.canvas.clipPath(outline, doAntiAlias=True)
        self.canvas.translate(0.13 * self.light, 0.09)
        brush.setAlphaf(0.8)
        brush.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.018))
        self.canvas.drawPath(outline, brush)
        self.canvas.restore()

    def _blotch(self, outline: Any, colour: Colour) -> None:
        """Let pigment gather in pools and at the rim."""
        self.canvas.save()
        self.canvas.clipPath(outline, doAntiAlias=True)
        box, rng = outline.getBounds(), self.habit()
        for _ in range(int(np.clip(4 * box.width(), 1, 7))):
            x, y = _anywhere(box, rng)
            size = float(rng.uniform(0.12, 0.4))
            runs_in = (WHITE, self.palette.sky, self.palette.hair_tips, self.palette.accent)
            other = runs_in[int(rng.choice(4, p=(0.45, 0.2, 0.2, 0.15)))]
            self.pool(x, y, size, mix(colour, other, 0.4), 0.75)
        edge = outlined(paint(self.palette.shaded(colour, 0.9), 0.22), 0.07)
        self.canvas.drawPath(outline, edge)
        edge.setStrokeWidth(0.035)
        self.canvas.drawPath(outline, edge)
        self.canvas.restore()

    def pool(self, x: float, y: float, size: float, colour: Colour, alpha: float) -> None:
        """Paint a round patch that fades towards its rim."""
        brush = paint(colour, alpha)
        brush.setShader(
            skia.GradientShader.MakeRadial(
                center=skia.Point(x, y),
                radius=size,
                colors=[argb(colour, alpha), argb(colour, alpha), argb(colour, 0.0)],
                positions=[0.0, 0.55, 1.0],
            )
        )
        self.canvas.drawCircle(x, y, size, brush)

    def _stroke_over(self, outline: Any, colour: Colour, flow: float) -> None:
        """Leave visible strokes of a broad brush."""
        self.canvas.save()
        self.canvas.clipPath(outline, doAntiAlias=True)
        box, rng = outline.getBounds(), self.habit()
        for _ in range(int(np.clip(7 * box.width() * box.height(), 2, 22))):
            tone = float(rng.uniform(-0.5, 0.45))
            near = (
                self.palette.lit(colour, tone) if tone > 0 else self.palette.shaded(colour, -tone)
            )
            stray = mix(self.palette.sky, self.palette.rim, float(rng.random()))
            self._stroke(box, mix(near, stray, 0.07), flow, rng)
        self.canvas.restore()

    def _stroke(self, box: Any, colour: Colour, flow: float, rng: np.random.Generator) -> None:
        alpha = float(rng.uniform(0.2, 0.5))
        length, width = rng.uniform(0.2, 0.55), float(rng.uniform(0.03, 0.1))
        spine = spline([(-length / 2, 0), (0, rng.normal(0, 0.05)), (length / 2, 0)], steps=4)
        spine = turned(spine, flow + float(rng.normal(0, 12))) + _anywhere(box, rng)
        widths = profile(len(spine), (0, 0.4 * width), (0.3, width), (0.7, width), (1, 0.1 * width))
        self.canvas.drawPath(path(ribbon(spine, widths)), paint(colour, alpha))

    def _hatch(self, shape: Points, dark: Colour, depth: float) -> None:
        """Shade with parallel pencil strokes over a faint tone."""
        self.canvas.save()
        self.canvas.clipPath(path(shape), doAntiAlias=True)
        self.canvas.drawPath(path(shape), paint(dark, 0.3))
        low, high = shape.min(0), shape.max(0)
        slope = HATCH_SLOPE * (1 if self.light > 0 else -1)
        height = high[1] - low[1]
        reach = abs(slope) * height
        strokes = skia.Path()
        # All strokes of a drawing lie on one raster, as if drawn in one go.
        first = np.floor((low[0] - reach - slope * low[1]) / HATCH_PITCH)
        last = (high[0] + reach - slope * low[1]) / HATCH_PITCH
        for x in (np.arange(first, last) * HATCH_PITCH + slope * low[1]).tolist():
            strokes.moveTo(x, float(low[1]))
            strokes.lineTo(x + slope * height, float(high[1]))
        wide = 0.018 if depth > 0.7 else 0.014
        self.canvas.drawPath(strokes, outlined(paint(dark, 0.75), wide))
        self.canvas.restore()

    def _tone(self, shape: Points, dark: Colour, depth: float) -> None:
        """Shade with printed dots; full shadows get bigger ones."""
        screen = paint(dark)
        screen.setShader(_dots(dark, 0.27 if depth < 0.6 else 0.36))
        self.canvas.drawPath(path(shape), screen)


def _anywhere(box: Any, rng: np.random.Generator) -> tuple[float, float]:
    x, y = rng.uniform(box.left(), box.right()), rng.uniform(box.top(), box.bottom())
    return float(x), float(y)


def _downwards(top: float, bottom: float, start: Colour, end: Colour) -> Any:
    """Return a shader that goes from one colour to another, mostly near its lower end."""
    return skia.GradientShader.MakeLinear(
        points=[skia.Point(0, top), skia.Point(0, bottom)],
        colors=[argb(start), argb(mix(start, end, 0.25)), argb(end)],
        positions=[0.0, 0.5, 1.0],
    )


def _dots(colour: Colour, radius: float) -> Any:
    """Return a shader of dots in rows at 45 degrees; the radius in pitches."""
    recorder = skia.PictureRecorder()
    tile = skia.Rect.MakeWH(DOT_PITCH, DOT_PITCH)
    canvas = recorder.beginRecording(tile)
    canvas.drawCircle(DOT_PITCH / 2, DOT_PITCH / 2, radius * DOT_PITCH, paint(colour))
    repeat = skia.TileMode.kRepeat
    turn = skia.Matrix.RotateDeg(45)
    return recorder.finishRecordingAsPicture().makeShader(
        repeat, repeat, skia.FilterMode.kLinear, turn, tile
    )
