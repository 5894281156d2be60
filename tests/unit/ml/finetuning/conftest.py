"""Lessons whose pictures are compared as small as the tiny model draws them."""

import pytest

from tests.unit.ml.avatar.tiny import DIMENSIONS


@pytest.fixture(autouse=True)
def small_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frozen network's vectors are most of a lesson's work: at 224 px twelve times as much."""
    monkeypatch.setattr("ml.avatar.features._VECTOR_SIDE", DIMENSIONS.side)
