"""Members read what two songs share, in parts that make up the whole of it."""

import pytest

from bot.i18n import translator_for
from bot.songbook.values import SimilarityParts
from cogs.similar._answer import words_for_why

ENGLISH, JAPANESE = translator_for("en"), translator_for("ja")


def test_parts_come_largest_first_and_make_up_all_that_is_alike() -> None:
    likeness = SimilarityParts(90, {"timbre": 0.3, "harmony": 0.06, "rhythm": 0.24})
    assert words_for_why(likeness, ENGLISH) == "In common: sound 50%, rhythm 40%, harmony 10%"


def test_a_part_in_which_they_differ_is_named_as_such() -> None:
    likeness = SimilarityParts(60, {"timbre": 0.5, "harmony": -0.1, "rhythm": 0.0}, 1.01)
    words = words_for_why(likeness, ENGLISH)
    assert words == "In common: sound 100% · unlike: harmony · same tempo"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.97, "twice the tempo"), (0.5, "half the tempo"), (1.3, "another tempo"), (None, "")],
)
def test_tempo_is_told_by_how_the_two_stand_to_each_other(ratio: float | None, words: str) -> None:
    assert words_for_why(SimilarityParts(50, {}, ratio), ENGLISH) == words


def test_a_japanese_member_reads_it_in_japanese() -> None:
    likeness = SimilarityParts(80, {"timbre": 0.3, "rhythm": 0.1, "harmony": -0.1}, 1.0)
    words = words_for_why(likeness, JAPANESE)
    assert words == "似ているところ：音色 75%、リズム 25% · 違うところ：和声 · 同じテンポ"


def test_without_a_likeness_nothing_is_claimed() -> None:
    assert words_for_why(None, ENGLISH) == ""
