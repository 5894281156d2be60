"""Define the colours all pictures share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from zlib import crc32

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
        "electronic": (125, 229, 164),
        "experimental": (255, 138, 177),
        "folk": (190, 164, 34),
        "punk": (203, 112, 177),
        "soundtrack": (164, 151, 255),
        "world": (177, 86, 8),
    }
)

# For genres that a server taught.
SPARE_SWATCHES: tuple[Rgb, ...] = (
    (255, 203, 203),
    (112, 99, 190),
    (203, 203, 73),
    (164, 125, 86),
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
