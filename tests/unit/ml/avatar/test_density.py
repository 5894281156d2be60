from __future__ import annotations

import numpy as np

from ml.avatar.latents import Density, fit


def two_clouds() -> np.ndarray:
    dice = np.random.default_rng(1)
    near = dice.multivariate_normal([0, 0, 0], np.diag([1, 0.1, 0.1]), 300)
    far = dice.multivariate_normal([9, 9, 9], np.diag([0.1, 0.1, 1]), 100)
    return np.vstack([near, far]).astype(np.float32)


def test_finds_both_clouds_and_their_sizes() -> None:
    density = fit(two_clouds(), 2)
    means = sorted(zip(density.means.round().tolist(), density.shares.round(2), strict=True))
    assert means == [([0, 0, 0], 0.75), ([9, 9, 9], 0.25)]


def test_samples_spread_as_the_points_do() -> None:
    points = two_clouds()
    density = fit(points, 2)
    drawn = np.stack([density.draw(seed) for seed in range(3000)])
    assert np.allclose(drawn.mean(axis=0), points.mean(axis=0), atol=0.3)
    assert np.allclose(np.cov(drawn.T), np.cov(points.T), rtol=0.1, atol=0.3)


def test_a_sample_belongs_to_its_seed_alone() -> None:
    density = fit(two_clouds(), 2)
    assert (density.draw(-5) == density.draw(-5)).all()
    assert (density.draw(2**64 + 3) == density.draw(3)).all()


def test_less_spread_stays_nearer_to_the_means() -> None:
    points = two_clouds()[:300]
    wide, narrow = fit(points, 1), fit(points, 1, spread=0.5)
    offset = narrow.draw(3) - narrow.means[0]
    assert np.allclose(offset, (wide.draw(3) - wide.means[0]) / 2, atol=1e-6)


def test_few_points_in_many_dimensions_still_give_a_density() -> None:
    points = np.random.default_rng(0).normal(size=(30, 64)).astype(np.float32)
    assert np.isfinite(fit(points, 8).draw(0)).all()


def test_the_standard_is_white_noise() -> None:
    drawn = np.stack([Density.standard(4).draw(seed) for seed in range(2000)])
    assert np.allclose(np.cov(drawn.T), np.eye(4), atol=0.12)
