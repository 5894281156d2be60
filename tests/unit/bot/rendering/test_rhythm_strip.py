import numpy as np
import pytest

from bot.rendering.genre_card import draw_rhythm
from bot.rendering.palette import HOLLOW


def heights(bars: list[float]) -> list[int]:
    picture = np.asarray(draw_rhythm(bars, (300, 100)))
    lit = (picture != np.array(HOLLOW)).any(axis=2).sum(axis=0)
    return [int(lit[int((i + 0.3) * 300 / len(bars))]) for i in range(len(bars))]


def test_new_bars_are_taller_than_repeated_ones() -> None:
    assert heights([0.0, 0.5, 1.0]) == [12, 56, 100]


def test_values_outside_the_range_are_held_inside() -> None:
    assert heights([-1.0, 2.0]) == [12, 100]


@pytest.mark.parametrize("count", [1, 299, 300, 2000])
def test_any_number_of_bars_can_be_drawn(count: int) -> None:
    assert draw_rhythm([0.5] * count, (300, 100)).size == (300, 100)
