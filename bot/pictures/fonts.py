"""Finding fonts on this machine; none is bundled.

Noto Sans CJK (Debian: fonts-noto-cjk, SIL OFL 1.1) draws Latin and Japanese. What it lacks,
DejaVu Sans is asked for, which comes with matplotlib. A character that neither draws is left out
rather than shown as an empty box.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

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
    """The fonts to try in turn at `size` px, best first; never empty."""
    opened = tuple(ImageFont.truetype(path, size) for path in _paths())
    return opened or (_built_in(size),)


def face_for(char: str) -> int | None:
    """Which of `faces` draws this character, or None when none does."""
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
    found = (_find(NOTO, FOLDERS), _in_matplotlib(DEJAVU) or _find(DEJAVU, FOLDERS))
    return tuple(path for path in found if path)


@cache
def _find(name: str, folders: tuple[Path, ...]) -> Path | None:
    return next((hit for folder in folders for hit in sorted(folder.rglob(name))), None)


def _in_matplotlib(name: str) -> Path | None:
    # Looked up without importing: matplotlib takes longer to import than a card to draw.
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name
    return path if path.is_file() else None


def _built_in(size: int) -> FreeTypeFont:
    face = ImageFont.load_default(size)
    if not isinstance(face, FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType; pictures need it")
    return face
