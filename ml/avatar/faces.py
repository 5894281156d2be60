"""Cut square face crops with the ears out of illustrations."""

from __future__ import annotations

import argparse
import logging
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from rich.progress import track

from ml.avatar.detection import Face, find_faces

FINGERPRINT_SIDE = 16  # parts a picture is seen in, across and down
NEAR = 20  # of 255; copies saved smaller and as a poor JPEG differ by 10, 17 at most


def fingerprint(picture: Image.Image) -> bytes:
    """Return the greys (0 to 255) of the picture's 16 by 16 parts, row by row."""
    return (
        picture.convert("L")
        .resize((FINGERPRINT_SIDE, FINGERPRINT_SIDE), Image.Resampling.BOX)
        .tobytes()
    )


def difference(one: bytes, other: bytes) -> float:
    """Return by how much two pictures differ where they differ most, in greys.

    A picture that is brighter as a whole differs in nothing.
    """
    return float(_differences(_greys(one)[None], _greys(other))[0])


class Seen:
    """Remembers fingerprints under names, and tells whether a like one was there before."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._greys = np.empty((0, FINGERPRINT_SIDE * FINGERPRINT_SIDE), np.int16)

    def like(self, mark: bytes) -> str | None:
        """Return the name of the nearest near-duplicate seen before."""
        if not self._names:
            return None
        differences = _differences(self._greys, _greys(mark))
        nearest = int(differences.argmin())
        return self._names[nearest] if differences[nearest] <= NEAR else None

    def add(self, mark: bytes, name: str) -> None:
        """Remember a fingerprint."""
        self._names.append(name)
        self._greys = np.vstack([self._greys, _greys(mark)])


def _greys(mark: bytes) -> NDArray[np.int16]:
    return np.frombuffer(mark, np.uint8).astype(np.int16)


def _differences(many: NDArray[np.int16], one: NDArray[np.int16]) -> NDArray[np.float64]:
    apart = (many - one).astype(np.float64)
    apart -= np.median(apart, axis=1, keepdims=True)
    return np.asarray(abs(apart).max(axis=1))


SIDE = 256  # px of a crop
FACES_ACROSS = 2.2  # side of a crop in widths of the face
EYES_AT = 0.635  # from the top of a crop, as a share of its side
EYES_APART = 0.485  # in widths of the face
SHRINK = 0.8  # a crop may be made so much tighter to stay inside the picture
SHIFT = 0.1  # and be moved by this share of its side
OUTSIDE = 0.25  # share of a crop that may lie outside, filled from the picture's edge
LEAST = 102  # px across in the original; smaller ones would only be blown up
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}

_LOG = logging.getLogger(__name__)


class Refusal(Enum):
    """Why a picture or a face in it gives no crop."""

    NOT_A_PICTURE = "not a picture that can be opened"
    TOO_MANY_PIXELS = "more pixels than are safe to decode"
    NO_FACE = "no face found"
    TOO_SMALL = f"the face is too small: its crop would have less than {LEAST} px"
    CUT_OFF = f"more than {OUTSIDE:.0%} of the crop would lie outside the picture"
    DUPLICATE = "nearly the same as an earlier one"


@dataclass(frozen=True)
class Crop:
    """A square picture of one face with its ears."""

    picture: Image.Image
    face: Face  # in pixels of the whole picture


@dataclass(frozen=True)
class Crops:
    """What one picture gave; `mark` is its fingerprint, empty if it cannot be opened."""

    kept: tuple[Crop, ...]
    refused: tuple[Refusal, ...]
    mark: bytes = b""


@dataclass(frozen=True)
class Refused:
    """A file, or a face in it, that gave no crop; `like` names what it is a duplicate of."""

    name: str
    reason: Refusal
    like: str | None = None


@dataclass(frozen=True)
class Report:
    """What became of a folder."""

    pictures: int
    crops: int
    refused: tuple[Refused, ...]

    def counts(self) -> Counter[Refusal]:
        """Return how often each reason was given."""
        return Counter(each.reason for each in self.refused)


def crops_of(picture: Image.Image, side: int = SIDE) -> list[Crop]:
    """Return the crops of all faces in a picture that give a good one, the likeliest first.

    Args:
        picture: of any mode; turned upright by its EXIF, transparent parts made white.
        side: of the crops, in pixels.

    Raises:
        DetectorBroken: animeface does not work with what is installed.
    """
    return list(look(picture, side).kept)


def look(picture: Image.Image, side: int = SIDE) -> Crops:
    """Return the crops of a picture, and why what it shows gave no more."""
    whole = upright(picture)
    kept, refused = [], []
    for face in find_faces(whole):
        cut = _cut(whole, face, side)
        if isinstance(cut, Refusal):
            refused.append(cut)
        else:
            kept.append(Crop(cut, face))
    if not kept and not refused:
        refused.append(Refusal.NO_FACE)
    return Crops(tuple(kept), tuple(refused), fingerprint(whole))


def upright(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB, turned as its EXIF says, on white."""
    turned = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = Image.new("RGBA", turned.size, "white")
    return Image.alpha_composite(ground, turned).convert("RGB")


def crop_folder(source: Path, out: Path, side: int = SIDE) -> Report:
    """Write the crops of all pictures under `source` to `out` as PNG, each only once."""
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
    seen, refused, crops = Seen(), [], 0
    for path in track(files, "Looking for faces"):
        name = path.relative_to(source).as_posix()
        found = _look_into(path, side)
        like = seen.like(found.mark) if found.mark else None
        if like is not None:
            refused.append(Refused(name, Refusal.DUPLICATE, like))
            continue
        if found.kept:
            seen.add(found.mark, name)
        refused += [Refused(name, reason) for reason in found.refused]
        for number, crop in enumerate(found.kept):
            crop.picture.save(out / f"{_flat(name)}-{number}.png")
        crops += len(found.kept)
    return Report(len(files), crops, tuple(refused))


def _flat(name: str) -> str:
    """Return a path as the stem of a file, so that equal names in two folders stay apart."""
    return name.replace("/", "_").replace(".", "_")


def main(arguments: Sequence[str] | None = None) -> None:
    """Crop a folder and tell what was refused and why."""
    parser = argparse.ArgumentParser(prog="python -m ml.avatar.faces", description=__doc__)
    parser.add_argument("source", type=Path, metavar="IN", help="folder of illustrations")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the crops")
    parser.add_argument("--side", type=int, default=SIDE, help="of a crop, in pixels")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for line in _told(crop_folder(options.source, options.out, options.side)):
        _LOG.info(line)


def _told(report: Report) -> Iterator[str]:
    """Yield the report in words, reason by reason."""
    yield f"{report.pictures} pictures gave {report.crops} crops."
    for reason, count in report.counts().most_common():
        yield f"Refused {count}: {reason.value}."
        for each in report.refused:
            if each.reason is reason:
                yield f"  {each.name}" + (f", like {each.like}" if each.like else "")


def _look_into(path: Path, side: int) -> Crops:
    """Return the crops of a file, whatever is in it."""
    try:
        with warnings.catch_warnings(), Image.open(path) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return look(picture, side)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Crops((), (Refusal.TOO_MANY_PIXELS,))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):  # as damaged files differ
        return Crops((), (Refusal.NOT_A_PICTURE,))


def _cut(whole: Image.Image, face: Face, side: int) -> Image.Image | Refusal:
    """Cut the square around one face."""
    (left, upper, across), share_outside = _frame(whole, face)
    if across < LEAST:
        return Refusal.TOO_SMALL
    if share_outside > OUTSIDE:
        return Refusal.CUT_OFF
    margin = int(max(0, -left, -upper, left + across - whole.width, upper + across - whole.height))
    margin += 1
    box = left + margin, upper + margin, left + margin + across, upper + margin + across
    padded = _padded(whole, margin)
    return padded.resize((side, side), Image.Resampling.LANCZOS, box=box)


def _frame(whole: Image.Image, face: Face) -> tuple[tuple[float, float, float], float]:
    """Return left, upper edge and side of the crop, and which share of it lies outside."""
    (left_x, left_y), (right_x, right_y) = face.eyes
    by_eyes = np.clip((right_x - left_x) / EYES_APART, 0.75 * face.width, 1.3 * face.width)
    ideal = FACES_ACROSS * (face.width + float(by_eyes)) / 2
    across = min(ideal, max(SHRINK * ideal, min(whole.size)))
    x = ((left_x + right_x) / 2 + face.x + face.width / 2) / 2
    left = _nudged(x - across / 2, across, whole.width)
    upper = _nudged((left_y + right_y) / 2 - EYES_AT * across, across, whole.height)
    inside = _overlap(left, across, whole.width) * _overlap(upper, across, whole.height)
    return (left, upper, across), 1 - inside / across**2


def _nudged(start: float, across: float, room: float) -> float:
    """Return where the crop starts when moved into the picture, as far as it may be moved."""
    inside = min(max(start, 0.0), max(room - across, 0.0))
    return start + float(np.clip(inside - start, -SHIFT * across, SHIFT * across))


def _overlap(start: float, across: float, room: float) -> float:
    return max(0.0, min(start + across, room) - max(start, 0.0))


def _padded(whole: Image.Image, margin: int) -> Image.Image:
    """Return the picture with its edge carried on outwards."""
    pixels = np.asarray(whole)
    return Image.fromarray(np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), "edge"))


if __name__ == "__main__":
    main()
