from collections.abc import Iterator

import pytest

from bot.rendering import text as fonts
from bot.rendering.genre_card import genre_card
from bot.rendering.text import face_for, faces, legible
from tests.unit.bot.rendering.hearings import japanese_card


@pytest.fixture
def _no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fonts, "FOLDERS", ())
    faces.cache_clear()
    yield
    faces.cache_clear()


def test_latin_letters_are_always_drawn() -> None:
    assert all(face_for(char) is not None for char in "Rock 62%")


def test_what_no_font_can_hold_is_drawn_by_none() -> None:
    assert face_for("\ufdd0") is None


def test_japanese_is_drawn_by_the_best_font() -> None:
    if "Noto" not in str(faces(16)[0].getname()[0]):
        pytest.skip("Noto Sans CJK (Debian: fonts-noto-cjk) is not installed")
    assert [face_for(char) for char in "うさ耳アレンジ東方"] == [0] * 9


@pytest.mark.usefixtures("_no_system_fonts")
def test_without_a_japanese_font_its_characters_are_left_out() -> None:
    assert legible("Reisen うさ耳 mix") == "Reisen mix"


@pytest.mark.usefixtures("_no_system_fonts")
def test_a_card_is_drawn_without_any_system_font() -> None:
    assert genre_card(japanese_card()).startswith(b"\x89PNG")
