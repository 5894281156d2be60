"""Fits the rule by which keys are scored, on songs whose key somebody annotated.

`benchmarks.song_key` measures it on artists that it did not learn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.music.hearing import MODES, TONICS
from ml.music.key import CHANNELS, KEYS, key_scores, nearness

_FLATS = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}
WEIGHT_DECAY = 0.2  # times the mean of the squared weights
BIAS_DECAY = 0.02
_ROUNDS = 60


@dataclass(frozen=True, slots=True, eq=False)
class KeySongs:
    """Songs with an annotated key.

    Attributes:
        features: (songs, CHANNELS, 12) float32, as from `ml.music.key.pitch_features`.
        keys: (songs,) index among the 24.
        genres: (songs, 10) float32: probability of each genre, or one for the known one.
    """

    features: Tensor
    keys: Tensor
    genres: Tensor

    def of(self, rows: npt.NDArray[np.int64]) -> KeySongs:
        """Take some of the songs, by index."""
        at = torch.from_numpy(rows)
        return KeySongs(self.features[at], self.keys[at], self.genres[at])


def key_index(name: str) -> int:
    """Turn "A minor" into its place among the 24 keys.

    Raises:
        ValueError: it is no key.
    """
    tonic, _, mode = name.partition(" ")
    tonic = _FLATS.get(tonic, tonic)
    if mode not in MODES or tonic not in TONICS:
        raise ValueError(f"{name!r} is no key")
    return TONICS.index(tonic) + 12 * MODES.index(mode)


def fit_key(songs: KeySongs, weight_decay: float = WEIGHT_DECAY) -> dict[str, Tensor]:
    """Fit weights for all tonics at once, and how genres lean to major or minor.

    Returns:
        `weights` (2, CHANNELS, 12), `mode_bias` (2,) and `genre_bias` (10, 2).
    """
    weights = torch.zeros(2, CHANNELS, 12, requires_grad=True)
    mode_bias = torch.zeros(2, requires_grad=True)
    genre_bias = torch.zeros(songs.genres.shape[1], 2, requires_grad=True)
    parameters = [weights, mode_bias, genre_bias]
    optimiser = torch.optim.LBFGS(parameters, max_iter=_ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        scores = key_scores(songs.features, weights, mode_bias + songs.genres @ genre_bias)
        loss = functional.cross_entropy(scores, songs.keys)
        loss = loss + weight_decay * weights.square().sum() / 24
        loss = loss + BIAS_DECAY * genre_bias.square().sum()
        torch.autograd.backward(loss)
        return loss

    optimiser.step(closure)
    return {
        "weights": weights.detach(),
        "mode_bias": mode_bias.detach(),
        "genre_bias": genre_bias.detach(),
    }


def scores_of(songs: KeySongs, rule: Mapping[str, Tensor]) -> Tensor:
    """Score songs by a fitted rule: (songs, 24) logits."""
    bias = rule["mode_bias"] + songs.genres @ rule["genre_bias"]
    return key_scores(songs.features, rule["weights"], bias)


def held_out_keys(songs: KeySongs, folds: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Score each song by a rule that did not learn from its fold: (songs, 24) logits."""
    scores = np.zeros((len(folds), KEYS), np.float32)
    for fold in np.unique(folds):
        rule = fit_key(songs.of(np.flatnonzero(folds != fold)))
        scores[folds == fold] = scores_of(songs.of(np.flatnonzero(folds == fold)), rule).numpy()
    return scores


def mirex_points(
    found: npt.NDArray[np.int64], true: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Weigh answers as MIREX and mir_eval do.

    Returns:
        (songs,) 1 for the key, 0.5 for a fifth above it, 0.3 for its relative, 0.2 for its
        parallel, else 0.
    """
    if found.max(initial=0) >= KEYS or true.max(initial=0) >= KEYS:
        raise ValueError("a key is none of the 24")
    points: npt.NDArray[np.float64] = nearness()[found, true]
    return points
