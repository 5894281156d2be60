"""Drawn faces and their colours: the seam to animeface, which is tested before it is believed."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import animeface
import numpy as np
import PIL
from PIL import Image

LOOKS = (1024, 360)  # px along the longer side: for small faces, then for one that fills it
_MUCH_HAIR = 0.35  # of what is above a face, where the hair is lavender
_SOME_IRIS = 0.12  # of an eye, where it is red: lights, pupil and lashes are not
_LIT = 64  # of 255: darker pixels are outlines
LIKELY = 0.5  # what animeface must at least think of a face, 0 to 1
SELF_TEST = Path(__file__).with_name("self_test.png")  # one of the illustrator's drawings

RGB = tuple[int, int, int]
Point = tuple[float, float]


class DetectorBrokenError(Exception):
    """animeface does not see the face in a picture where it must."""

    def __init__(self) -> None:
        super().__init__(
            f"animeface finds no face in {SELF_TEST.name}, where there is one. It silently finds "
            f"nothing on Pillow 12 and later; this is Pillow {PIL.__version__}. "
            'Install "pillow>=11,<12".'
        )


@dataclass(frozen=True)
class Face:
    """One drawn face; lengths in pixels of the picture it was found in.

    Attributes:
        x, y, width: the square around eyes and mouth, from its upper left corner.
        eyes: the middle of the eye on the left and of the one on the right.
        likelihood: 0 to 1.
        skin, hair, left_eye, right_eye: the prevailing colours.
        eye_sizes: width and height of both eyes, the one on the left first.
    """

    x: float
    y: float
    width: float
    eyes: tuple[Point, Point]
    likelihood: float
    skin: RGB
    hair: RGB
    left_eye: RGB
    right_eye: RGB
    eye_sizes: tuple[Point, Point] = ((0.0, 0.0), (0.0, 0.0))


def find_faces(picture: Image.Image) -> list[Face]:
    """Return the faces in an RGB picture, the likeliest first, each once.

    Raises:
        DetectorBroken: animeface does not work with what is installed.
    """
    check_detector()
    for most in LOOKS:
        found = _distinct(_detect(picture, most))
        if found or max(picture.size) <= min(LOOKS):
            break
    return found


@cache
def check_detector() -> None:
    """Raise `DetectorBrokenError` unless a face that is surely there is found; 20 ms, once."""
    with Image.open(SELF_TEST) as picture:
        if not _detect(picture.convert("RGB"), LOOKS[0]):
            raise DetectorBrokenError


def looks_like_udonge(face: Face) -> bool:
    """Return whether a face is recognisably hers: lavender hair and red eyes.

    Hair is lavender from blue violet to orchid (hue 235 to 315 degrees) and no plain grey
    (saturation at least 0.08). Eyes are red from crimson to vermilion (hue 325 to 20 degrees) and
    clearly coloured (saturation at least 0.28, brightness 0.15: what remains of closed eyes is
    skin or lash). One red eye is enough, as she may wink.

    animeface draws lots when it gathers colours, and now and then takes a dark outline for the
    hair, or a pupil for the eye: of the illustrator's drawings one look in twelve errs.
    `shows_udonge` looks at the pixels as well.
    """
    return is_lavender(face.hair) and (is_red(face.left_eye) or is_red(face.right_eye))


def shows_udonge(picture: Image.Image, looks: int = 3) -> bool:
    """Return whether the likeliest face of an RGB picture is hers in most of so many looks.

    What animeface takes for the colour of hair or eyes may be an outline, a pupil or a large iris
    beside them, so the pixels above the face and of the eyes are asked as well.
    """
    seen = 0
    for _ in range(looks):
        faces = find_faces(picture)
        seen += bool(faces) and is_hers(picture, faces[0])
    return 2 * seen > looks


def is_hers(picture: Image.Image, face: Face) -> bool:
    """Return whether a face found in an RGB picture has lavender hair and a red eye."""
    hair = is_lavender(face.hair) or _hair_share(picture, face) >= _MUCH_HAIR
    eyes = is_red(face.left_eye) or is_red(face.right_eye)
    return hair and (eyes or _iris_share(picture, face) >= _SOME_IRIS)


def _hair_share(picture: Image.Image, face: Face) -> float:
    """Return how much of what is right above a face is lavender."""
    left, right = face.x, face.x + face.width
    pixels = _pixels(picture, (left, face.y - 0.5 * face.width, right, face.y + 0.1 * face.width))
    return float(np.mean([is_lavender(each) and max(each) >= _LIT for each in pixels] or [False]))


def _iris_share(picture: Image.Image, face: Face) -> float:
    """Return how much of the redder eye is red."""
    shares = [0.0]
    for (x, y), (wide, tall) in zip(face.eyes, face.eye_sizes, strict=True):
        pixels = _pixels(picture, (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2))
        shares.append(float(np.mean([is_red(each) for each in pixels] or [False])))
    return max(shares)


def _pixels(picture: Image.Image, box: tuple[float, float, float, float]) -> list[RGB]:
    """Return some hundreds of pixels of a box, as far as it is in the picture."""
    edges = (0, 0, *picture.size)
    left, top = (max(round(edge), low) for edge, low in zip(box[:2], edges[:2], strict=True))
    right, bottom = (min(round(edge), most) for edge, most in zip(box[2:], edges[2:], strict=True))
    if right <= left or bottom <= top:
        return []
    cut = picture.crop((left, top, right, bottom))
    cut.thumbnail((20, 20), Image.Resampling.BOX)
    return [(int(r), int(g), int(b)) for r, g, b in np.asarray(cut).reshape(-1, 3)]


def is_lavender(colour: RGB) -> bool:
    """Return whether hair of this colour is lavender."""
    hue, saturation, _ = _hsv(colour)
    return 235 <= hue <= 315 and saturation >= 0.08


def is_red(colour: RGB) -> bool:
    """Return whether an eye of this colour is red."""
    hue, saturation, value = _hsv(colour)
    return (hue >= 325 or hue <= 20) and saturation >= 0.28 and value >= 0.15


def _hsv(colour: RGB) -> tuple[float, float, float]:
    """Return hue in degrees, saturation and value in [0, 1]."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    return 360 * hue, saturation, value


def _detect(picture: Image.Image, most: int) -> list[Face]:
    """Return what is found when no side has more than `most` pixels."""
    scale = max(1.0, max(picture.size) / most)
    if scale > 1:
        size = round(picture.width / scale), round(picture.height / scale)
        picture = picture.resize(size, Image.Resampling.BOX)
    found = [_face(each, scale) for each in animeface.detect(picture)]
    return sorted(
        (face for face in found if face.likelihood >= LIKELY),
        key=lambda face: face.likelihood,
        reverse=True,
    )


def _face(found: Any, scale: float) -> Face:
    """Return animeface's finding as a value of ours, in pixels of the whole picture."""
    box = found.face.pos
    eyes = sorted(
        (_middle(eye.pos, scale), (eye.pos.width * scale, eye.pos.height * scale))
        for eye in (found.left_eye, found.right_eye)
    )
    (left, left_size), (right, right_size) = eyes
    return Face(
        x=box.x * scale,
        y=box.y * scale,
        width=box.width * scale,
        eyes=(left, right),
        likelihood=found.likelihood,
        skin=_rgb(found.skin.color),
        hair=_rgb(found.hair.color),
        left_eye=_rgb(found.left_eye.color),
        right_eye=_rgb(found.right_eye.color),
        eye_sizes=(left_size, right_size),
    )


def _middle(box: Any, scale: float) -> Point:
    return (box.x + box.width / 2) * scale, (box.y + box.height / 2) * scale


def _rgb(colour: Any) -> RGB:
    return colour.r, colour.g, colour.b


def _distinct(faces: list[Face]) -> list[Face]:
    """Drop a face whose middle lies in a likelier one."""
    kept: list[Face] = []
    for face in faces:
        x, y = face.x + face.width / 2, face.y + face.width / 2
        if not any(
            other.x < x < other.x + other.width and other.y < y < other.y + other.width
            for other in kept
        ):
            kept.append(face)
    return kept
