from io import BytesIO

import pytest
from PIL import Image, ImageEnhance

from ml.avatar.faces import NEAR, Seen, difference, fingerprint
from training.illustrator import draw


@pytest.fixture(scope="module")
def drawing() -> Image.Image:
    return Image.fromarray(draw(5))


def poor_copy(picture: Image.Image) -> Image.Image:
    file = BytesIO()
    picture.resize((160, 160)).save(file, "JPEG", quality=50)
    return Image.open(file)


def test_a_smaller_poor_copy_is_near(drawing: Image.Image) -> None:
    assert difference(fingerprint(drawing), fingerprint(poor_copy(drawing))) <= NEAR


def test_a_brighter_copy_is_near(drawing: Image.Image) -> None:
    bright = ImageEnhance.Brightness(drawing).enhance(1.06)
    assert difference(fingerprint(drawing), fingerprint(bright)) <= NEAR


def test_another_mouth_is_another_picture(drawing: Image.Image) -> None:
    other = drawing.copy()
    other.paste((90, 20, 30), (112, 196, 146, 214))
    assert difference(fingerprint(drawing), fingerprint(other)) > NEAR


def test_seen_names_what_a_copy_is_like(drawing: Image.Image) -> None:
    seen = Seen()
    assert seen.like(fingerprint(drawing)) is None
    seen.add(fingerprint(Image.fromarray(draw(6))), "six")
    seen.add(fingerprint(drawing), "five")
    assert seen.like(fingerprint(poor_copy(drawing))) == "five"
    assert seen.like(fingerprint(Image.fromarray(draw(7)))) is None
