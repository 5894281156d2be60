"""All that was heard in the labelled songs, in one table, and linear heads fitted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from ml.music.linear_head import Floats, LinearHead, song_features
from training.music.ten_genres import TenGenreSongs

STRENGTH = 0.003  # of logistic regressions, the inverse of their regularisation
TAGGED = 1_000  # numbers of the taggers in a song's row; the coarse network's follow


@dataclass(frozen=True, slots=True, eq=False)
class SongTable:
    """Heard songs with their labels.

    Attributes:
        songs: GTZAN's and the named songs.
        rows: (heard,) which of `songs` were heard, rising.
        features: (all songs, n) float32: means and spreads of the taggers' windows, then the
            coarse network's answers; zeros for songs that were not heard.
    """

    songs: TenGenreSongs
    rows: npt.NDArray[np.int64]
    features: Floats
    label_columns: slice

    def gtzan(self) -> npt.NDArray[np.int64]:
        """Heard songs of GTZAN."""
        return self.rows[self.songs.folds[self.rows] >= 0]

    def named(self, besides: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
        """Heard named songs whose artist is known and has none of the songs `besides`."""
        hidden = {self.songs.artists[row] for row in besides} if besides is not None else set()
        return np.array(
            [
                row
                for row in self.rows
                if self.songs.folds[row] < 0
                and self.songs.artists[row]
                and self.songs.artists[row] not in hidden
            ],
            dtype=np.int64,
        )


def read_windows(files: Sequence[Path]) -> dict[str, Floats]:
    """Read what `training.music.tagger_features` stored: each song's (windows, 500)."""
    heard: dict[str, Floats] = {}
    for file in files:
        with np.load(file) as stored:
            for name, windows in zip(stored["names"].tolist(), stored["values"], strict=True):
                heard[name] = windows[~np.isnan(windows[:, 0])]
    return heard


def read_table(songs: TenGenreSongs, features: Sequence[Path], coarse: Path) -> SongTable:
    """Join the taggers' features with the coarse network's answers.

    Args:
        songs: as from `read_ten_genres`.
        features: files of `training.music.tagger_features`.
        coarse: `...-songs.safetensors` of `training.music.coarse_training`.
    """
    heard = read_windows([file for file in features if file.exists()])
    answers = load_file(coarse)
    beside = np.concatenate([answers[name] for name in sorted(answers)], axis=1)
    table = np.zeros((len(songs.names), TAGGED + beside.shape[1]), np.float32)
    rows = np.array([row for row, name in enumerate(songs.names) if name in heard], dtype=np.int64)
    for row in rows:
        table[row] = np.concatenate([song_features(heard[songs.names[row]]), beside[row]])
    first = sum(answers[name].shape[1] for name in sorted(answers) if name < "labels")
    return SongTable(songs, rows, table, slice(first, first + answers["labels"].shape[1]))


def fit_linear(
    features: Floats,
    labels: npt.NDArray[np.int64],
    strength: float = STRENGTH,
    weights: npt.NDArray[np.float64] | None = None,
) -> LinearHead:
    """Fit a multinomial logistic regression with evenly weighted classes.

    Args:
        features: (songs, n).
        labels: (songs,) each of 0 to classes - 1 occurs.
        strength: inverse of the regularisation.
        weights: (songs,) how much each song counts.
    """
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=500)
    model.fit((features - centre) / scale, labels, sample_weight=weights)
    return LinearHead(
        centre.astype(np.float32),
        scale.astype(np.float32),
        model.coef_.T.astype(np.float32),
        model.intercept_.astype(np.float32),
    )


def fit_discriminant(
    features: Floats, labels: npt.NDArray[np.int64], shrinkage: float
) -> LinearHead:
    """Fit a linear discriminant with evenly likely classes.

    With a few hundred songs and a thousand features it errs less than logistic regression.

    Args:
        features: (songs, n).
        labels: (songs,) each of 0 to classes - 1 occurs.
        shrinkage: of the covariance within the classes towards an even one, 0 to 1.
    """
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    classes = int(labels.max()) + 1
    model = LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage=shrinkage, priors=np.full(classes, 1 / classes)
    )
    model.fit((features - centre) / scale, labels)
    return LinearHead(
        centre.astype(np.float32),
        scale.astype(np.float32),
        model.coef_.T.astype(np.float32),
        model.intercept_.astype(np.float32),
    )


def blended(
    heads: Sequence[LinearHead],
    shares: Sequence[float],
    columns: Sequence[npt.NDArray[np.int64]],
    size: int,
) -> LinearHead:
    """Join heads that read different columns of the same rows into one: the sum of their logits.

    Args:
        heads: as from `fit_linear`.
        shares: what each head's logits are multiplied by.
        columns: which columns each reads.
        size: of a row.
    """
    answers = heads[0].weights.shape[1]
    weights, bias = np.zeros((size, answers), np.float32), np.zeros(answers, np.float32)
    for head, share, read in zip(heads, shares, columns, strict=True):
        slopes = share * head.weights / head.scale[:, None]
        weights[read] += slopes
        bias += share * head.bias - head.centre @ slopes
    return LinearHead(np.zeros(size, np.float32), np.ones(size, np.float32), weights, bias)
