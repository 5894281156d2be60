"""Likeness is a calibrated percentage, and parts that a member can understand."""

import numpy as np
import pytest

from bot.services.likening import EarLikening
from bot.services.songbook_values import Likeness, Sound


def sound(angle: float, tempo: float | None = None, profile: list[float] | None = None) -> Sound:
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Sound(vector, {"profile": profile} if profile else {}, tempo)


def likeness(asked: Sound, other: Sound) -> Likeness:
    return EarLikening(lambda cosine: (1 + cosine) / 2)(asked, [other])[0]


def test_the_percentage_is_the_ears_probability() -> None:
    assert likeness(sound(0), sound(np.pi / 3)).percent == pytest.approx(75, abs=0.01)


def test_a_songs_length_of_vector_does_not_count() -> None:
    loud = Sound(np.array([5.0, 0.0], np.float32))
    assert likeness(sound(0), loud).percent == pytest.approx(100)


def test_each_of_the_others_gets_its_own_likeness_in_order() -> None:
    found = EarLikening(lambda cosine: cosine)(sound(0), [sound(0.1), sound(0.2), sound(0.3)])
    assert [each.percent for each in found] == sorted(
        (each.percent for each in found), reverse=True
    )


@pytest.mark.parametrize(
    ("asked", "other", "part"), [(170, 170, 1.0), (85, 170, 1.0), (120, 120 * 2**0.5, 0.0)]
)
def test_tempo_is_compared_whatever_its_octave(asked: float, other: float, part: float) -> None:
    parts = likeness(sound(0, asked), sound(0, other)).parts
    assert parts["tempo"] == pytest.approx(part, abs=1e-6)


def test_the_same_beat_is_alike_and_another_less_so() -> None:
    beat, other = [1.0, -1.0, 0.5], [-1.0, 1.0, 0.5]
    same = likeness(sound(0, profile=beat), sound(0, profile=beat)).parts["rhythm"]
    different = likeness(sound(0, profile=beat), sound(0, profile=other)).parts["rhythm"]
    assert same == 1.0
    assert different < 0.1


def test_what_is_unknown_of_a_song_is_left_out() -> None:
    silent = sound(0, profile=[0.0, 0.0])
    assert set(likeness(silent, sound(0, 120, [1.0, 0.0])).parts) == {"timbre"}
