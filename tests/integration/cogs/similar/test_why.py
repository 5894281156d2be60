"""Members read how alike two songs are in each part, each on its own scale."""

import numpy as np
import pytest

from bot.i18n import translator_for
from cogs.similar._answer import why_text
from ml.music.hearing import SimilarityParts, SimilarityScale

ENGLISH, JAPANESE = translator_for("en"), translator_for("ja")
SCALE = SimilarityScale({"timbre": slice(0, 100), "harmony": slice(100, 125)})
NOTHING = SimilarityParts(50, {}, {})


def test_each_part_has_a_bar_on_its_own_scale() -> None:
    equal = SimilarityParts(90, {}, {"timbre": 0.36, "harmony": 0.36})
    assert why_text(equal, SCALE, None, ENGLISH) == "sound ▰▰▰▰▱ · harmony ▰▰▱▱▱"


def test_a_part_in_which_they_differ_has_an_empty_bar() -> None:
    words = why_text(SimilarityParts(60, {}, {"timbre": -0.5}), SCALE, 1.01, ENGLISH)
    assert words == "sound ▱▱▱▱▱ · same tempo"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.97, "double tempo"), (0.5, "half tempo"), (1.3, "different tempo"), (None, "")],
)
def test_tempo_is_told_by_how_the_two_stand_to_each_other(ratio: float | None, words: str) -> None:
    assert why_text(NOTHING, SCALE, ratio, ENGLISH) == words


def test_a_japanese_member_reads_it_in_japanese() -> None:
    parts = SimilarityParts(80, {}, {"timbre": 0.9, "harmony": 0.0})
    assert why_text(parts, SCALE, 1.0, JAPANESE) == "音色 ▰▰▰▰▰ · ハーモニー ▱▱▱▱▱ · 同じテンポ"


def test_a_part_is_compared_by_itself_and_the_shares_add_up() -> None:
    one, other = np.zeros(125, np.float32), np.zeros(125, np.float32)
    one[[0, 100]], other[[0, 101]] = (0.8, 0.6), (0.8, 0.6)
    parts = SCALE.compare(one, other)
    assert parts.cosines == pytest.approx({"timbre": 1.0, "harmony": 0.0})
    assert parts.shares == pytest.approx({"timbre": 0.64, "harmony": 0.0})


def test_weights_move_what_counts_but_not_a_song_against_itself() -> None:
    one = np.zeros(125, np.float32)
    one[[0, 100]] = 0.8, 0.6
    steered = SCALE.steered(one, {"harmony": 3.0})
    assert steered @ one == pytest.approx(1.0)
    assert steered[100] / steered[0] == pytest.approx(3 * 0.6 / 0.8)
