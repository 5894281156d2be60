"""Members read what two songs share, in parts that make up the whole of it."""

import pytest

from bot.i18n import translator_for
from cogs.similar._answer import why_text
from ml.music.hearing import SimilarityParts

ENGLISH, JAPANESE = translator_for("en"), translator_for("ja")


def test_parts_come_largest_first_and_make_up_all_that_is_alike() -> None:
    parts = SimilarityParts(90, {"timbre": 0.3, "harmony": 0.06, "rhythm": 0.24})
    assert why_text(parts, None, ENGLISH) == "In common: sound 50%, rhythm 40%, harmony 10%"


def test_a_part_in_which_they_differ_is_named_as_such() -> None:
    parts = SimilarityParts(60, {"timbre": 0.5, "harmony": -0.1, "rhythm": 0.0})
    words = why_text(parts, 1.01, ENGLISH)
    assert words == "In common: sound 100% · different: harmony · same tempo"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.97, "double tempo"), (0.5, "half tempo"), (1.3, "different tempo"), (None, "")],
)
def test_tempo_is_told_by_how_the_two_stand_to_each_other(ratio: float | None, words: str) -> None:
    assert why_text(SimilarityParts(50, {}), ratio, ENGLISH) == words


def test_a_japanese_member_reads_it_in_japanese() -> None:
    parts = SimilarityParts(80, {"timbre": 0.3, "rhythm": 0.1, "harmony": -0.1})
    words = why_text(parts, 1.0, JAPANESE)
    assert words == "似ているところ：音色 75%、リズム 25% · 違うところ：和声 · 同じテンポ"


def test_without_an_explanation_nothing_is_claimed() -> None:
    assert why_text(None, 1.0, ENGLISH) == ""
