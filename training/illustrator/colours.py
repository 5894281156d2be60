"""Colours, how light and shadow change them, and the palette that a drawing is painted with."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
import skia

Colour = tuple[float, float, float]  # red, green, blue in [0, 1]

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return the colour of a hue in degrees, with saturation and value in [0, 1]."""
    saturation, value = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
    return colorsys.hsv_to_rgb((hue % 360) / 360, saturation, value)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with a `share` in [0, 1] of `other` in it."""
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
    )


def times(one: Colour, other: Colour) -> Colour:
    """Return the colour of `one` seen in light of the colour `other`."""
    return (one[0] * other[0], one[1] * other[1], one[2] * other[2])


def richer(colour: Colour, saturation: float = 1.0, value: float = 1.0) -> Colour:
    """Return the colour with its saturation and value multiplied."""
    hue, own_saturation, own_value = colorsys.rgb_to_hsv(*colour)
    return hsv(360 * hue, own_saturation * saturation, own_value * value)


def brightness(colour: Colour) -> float:
    """Return how bright a colour looks, in [0, 1]."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def paint(colour: Colour, alpha: float = 1.0, *, blur: float = 0.0) -> skia.Paint:
    """Return a smooth-edged paint; `blur` is the deviation of its soft edge, in heads."""
    made = skia.Paint(AntiAlias=True, Dither=True, Color4f=skia.Color4f(*colour, alpha))
    if blur > 0:
        made.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return made


def outlined(brush: skia.Paint, width: float) -> skia.Paint:
    """Make a paint draw lines of this width, in heads, instead of areas."""
    brush.setStyle(skia.Paint.kStroke_Style)
    brush.setStrokeJoin(skia.Paint.kRound_Join)
    brush.setStrokeWidth(width)
    return brush


def argb(colour: Colour, alpha: float = 1.0) -> int:
    """Return the colour as skia's gradients take it."""
    return int(skia.Color4f(*colour, alpha).toColor())


@dataclass(frozen=True)
class Tones:
    """The range a style picks one of its colours from: (low, high) of hue, saturation, value."""

    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]

    def pick(self, rng: np.random.Generator) -> Colour:
        """Return one colour of the range."""
        return hsv(rng.uniform(*self.hue), rng.uniform(*self.saturation), rng.uniform(*self.value))


@dataclass(frozen=True)
class Palette:
    """The colours of one drawing; all were chosen together."""

    hair: Colour
    hair_tips: Colour
    skin: Colour
    iris: Colour
    ear: Colour
    inner_ear: Colour
    jacket: Colour
    shirt: Colour
    tie: Colour
    accent: Colour  # of ornaments and small things
    ink: Colour
    paper: Colour
    shadow: Colour  # what a full shadow multiplies a colour with
    rim: Colour  # the light from behind
    sky: Colour  # the backdrop's main colour
    ground: Colour  # the backdrop's second colour

    def shaded(self, colour: Colour, depth: float = 1.0) -> Colour:
        """Return the colour in shadow; depth 0 changes nothing, 1 is a full shadow."""
        shadow = self.shadow
        if colour == self.skin:  # blood shines through
            shadow = mix(shadow, (0.97, 0.7, 0.66), 0.6)
        dark = times(colour, mix(WHITE, shadow, depth))
        return richer(dark, 1 + 0.22 * depth) if brightness(colour) > 0.25 else dark

    def lit(self, colour: Colour, height: float = 1.0) -> Colour:
        """Return the colour where light falls on it; height 0 changes nothing, 1 is a shine."""
        return mix(colour, (1.0, 0.985, 0.97), 0.7 * height)
