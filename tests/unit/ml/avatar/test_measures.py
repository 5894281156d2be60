from __future__ import annotations

import numpy as np

from ml.avatar.measures import (
    kernel_distance,
    kernel_distance_interval,
    nearest,
    precision_and_recall,
)


def cloud(seed: int, shift: float = 0.0, count: int = 200, spread: float = 1.0) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return dice.normal(shift, spread, (count, 8)).astype(np.float32)


def test_clouds_of_one_kind_are_no_distance_apart() -> None:
    distance = kernel_distance_interval(cloud(0), cloud(1))
    assert distance.low <= 0 <= distance.high
    assert kernel_distance(cloud(0), cloud(1, shift=1.0)) > distance.high


def test_the_estimate_is_unbiased() -> None:
    values = [
        kernel_distance(cloud(2 * n, count=20), cloud(2 * n + 1, count=20)) for n in range(200)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(len(values))


def test_too_narrow_drawings_have_precision_but_no_recall() -> None:
    precision, recall = precision_and_recall(cloud(0, spread=0.2), cloud(1))
    assert precision > 0.9
    assert recall < 0.2


def test_drawings_beside_the_point_have_neither() -> None:
    assert precision_and_recall(cloud(0, shift=20), cloud(1)) == (0, 0)


def test_the_nearest_of_a_vector_is_itself() -> None:
    which, how_far = nearest(cloud(0)[:5], cloud(0))
    assert which.tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(how_far, 0, atol=1e-2)
