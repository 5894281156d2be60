"""What may be typed as a seed."""

from __future__ import annotations

import pytest

from bot.portraits.service import (
    MAX_LENGTH,
    following,
    normalised,
    number_of,
    random_seed,
    random_variations,
    steps_of,
)


@pytest.mark.parametrize(
    ("one", "other"), [("Reisen", " reisen "), ("４２", "42"), ("042", "42"), ("ｶﾞ", "ガ")]
)
def test_width_case_and_spaces_do_not_matter(one: str, other: str) -> None:
    assert number_of(one) == number_of(other)


def test_a_number_is_itself_and_words_differ() -> None:
    assert number_of("42") == 42
    assert len({number_of(word) for word in ("reisen", "udonge", "うどんげ", "-1", "4 2", "")}) == 6


def test_a_seed_is_shown_on_one_line_without_what_deceives_the_eye() -> None:
    assert normalised("  a\n\u202eb\u0000 c ") == "a b c"
    assert normalised("\u200b") == "?"
    assert len(normalised("長" * 999)) == MAX_LENGTH


def test_seeds_follow_each_other() -> None:
    assert following("41", 3) == ("41", "42", "43")
    assert following("reisen", 3) == ("reisen", "reisen 2", "reisen 3")
    assert following("reisen", 1) == ("reisen",)


@pytest.mark.parametrize(
    ("seed", "steps"),
    [
        ("reisen", ("reisen",)),
        ("reisen~5", ("reisen", "reisen~5")),
        ("a~b~5~20", ("a~b", "a~b~5", "a~b~5~20")),
        ("~5", ("~5",)),
        ("reisen~", ("reisen~",)),
        ("reisen~x", ("reisen~x",)),
    ],
)
def test_a_variation_says_what_it_began_with(seed: str, steps: tuple[str, ...]) -> None:
    assert steps_of(seed) == steps


def test_what_is_made_up_can_be_typed() -> None:
    assert random_seed().isdecimal()
    variations = random_variations("reisen", 4)
    assert len(set(variations)) == 4
    assert all(steps_of(each) == ("reisen", each) for each in variations)
