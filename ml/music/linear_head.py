"""Linear answers on standardised features: of a whole song, and of its windows.

The features of a song are the means of its windows' features, then their spreads. The logits of a
window take its own features in place of the means, so that the mean of the windows' logits is the
song's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Number = TypeVar("Number", bound=np.floating[Any])


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """Answers that are linear in standardised features.

    Attributes:
        centre: (features,) subtracted first.
        scale: (features,) divided by then.
        weights: (features, answers).
        bias: (answers,).
    """

    centre: Floats
    scale: Floats
    weights: Floats
    bias: Floats

    def __call__(self, features: Floats) -> Floats:
        """Answer (n, features) by (n, answers) logits."""
        logits: Floats = ((features - self.centre) / self.scale) @ self.weights + self.bias
        return logits


def song_features(windows: Floats) -> Floats:
    """(windows, n) to (2n,): the means, then the standard deviations."""
    return np.concatenate([windows.mean(axis=0), windows.std(axis=0)])


def window_features(windows: Floats) -> Floats:
    """(windows, n) to (windows, 2n): each window's own, then the song's standard deviations."""
    spread = np.broadcast_to(windows.std(axis=0), windows.shape)
    return np.concatenate([windows, spread], axis=1)


def softmax(logits: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Turn rows of logits into rows that sum to 1."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: npt.NDArray[Number] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """Turn log odds into probabilities."""
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def tilted_softmax(logits: Floats, mean: Floats, rounds: int = 30) -> Floats:
    """Turn windows' logits into shares whose mean over the windows is given.

    What all windows have in common is corrected and what tells them apart is left: to each answer
    the same number is added in every window.

    Args:
        logits: (windows, answers).
        mean: (answers,) the song's own shares, summing to 1.
        rounds: of proportional fitting; it converges by a factor of ten in a few.

    Returns:
        (windows, answers), rows summing to 1.
    """
    shift = np.zeros_like(mean)
    for _ in range(rounds):
        shares = softmax(logits + shift)
        shift = shift + np.log((mean + 1e-9) / (shares.mean(axis=0) + 1e-9))
    return softmax(logits + shift)


def tilted_sigmoid(logits: Floats, mean: Floats, rounds: int = 40) -> Floats:
    """Turn windows' log odds into probabilities whose mean over the windows is given.

    Args:
        logits: (windows, answers).
        mean: (answers,) the song's own probabilities.
        rounds: of bisection.
    """
    low, high = np.full_like(mean, -60.0), np.full_like(mean, 60.0)
    for _ in range(rounds):
        middle = (low + high) / 2
        below = sigmoid(logits + middle).mean(axis=0) < mean
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return sigmoid(logits + (low + high) / 2)
