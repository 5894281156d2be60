from itertools import pairwise

import numpy as np
import pytest

from bot.rendering.genre_card import clock, heights_over, marks


@pytest.mark.parametrize(
    ("seconds", "read"), [(0.4, "0:00"), (7, "0:07"), (245.9, "4:05"), (3750, "1:02:30")]
)
def test_moments_read_as_people_write_them(seconds: float, read: str) -> None:
    assert clock(seconds) == read


def test_a_song_is_marked_at_round_minutes_and_its_end() -> None:
    assert [mark.text for mark in marks(245)] == ["0:00", "1:00", "2:00", "3:00", "4:05"]


@pytest.mark.parametrize("seconds", [0.4, 1, 2.5, 31, 59, 60, 61, 187, 245, 600, 3725, 195_000])
def test_marks_never_touch(seconds: float) -> None:
    places = [mark.at for mark in marks(seconds)]
    assert all(later - earlier >= 1 / 6 - 1e-9 for earlier, later in pairwise(places))
    assert len(places) <= 8


def test_a_song_too_short_to_read_has_one_mark() -> None:
    assert [mark.text for mark in marks(0.4)] == ["0:00"]


def test_between_windows_a_share_rises_evenly() -> None:
    heights = heights_over(np.array([0.0, 1.0], np.float32), np.array([0.25, 0.75]), 400)
    assert heights[:100] == pytest.approx(0, abs=0.01)
    assert heights[200] == pytest.approx(0.5, abs=0.01)
    assert heights[300:] == pytest.approx(1, abs=0.01)


def test_the_mean_height_is_the_mean_of_evenly_spaced_windows() -> None:
    shares = np.random.default_rng(0).uniform(0, 1, 12).astype(np.float32)
    heights = heights_over(shares, (np.arange(12) + 0.5) / 12, 1200)
    assert heights.mean() == pytest.approx(shares.mean(), abs=0.01)


def test_a_moment_stands_where_it_sounds() -> None:
    heights = heights_over(np.array([0, 1, 0], np.float32), np.array([0.0, 0.26, 0.99]), 1000)
    assert abs(int(heights.argmax()) - 260) < 5
