"""Where portraits lie in the latents: a mixture of Gaussians fitted to the training pictures.

The seed samples from N(0, 1), where its encoder has put nothing: that is why it draws mush.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Latents = npt.NDArray[np.float32]
"""(n, latent)."""

_ROUNDS = 30  # of expectation and maximisation; mixtures this small have settled by then
_SHARED = 0.3  # of each covariance comes from all of them, which few pictures need


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A mixture of Gaussians.

    Attributes:
        shares: (k,) which sum to 1.
        means: (k, latent).
        factors: (k, latent, latent) lower triangular; a factor times white noise is a sample.
        spread: how far from its mean a sample may lie, as a share of the fitted spread; below 1
            portraits are cleaner and more alike (the truncation of Brock et al., 2019).
    """

    shares: npt.NDArray[np.float32]
    means: npt.NDArray[np.float32]
    factors: npt.NDArray[np.float32]
    spread: float = 1.0

    @classmethod
    def standard(cls, latent: int) -> Density:
        """N(0, 1), which the seed samples from."""
        return cls(
            np.ones(1, np.float32),
            np.zeros((1, latent), np.float32),
            np.eye(latent, dtype=np.float32)[None],
        )

    @property
    def latent_size(self) -> int:
        """Numbers in a latent."""
        return int(self.means.shape[1])

    @property
    def mean(self) -> Latents:
        """(latent,) of the whole mixture."""
        mean: Latents = (self.shares[:, None] * self.means).sum(axis=0)
        return mean

    def draw(self, seed: int) -> Latents:
        """Draw the one latent (latent,) that belongs to a seed.

        Sums instead of matrix products: those of a library may differ with its threads.
        """
        rng = np.random.Generator(np.random.PCG64(seed % 2**64))
        chosen = min(
            int(np.searchsorted(self.shares.cumsum(), rng.random(), side="right")),
            len(self.shares) - 1,
        )
        noise = rng.standard_normal(self.latent_size) * self.spread
        offset = (self.factors[chosen].astype(np.float64) * noise).sum(axis=1)
        drawn: Latents = (self.means[chosen] + offset).astype(np.float32)
        return drawn


def fit(latents: Latents, parts: int, seed: int = 0, spread: float = 1.0) -> Density:
    """Fit a mixture to the latents of the training pictures.

    Args:
        latents: (n, latent), n of at least 2.
        parts: Gaussians in the mixture; fewer where there are few pictures.
        seed: what chance starts from.
        spread: of the density.

    Returns:
        the density.
    """
    points = latents.astype(np.float64)
    parts = max(1, min(parts, len(points) // 25))
    chances = _grouped(points, parts, np.random.default_rng(seed))
    for _ in range(_ROUNDS if parts > 1 else 0):
        shares, means, covariances = _moments(points, chances)
        chances = _belonging(points, shares, means, covariances)
    shares, means, covariances = _moments(points, chances)
    factors = np.linalg.cholesky(covariances)
    return Density(
        shares.astype(np.float32), means.astype(np.float32), factors.astype(np.float32), spread
    )


def _grouped(points: np.ndarray, parts: int, rng: np.random.Generator) -> np.ndarray:
    """Group the points around far-apart ones, as (n, parts) of zeros and ones."""
    centres = points[rng.integers(len(points), size=1)]
    while len(centres) < parts:
        nearest = _distances(points, centres).min(axis=1)
        centres = np.vstack([centres, points[rng.choice(len(points), p=nearest / nearest.sum())]])
    for _ in range(10):
        nearest = _distances(points, centres).argmin(axis=1)
        centres = np.stack(
            [
                points[nearest == part].mean(axis=0) if (nearest == part).any() else centres[part]
                for part in range(parts)
            ]
        )
    grouped: np.ndarray = np.eye(parts)[_distances(points, centres).argmin(axis=1)]
    return grouped


def _distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squares: np.ndarray = (
        (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    )
    return squares.clip(min=0)


def _moments(points: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute shares, means and covariances, each of which leans on what is common to all."""
    weights = chances.sum(axis=0) + 1e-6
    means = chances.T @ points / weights[:, None]
    own = np.stack(
        [
            ((points - mean) * chance[:, None]).T @ (points - mean) / weight
            for mean, chance, weight in zip(means, chances.T, weights, strict=True)
        ]
    )
    shares = weights / weights.sum()
    common = (shares[:, None, None] * own).sum(axis=0)
    ridge = 1e-4 * np.trace(common) / len(common) * np.eye(len(common))
    return shares, means, (1 - _SHARED) * own + _SHARED * common + ridge


def _belonging(
    points: np.ndarray, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> np.ndarray:
    """Compute to which part each point belongs, (n, parts), rows summing to 1."""
    logs = np.empty((len(points), len(shares)))
    for part, (share, mean, covariance) in enumerate(zip(shares, means, covariances, strict=True)):
        factor = np.linalg.cholesky(covariance)
        whitened = np.linalg.solve(factor, (points - mean).T)
        logs[:, part] = (
            np.log(share) - np.log(np.diag(factor)).sum() - (whitened**2).sum(axis=0) / 2
        )
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    belonging: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
    return belonging
