"""The screen as the bot uses it: with its real weights, on harmless pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ml.images.decoding import Screen
from ml.images.errors import NotSafeForWorkError

GREY = np.full((2, 64, 48, 3), 128, np.uint8)


def test_harmless_pictures_pass() -> None:
    screen = Screen()
    assert screen.score(GREY[0]) < 0.2
    screen.check(GREY)


def test_the_threshold_decides_and_the_error_says_the_score() -> None:
    with pytest.raises(NotSafeForWorkError) as caught:
        Screen(threshold=0.0).check(GREY)
    assert 0 <= caught.value.score < 0.2
