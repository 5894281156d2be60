from dataclasses import replace

import numpy as np
import pytest

from bot.rendering.genre_card import Passage, Share, passages, shares_to_show
from tests.factories import hearing


@pytest.mark.parametrize(
    ("share", "written"), [(1.0, "100%"), (0.624, "62%"), (0.01, "1%"), (0.004, "<1%")]
)
def test_shares_are_written_as_whole_percents(share: float, written: str) -> None:
    assert Share("rock", share).percent == written


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ({"rock": 0.97, "pop": 0.02, "jazz": 0.01, "blues": 0.0}, 3),
        ({"rock": 0.4, "pop": 0.3, "jazz": 0.2, "blues": 0.1}, 4),
        ({"rock": 0.3, "pop": 0.2, "jazz": 0.2, "blues": 0.2, "metal": 0.1}, 4),
        ({"rock": 0.6, "pop": 0.4}, 2),
    ],
)
def test_only_genres_worth_showing_are_shown(found: dict[str, float], shown: int) -> None:
    best = shares_to_show(replace(hearing(), genres=found))
    assert [share.genre for share in best] == list(found)[:shown]


def test_a_song_is_told_in_passages_without_gaps() -> None:
    shares = np.zeros((60, 10), np.float32)
    shares[:20, 1] = shares[20:, 9] = 1.0
    starts = tuple(float(i * 4) for i in range(60))
    told = passages(replace(hearing(), timeline=shares, starts=starts, seconds=240.0))
    assert told == (Passage("classical", 0.0, 80.0), Passage("rock", 80.0, 240.0))


def test_one_odd_second_is_not_a_passage() -> None:
    shares = np.zeros((60, 10), np.float32)
    shares[:, 9] = 1.0
    shares[30] = np.eye(10)[1]
    assert [p.genre for p in passages(replace(hearing(), timeline=shares))] == ["rock"]


def test_a_song_of_one_window_is_one_passage() -> None:
    assert len(passages(hearing(1, seconds=0.4))) == 1
