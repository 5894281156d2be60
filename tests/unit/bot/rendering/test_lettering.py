import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.rendering.text import Pen, fitted, in_two_lines, legible, shortened, width, write

PEN = Pen(40)


def written(text: str, align: str = "l", x: int = 200) -> tuple[int, int]:
    """First and last column with ink."""
    canvas = Image.new("RGB", (400, 80))
    write(ImageDraw.Draw(canvas), (x, 60), text, Pen(40, (255, 255, 255)), align)
    columns = np.flatnonzero(np.asarray(canvas.convert("L")).max(axis=0))
    return int(columns[0]), int(columns[-1])


@pytest.mark.parametrize(
    ("posted", "drawn"),
    [
        ("a\nb\tc", "a b c"),
        ("🐰 Night 🥕", "Night"),
        ("\u202eevil\u200b", "evil"),
        ("lone \ud800 half", "lone half"),
        ("e\u0301", "é"),
        ("e\u0301\u0302\u0303\u0304\u0305", "é\u0302\u0303"),
    ],
)
def test_only_what_can_be_drawn_remains(posted: str, drawn: str) -> None:
    assert legible(posted) == drawn


def test_a_short_title_is_left_alone() -> None:
    assert shortened("Night drive", PEN, 1000) == "Night drive"


def test_a_long_title_ends_in_an_ellipsis_and_fits() -> None:
    cut = shortened("Night drive " * 50, PEN, 500)
    assert cut.endswith("…")
    assert 400 < width(cut, PEN) <= 500


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("techno", ("techno",)),
        ("alternative hip-hop", ("alternative", "hip-hop")),
        ("singer-songwriter", ("singer-", "songwriter")),
        ("アンビエント・エレクトロニカ", ("アンビエント・", "エレクトロニカ")),
    ],
)
def test_a_wide_name_breaks_between_its_words(name: str, lines: tuple[str, ...]) -> None:
    room = max(width(line, PEN) for line in lines)
    assert in_two_lines(name, PEN, room) == lines


def test_a_name_of_one_endless_word_breaks_anywhere_and_ends_in_an_ellipsis() -> None:
    first, second = in_two_lines("x" * 50, PEN, 200)
    assert second.endswith("…")
    assert width(first, PEN) <= 200 >= width(second, PEN)


def test_letters_shrink_to_fit_but_not_below_what_a_phone_shows() -> None:
    assert fitted("pop", PEN, 500, 34) == PEN
    assert 34 < fitted("hip hop", PEN, width("hip hop", PEN) * 0.9, 34).size < 40
    assert fitted("progressive house", PEN, 10, 34).size == 34


def test_words_stand_where_their_alignment_says() -> None:
    assert written("Rock", "l")[0] >= 198
    assert written("Rock", "r")[1] <= 202
    left, right = written("Rock", "m")
    assert abs((left + right) / 2 - 200) < 4


def test_a_line_that_mixes_scripts_is_as_wide_as_its_parts() -> None:
    parts = width("Ж", PEN) + width("耳", PEN) + width("a", PEN)
    assert width("Ж耳a", PEN) == pytest.approx(parts, abs=2)
