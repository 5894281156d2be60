"""The painter: puts shapes and lines on the canvas in the manner of one hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import skia

from training.illustrator.colours import Colour, Palette, mix, paint, shaded
from training.illustrator.curves import Points, path, profile, ribbon
from training.illustrator.habits import Hand, Ink, Manner
from training.illustrator.manners import BODIES, Body

SOFT_SHADOWS = {Manner.SOFT: 0.05, Manner.OIL: 0.04, Manner.WATERCOLOUR: 0.02, Manner.GLOW: 0.06}


class Painter:
    """Paints on a canvas whose unit is the head; `light` is -1 (left) to 1 (right)."""

    def __init__(
        self, canvas: Any, hand: Hand, palette: Palette, light: float, rng: np.random.Generator
    ) -> None:
        self.canvas = canvas
        self.hand = hand
        self.palette = palette
        self.light = light
        self.rng = rng
        self.weight = float(rng.uniform(*hand.line.weight))

    def body(
        self,
        shape: Points,
        colour: Colour,
        *,
        depth: float = 1.0,
        flow: float = 90,
        dark: float = 1.0,
    ) -> None:
        """Paint a shape with its shadows.

        Args:
            shape: its outline.
            colour: where light falls on it.
            depth: how round it is, 0 to 1.
            flow: direction of brush strokes, in degrees.
            dark: how dark its shadows are, 0 to 1.
        """
        outline = path(shape)
        self.canvas.save()
        BODIES[self.hand.manner](
            Body(self.canvas, outline, colour, self.light, depth, flow, dark, self.rng)
        )
        self.canvas.restore()

    def flat(self, shape: Points, colour: Colour, alpha: float = 1.0, *, blur: float = 0.0) -> None:
        """Paint a shape evenly."""
        self.canvas.drawPath(path(shape), paint(colour, alpha, blur=blur))

    def cast(self, shape: Points, colour: Colour, strength: float = 0.7) -> None:
        """Paint the shadow that a shape casts on this colour, soft or hard as the hand sees it."""
        manner = self.hand.manner
        if manner is Manner.FLAT:
            strength *= 0.6
        self.flat(shape, shaded(colour, 0.55), strength, blur=SOFT_SHADOWS.get(manner, 0.0))

    @contextmanager
    def within(self, shape: Points) -> Iterator[None]:
        """Paint only inside a shape."""
        self.canvas.save()
        self.canvas.clipPath(path(shape), doAntiAlias=True)
        yield
        self.canvas.restore()

    def ink_for(self, colour: Colour) -> Colour:
        """Return the colour of a line around something of this colour."""
        if self.hand.line.ink is Ink.TINTED:
            return shaded(shaded(colour, 0.9), 0.55)
        return mix(self.palette.ink, colour, 0.08)

    def line(
        self, spine: Points, around: Colour, weight: float = 1.0, *, must: bool = False
    ) -> None:
        """Draw a line that thins at its ends; a hand without lines draws it only if it `must`."""
        habit = self.hand.line
        if habit.ink is Ink.NONE and not must:
            return
        width = self.weight * weight
        end = max(0.05, 1 - habit.taper)
        widths = profile(
            len(spine), (0, 0.35 * width), (1 - end, width), (end, width), (1, 0.3 * width)
        )
        alpha = 1.0 if habit.passes == 1 else 0.62
        for _ in range(habit.passes):
            self.flat(ribbon(self._wobbly(spine), widths), self.ink_for(around), alpha)

    def outline(self, shape: Points, around: Colour, weight: float = 1.0) -> None:
        """Draw the line around a closed shape."""
        if self.hand.line.ink is Ink.NONE:
            return
        habit = self.hand.line
        for _ in range(habit.passes):
            brush = paint(self.ink_for(around), 1.0 if habit.passes == 1 else 0.62)
            brush.setStyle(skia.Paint.kStroke_Style)
            brush.setStrokeWidth(self.weight * weight * (0.85 if habit.passes > 1 else 1))
            brush.setStrokeJoin(skia.Paint.kRound_Join)
            self.canvas.drawPath(path(self._wobbly(shape)), brush)

    def _wobbly(self, spine: Points) -> Points:
        """Return the line as an unsteady hand draws it."""
        if not self.hand.line.wobble:
            return spine
        knots = self.rng.normal(0, self.hand.line.wobble, (2, max(3, len(spine) // 6)))
        even = np.linspace(0, 1, len(spine))
        at = np.linspace(0, 1, knots.shape[1])
        drift = np.stack([np.interp(even, at, knot) for knot in knots], 1)
        return np.asarray(spine + drift)
