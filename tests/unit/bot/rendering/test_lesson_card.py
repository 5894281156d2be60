"""The picture of a lesson under way."""

import io

import pytest
from PIL import Image

from bot.rendering.lesson_card import LessonLabels, lesson_card

LABELS = LessonLabels("Learning genres", "Error")
CURVE = [(1.0, 0.9), (2.0, 0.5), (3.0, 0.4)]


def sheet() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1536, 384), (200, 100, 50)).save(file, "PNG")
    return file.getvalue()


def height(png: bytes) -> int:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.width == 1200
        return int(picture.height)


def test_curve_and_drawings_each_take_room_when_there_are_any() -> None:
    bare = height(lesson_card(0.3, [], LABELS, None))
    curved = height(lesson_card(0.3, CURVE, LABELS, None))
    full = height(lesson_card(0.3, CURVE, LABELS, sheet()))
    assert bare < curved < full


@pytest.mark.parametrize(
    "curve", [[(1.0, 0.5)], [(1.0, 0.5), (1.0, 0.5)], [(0.0, -1.0), (9.0, 1e9)]]
)
def test_any_curve_can_be_drawn(curve: list[tuple[float, float]]) -> None:
    assert height(lesson_card(2.0, curve, LABELS, None)) > 0


def test_a_sheet_cut_off_is_left_out() -> None:
    whole = height(lesson_card(0.3, CURVE, LABELS, sheet()))
    assert height(lesson_card(0.3, CURVE, LABELS, sheet()[:50])) < whole
