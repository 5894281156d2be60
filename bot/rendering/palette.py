"""Define the colours all pictures share, and the spectrogram ramp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from zlib import crc32

import numpy as np
import numpy.typing as npt

Rgb = tuple[int, int, int]

NIGHT_HIGH: Rgb = (46, 35, 72)  # top of a card
NIGHT_LOW: Rgb = (29, 22, 48)  # bottom of a card
MOONLIT: Rgb = (66, 52, 100)  # the moon behind the words
HOLLOW: Rgb = (20, 15, 35)  # sunken panels and the empty part of a bar
RIM: Rgb = (92, 77, 132)  # the card's edge, seen on Discord's dark theme
INK: Rgb = (246, 241, 255)  # words that matter
MUTED: Rgb = (190, 178, 218)  # words that help
OTHERS: Rgb = (84, 72, 112)  # every genre that is not named
LAVENDER: Rgb = (183, 160, 236)
LAVENDER_DEEP: Rgb = (128, 104, 186)
EAR_PINK: Rgb = (250, 200, 220)
EYE_RED: Rgb = (232, 74, 98)

GENRE_SWATCHES: Mapping[str, Rgb] = MappingProxyType(
    {
        "blues": (99, 138, 216),
        "classical": (229, 177, 125),
        "country": (138, 151, 8),
        "disco": (125, 255, 255),
        "hiphop": (164, 86, 151),
        "jazz": (190, 190, 255),
        "metal": (99, 190, 190),
        "pop": (229, 242, 138),
        "reggae": (47, 125, 47),
        "rock": (229, 112, 125),
    }
)

# For genres that a server taught.
SPARE_SWATCHES: tuple[Rgb, ...] = (
    (255, 203, 203),
    (112, 99, 190),
    (125, 229, 164),
    (203, 203, 73),
    (255, 138, 177),
    (190, 164, 34),
    (177, 86, 8),
    (164, 125, 86),
    (164, 151, 255),
    (203, 112, 177),
)


def genre_colours(names: Iterable[str]) -> dict[str, Rgb]:
    """Assign every genre of one model a colour.

    The ten genres we ship keep theirs everywhere. A taught genre prefers the spare swatch its
    name points at, and steps aside when a genre earlier in the alphabet took it: so the same
    set of genres always gets the same colours, all different up to twenty genres.

    Args:
        names: every genre the model knows, not only those a picture shows.
    """
    known = set(names)
    colours = {name: GENRE_SWATCHES[name] for name in known & GENRE_SWATCHES.keys()}
    unused = [rgb for name, rgb in GENRE_SWATCHES.items() if name not in known]
    swatches = (*SPARE_SWATCHES, *unused)
    free = list(SPARE_SWATCHES)
    for name in sorted(known - colours.keys()):
        free = free or [rgb for rgb in unused if rgb not in colours.values()] or list(swatches)
        colours[name] = free.pop(crc32(name.encode("utf-8", "replace")) % len(free))
    return colours


def contrast(first: Rgb, second: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: Rgb) -> Rgb:
    """Return the more readable of two inks on a coloured ground."""
    return max(INK, HOLLOW, key=lambda ink: contrast(ink, ground))


def mixed(first: Rgb, second: Rgb, part: float) -> Rgb:
    """Mix two colours; `part` is the share of the second, 0 to 1."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


LIGHTNESS = (0.17, 0.965)  # OKLab L of the two ends
# (position, OKLab chroma, hue in degrees)
_KNOTS = np.array(
    [
        (0.00, 0.045, 292.0),
        (0.35, 0.150, 293.0),
        (0.62, 0.140, 302.0),
        (0.85, 0.085, 335.0),
        (1.00, 0.030, 380.0),
    ]
)
_LAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def moonrise() -> npt.NDArray[np.uint8]:
    """Return the ramp as a read-only (256, 3) table of sRGB bytes, darkest first."""
    at = np.linspace(0.0, 1.0, 256)
    lightness = np.linspace(*LIGHTNESS, 256)
    chroma = np.interp(at, _KNOTS[:, 0], _KNOTS[:, 1])
    hue = np.radians(np.interp(at, _KNOTS[:, 0], _KNOTS[:, 2]))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    table = _srgb_bytes(lab)
    table.flags.writeable = False
    return table


def _srgb_bytes(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    linear = np.clip((lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)
