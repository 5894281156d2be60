"""Draw text in pictures: find fonts, shape and fit any script."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont
from PIL.ImageDraw import ImageDraw
from PIL.ImageFont import FreeTypeFont

from bot.rendering.palette import INK, Rgb

# Bold only: a phone shows our letters at a third of their size.
NOTO, DEJAVU = "NotoSansCJK-Bold.ttc", "DejaVuSans-Bold.ttf"
PROBE_SIZE = 16  # px; large enough to tell a glyph from the box of a missing one
FOLDERS = (
    Path(os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser(), "fonts"),
    Path("/usr/local/share/fonts"),
    Path("/usr/share/fonts"),
    Path("/Library/Fonts"),
)
NEVER_A_CHARACTER = "\U0010ffff"


@cache
def faces(size: int) -> tuple[FreeTypeFont, ...]:
    """Return the fonts to try at `size` px, best first; never empty."""
    opened = tuple(ImageFont.truetype(path, size) for path in _paths())
    return opened or (_built_in(size),)


def face_for(char: str) -> int | None:
    """Return which of `faces` draws this character, or None."""
    probes = faces(PROBE_SIZE)
    return next((i for i, probe in enumerate(probes) if _draws(probe, char)), None)


@lru_cache(maxsize=8192)
def _draws(face: FreeTypeFont, char: str) -> bool:
    # Pillow does not show a font's character map; a missing one is drawn as the font's box.
    return bytes(face.getmask(char)) != _missing_box(face)


@cache
def _missing_box(face: FreeTypeFont) -> bytes:
    return bytes(face.getmask(NEVER_A_CHARACTER))


def _paths() -> tuple[Path, ...]:
    # Index 0 of the collection, Pillow's default, holds the Japanese forms of the characters.
    found = (_find(NOTO, FOLDERS), _find(DEJAVU, FOLDERS))
    return tuple(path for path in found if path)


@cache
def _find(name: str, folders: tuple[Path, ...]) -> Path | None:
    return next((hit for folder in folders for hit in sorted(folder.rglob(name))), None)


def _built_in(size: int) -> FreeTypeFont:
    face = ImageFont.load_default(size)
    if not isinstance(face, FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType; pictures need it")
    return face


LONGEST = 160  # characters looked at; no line of a card holds more
STACKED_MARKS = 2  # combining marks kept on one letter; more would climb over other lines
ELLIPSIS = "…"
BREAKS = (" ・", "-")  # the first of two lines ends with one of these, the first kinds first


@dataclass(frozen=True, slots=True)
class Pen:
    """A text style: height in px and colour."""

    size: int
    colour: Rgb = INK


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    face: int


def legible(text: str) -> str:
    """Reduce a text to one line of characters that can be drawn here."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", " ".join(text[: 4 * LONGEST].split())):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= STACKED_MARKS and _drawable(char):
            kept.append(char)
    return " ".join("".join(kept).split())[:LONGEST]


def width(text: str, pen: Pen) -> float:
    """Return the width of one line in px."""
    sizes = faces(pen.size)
    return sum(sizes[run.face].getlength(run.text) for run in _runs(text))


def shortened(text: str, pen: Pen, room: float) -> str:
    """Shorten a text to `room` px, with an ellipsis when cut."""
    text = legible(text)
    if width(text, pen) <= room:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width(text[:middle].rstrip() + ELLIPSIS, pen) <= room:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip() + ELLIPSIS


def fitted(text: str, pen: Pen, room: float, smallest: int) -> Pen:
    """Return the pen, smaller until the text fits `room` px; at least `smallest` px."""
    wide = width(legible(text), pen)
    if wide <= room:
        return pen
    return replace(pen, size=max(smallest, int(pen.size * room / wide)))


def in_two_lines(text: str, pen: Pen, room: float) -> tuple[str, ...]:
    """Break a text that is wider than `room` px in two, the second shortened where it must be.

    After a space or a middle dot where there is one, else after a hyphen, else anywhere.
    """
    text = legible(text)
    if width(text, pen) <= room:
        return (text,)
    fit = [at for at in range(1, len(text)) if width(text[:at].rstrip(), pen) <= room]
    after = ([at for at in fit if text[at - 1] in breaks] for breaks in BREAKS)
    at = max(next(filter(None, after), fit), default=1)
    return text[:at].rstrip(), shortened(text[at:], pen, room)


def write(draw: ImageDraw, at: tuple[float, float], text: str, pen: Pen, align: str = "l") -> None:
    """Write one line on its baseline; `at` is its left, middle or right end ("l", "m", "r")."""
    x, baseline = at
    x -= width(text, pen) * {"l": 0.0, "m": 0.5, "r": 1.0}[align]
    sizes = faces(pen.size)
    for run in _runs(text):
        draw.text((x, baseline), run.text, fill=pen.colour, font=sizes[run.face], anchor="ls")
        x += sizes[run.face].getlength(run.text)


def _drawable(char: str) -> bool:
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return False
    return face_for(char) is not None


def _runs(text: str) -> list[_Run]:
    """Split into runs of one font, in visual order."""
    drawable = [(char, face_for(char)) for char in text]
    runs = [
        _Run("".join(char for char, _ in group), face)
        for face, group in groupby(drawable, key=lambda pair: pair[1])
        if face is not None
    ]
    return runs[::-1] if _reads_right_to_left(text) else runs


def _reads_right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind in {"R", "AL"} for kind in strong if kind in {"L", "R", "AL"}), False)
