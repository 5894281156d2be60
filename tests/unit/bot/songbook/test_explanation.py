"""Likeness is a calibrated percentage, and parts that a member can understand."""

import numpy as np
import pytest

from bot.songbook.nearest import SimilarityExplainer
from bot.songbook.values import SimilarityParts, Sound
from ml.music.hearing import Alike


def sound(angle: float, tempo: float | None = None, length: float = 1.0) -> Sound:
    vector = length * np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Sound(vector, {}, tempo)


def why(one: np.ndarray, other: np.ndarray) -> Alike:
    """Sound alone counts, and the probability grows with it."""
    cosine = float(one @ other)
    return Alike((1 + cosine) / 2, cosine, timbre=cosine - 0.25, rhythm=0.25)


def likeness(asked: Sound, other: Sound) -> SimilarityParts:
    return SimilarityExplainer(why)(asked, [other])[0]


def test_the_percentage_is_the_ears_probability() -> None:
    assert likeness(sound(0), sound(np.pi / 3)).percent == pytest.approx(75, abs=0.01)


def test_the_length_of_a_vector_does_not_count() -> None:
    assert likeness(sound(0), sound(0, length=5.0)).percent == pytest.approx(100)


def test_each_of_the_others_gets_its_own_likeness_in_order() -> None:
    found = SimilarityExplainer(why)(sound(0), [sound(0.1), sound(0.2), sound(0.3)])
    assert [each.percent for each in found] == sorted(
        (each.percent for each in found), reverse=True
    )


def test_parts_are_the_ears_and_those_it_could_not_compare_are_left_out() -> None:
    assert likeness(sound(0), sound(0)).parts == pytest.approx({"timbre": 0.75, "rhythm": 0.25})


@pytest.mark.parametrize(
    ("asked", "other", "ratio"), [(85, 170, 2.0), (120, 120, 1.0), (None, 120, None)]
)
def test_tempos_are_compared_where_both_have_one(
    asked: float | None, other: float | None, ratio: float | None
) -> None:
    assert likeness(sound(0, asked), sound(0, other)).tempo_ratio == ratio
