"""Colours and the palette that a drawing is painted with."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
import skia

Colour = tuple[float, float, float]  # red, green, blue in [0, 1]

WHITE: Colour = (1.0, 1.0, 1.0)
NIGHT_HUE = 255 / 360  # shadows lean towards blue violet, as skies do


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


def shaded(colour: Colour, depth: float) -> Colour:
    """Return the colour in shadow: darker, fuller, nearer to violet; depth 0 changes nothing."""
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    towards = (NIGHT_HUE - hue + 0.5) % 1 - 0.5
    fuller = saturation + (0.12 + 0.25 * saturation) * depth
    return hsv(360 * (hue + 0.25 * depth * towards), fuller, value * (1 - 0.42 * depth))


def deepened(colour: Colour, depth: float) -> Colour:
    """Return the colour darker and fuller, of the same hue: what red eyes are shaded with."""
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    return hsv(360 * hue, saturation + 0.1 * depth, value * (1 - 0.42 * depth))


def lit(colour: Colour, height: float) -> Colour:
    """Return the colour in light: paler and brighter; height 0 changes nothing."""
    return mix(colour, (1.0, 0.99, 0.97), 0.6 * height)


def paint(colour: Colour, alpha: float = 1.0, *, blur: float = 0.0) -> skia.Paint:
    """Return a smooth-edged paint; `blur` is the deviation of its soft edge, in heads."""
    made = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*colour, alpha))
    if blur > 0:
        made.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return made


@dataclass(frozen=True)
class Tones:
    """The range a hand picks one of its colours from: (low, high) of hue, saturation, value."""

    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]

    def pick(self, rng: np.random.Generator) -> Colour:
        """Return one colour of the range."""
        return hsv(rng.uniform(*self.hue), rng.uniform(*self.saturation), rng.uniform(*self.value))


@dataclass(frozen=True)
class Palette:
    """The colours of one drawing."""

    hair: Colour
    skin: Colour
    iris: Colour
    ear: Colour
    inner_ear: Colour
    jacket: Colour
    shirt: Colour
    tie: Colour
    ink: Colour
    paper: Colour
