from collections.abc import Iterator

import pytest
from PIL import Image

from ml.avatar import detection
from ml.avatar.detection import RGB, DetectorBrokenError, Face, check_detector, find_faces
from training.illustrator import draw

LAVENDER, BLOND, RED, BLUE, SKIN = (
    (178, 160, 214),
    (240, 220, 130),
    (205, 30, 45),
    (40, 60, 200),
    (250, 225, 210),
)


def face(hair: RGB, left: RGB, right: RGB) -> Face:
    return Face(0, 0, 100, ((30, 40), (70, 40)), 1.0, SKIN, hair, left, right)


@pytest.fixture
def unchecked() -> Iterator[None]:
    check_detector.cache_clear()
    yield
    check_detector.cache_clear()


def test_a_drawn_face_is_found_with_its_eyes_in_order() -> None:
    found = find_faces(Image.fromarray(draw(103, 256, "Poster")))[0]
    (left, _), (right, _) = found.eyes
    assert found.x < left < right < found.x + found.width
    assert found.likelihood > 0.9


def test_a_large_picture_is_measured_in_its_own_pixels() -> None:
    drawing = Image.fromarray(draw(103, 256, "Poster"))
    small = find_faces(drawing)[0]
    large = find_faces(drawing.resize((1536, 1536)))[0]
    assert large.width / 6 == pytest.approx(small.width, rel=0.3)
    assert large.eyes[0][0] / 6 == pytest.approx(small.eyes[0][0], abs=12)


def test_an_empty_picture_has_no_face() -> None:
    assert find_faces(Image.new("RGB", (200, 200), "white")) == []


@pytest.mark.parametrize(
    ("hair", "left", "right", "hers"),
    [
        (LAVENDER, RED, RED, True),
        (LAVENDER, SKIN, RED, True),  # she winks
        (BLOND, RED, RED, False),
        (LAVENDER, BLUE, BLUE, False),
        ((190, 188, 192), RED, RED, False),  # grey hair
    ],
)
def test_she_is_known_by_lavender_hair_and_a_red_eye(
    hair: RGB, left: RGB, right: RGB, hers: bool
) -> None:
    assert detection.looks_like_udonge(face(hair, left, right)) is hers


@pytest.mark.usefixtures("unchecked")
def test_a_detector_that_finds_nothing_is_reported_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("animeface.detect", lambda _: [])
    with pytest.raises(DetectorBrokenError, match='Install "pillow>=11,<12"'):
        find_faces(Image.new("RGB", (64, 64)))


@pytest.mark.parametrize(
    ("hair", "iris", "hers"),
    [(LAVENDER, RED, True), (BLOND, RED, False), (LAVENDER, BLUE, False)],
)
def test_pixels_decide_where_animeface_took_an_outline_for_a_colour(
    hair: RGB, iris: RGB, hers: bool
) -> None:
    picture = Image.new("RGB", (100, 100), hair)
    picture.paste(SKIN, (20, 50, 80, 100))
    for x in (35, 65):
        picture.paste((25, 12, 20), (x - 8, 58, x + 8, 74))
        picture.paste(iris, (x - 5, 62, x + 5, 74))
    dark = (30, 14, 22)
    seen = Face(20, 45, 60, ((35, 66), (65, 66)), 1.0, SKIN, dark, dark, dark, ((16, 16), (16, 16)))
    assert detection.is_hers(picture, seen) is hers


def test_most_looks_decide_as_colours_are_gathered_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    hers, dark = face(LAVENDER, RED, RED), face((60, 20, 36), RED, RED)
    looks = iter([[hers], [dark], [hers], [dark], [], [hers]])
    monkeypatch.setattr(detection, "find_faces", lambda _: next(looks))
    picture = Image.new("RGB", (64, 64))
    assert detection.shows_udonge(picture)
    assert not detection.shows_udonge(picture)
