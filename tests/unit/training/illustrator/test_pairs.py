from itertools import islice

import numpy as np

from training.illustrator import draw
from training.illustrator.pairs import LARGE, SMALL, pair, pairs, shrunk


def test_a_pair_is_one_drawing_in_two_sizes() -> None:
    one = pair(17)
    assert one.large.shape == (LARGE, LARGE, 3)
    assert one.small.shape == (SMALL, SMALL, 3)
    assert np.array_equal(one.large, draw(17, LARGE))
    assert np.array_equal(one.small, shrunk(one.large, SMALL))


def test_pairs_go_on_with_successive_seeds() -> None:
    assert [each.facts.seed for each in islice(pairs(40), 3)] == [40, 41, 42]
