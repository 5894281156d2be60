"""All that was heard in the labelled songs, in one table, and linear heads fitted on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from ml.music.heads import Floats, LinearHead, song_features
from training.music.changed_songs import read_changed
from training.music.ten_genres import TenGenreSongs

STRENGTH = 0.003  # of logistic regressions, the inverse of their regularisation
WINDOW = 500  # numbers of a window: embeddings and tags
TAGGED = 2 * WINDOW  # of the taggers in a song's row; the picture networks' and pools follow


@dataclass(frozen=True, slots=True, eq=False)
class OtherSounds:
    """Sounds that are learned from beside the songs' own, and are never asked about.

    Attributes:
        rows: (sounds,) which song each is of.
        features: (sounds, n) float32, as those of a `SongTable`.
        counts: (sounds,) how much each counts beside a song's own, which counts 1.
    """

    rows: npt.NDArray[np.int64]
    features: Floats
    counts: npt.NDArray[np.float64]

    def of(self, which: npt.NDArray[np.bool_]) -> OtherSounds:
        """Take some of the sounds: (sounds,) whether each is taken."""
        return OtherSounds(self.rows[which], self.features[which], self.counts[which])


@dataclass(frozen=True, slots=True, eq=False)
class ChangedSounds:
    """Songs in changed copies, from which is learned what does not matter.

    Attributes:
        rows: (sounds,) which song of the table each is; -1 for songs that are not in it.
        features: (sounds, copies, n) float32, as those of a `SongTable`, the first copy unchanged.
    """

    rows: npt.NDArray[np.int64]
    features: Floats

    def without(self, rows: npt.NDArray[np.int64]) -> ChangedSounds:
        """Leave some of the table's songs out."""
        kept = ~np.isin(self.rows, rows)
        return ChangedSounds(self.rows[kept], self.features[kept])

    def copies(self, count: float) -> OtherSounds:
        """Give the changed copies of the table's songs, each of which counts so much."""
        inside = self.rows >= 0
        features = self.features[inside, 1:]
        rows = np.repeat(self.rows[inside], features.shape[1])
        copies = features.reshape(len(rows), -1)
        return OtherSounds(rows, copies, np.full(len(rows), count))

    def shares(self) -> npt.NDArray[np.float64]:
        """Weigh songs of the table and others so that both count half: (sounds,), sum 1."""
        inside = self.rows >= 0
        sizes = np.where(inside, inside.sum(), (~inside).sum())
        shares: npt.NDArray[np.float64] = 1 / sizes / (1 / sizes).sum()
        return shares

    def moves(self) -> Floats:
        """Return how far each changed copy is from its song, weighed: (changed copies, n).

        The sum of their squares is the mean over copies and, by `shares`, songs.
        """
        moved = self.features[:, 1:] - self.features[:, :1]
        weights = np.sqrt(self.shares() / max(1, moved.shape[1]))
        weighed: Floats = (moved * weights[:, None, None]).reshape(-1, moved.shape[2])
        return weighed


@dataclass(frozen=True, slots=True, eq=False)
class SongTable:
    """Heard songs with their labels.

    Attributes:
        songs: GTZAN's and the named songs.
        rows: (heard,) which of `songs` were heard, rising.
        features: (all songs, n) float32: means and spreads of the taggers' windows, then the
            picture networks' answers, then means of the taggers' pools; zeros for songs that were
            not heard.
        label_columns: which of the picture networks' answers are FMA's labels.
        pictured: how many answers of the picture networks there are.
        others: named songs, sound rebuilt of songs of which there are clips, and changed copies.
        changed: songs in other pitch and tempo, in noise and through codecs.
    """

    songs: TenGenreSongs
    rows: npt.NDArray[np.int64]
    features: Floats
    label_columns: slice
    pictured: int
    others: OtherSounds | None = None
    changed: ChangedSounds | None = None

    def gtzan(self) -> npt.NDArray[np.int64]:
        """Heard songs of GTZAN."""
        return self.rows[self.songs.folds[self.rows] >= 0]


def read_windows(files: Sequence[Path]) -> dict[str, Floats]:
    """Read what `training.music.tagger_features` stored: each song's (windows, n)."""
    heard: dict[str, Floats] = {}
    for file in files:
        with np.load(file) as stored:
            for name, windows in zip(stored["names"].tolist(), stored["values"], strict=True):
                heard[name] = windows[~np.isnan(windows[:, 0])]
    return heard


def read_table(
    songs: TenGenreSongs, features: Sequence[Path], answers: Mapping[str, Floats]
) -> SongTable:
    """Join the taggers' features with the picture networks' answers.

    Args:
        songs: as from `read_ten_genres`.
        features: files of `training.music.tagger_features`.
        answers: (all songs, n) by name, as from `ml.music.picture_network.joined_answers`.
    """
    heard = read_windows([file for file in features if file.exists()])
    beside = np.concatenate([answers[name] for name in sorted(answers)], axis=1)
    rows = np.array([row for row, name in enumerate(songs.names) if name in heard], dtype=np.int64)
    pools = next(iter(heard.values())).shape[1] - WINDOW
    table = np.zeros((len(songs.names), TAGGED + beside.shape[1] + pools), np.float32)
    for row in rows:
        summed = tagged(heard[songs.names[row]])
        table[row] = np.concatenate([summed[:TAGGED], beside[row], summed[TAGGED:]])
    first = sum(answers[name].shape[1] for name in sorted(answers) if name < "labels")
    labels = slice(first, first + answers["labels"].shape[1])
    return SongTable(songs, rows, table, labels, beside.shape[1])


def with_others(
    table: SongTable, heard: Sequence[tuple[Path, npt.NDArray[np.int64], float]]
) -> SongTable:
    """Let a table be learned from together with other sounds.

    Args:
        table: as from `read_table`.
        heard: for each file of `training.music.tagger_features`, which songs are taken from it, and
            how much each counts. Files that do not exist are passed over.
    """
    rows, features, counts = [], [], []
    behind = TAGGED + table.pictured
    for file, wanted, count in heard:
        windows = read_windows([file]) if file.exists() else {}
        for row in (row for row in wanted if table.songs.names[row] in windows):
            summed = tagged(windows[table.songs.names[row]])
            beside = table.features[row, TAGGED:behind]
            features.append(np.concatenate([summed[:TAGGED], beside, summed[TAGGED:]]))
            rows.append(row)
            counts.append(count)
    if not rows:
        return replace(table, others=None)
    others = OtherSounds(np.array(rows), np.stack(features), np.array(counts))
    return replace(table, others=others)


def with_changed(table: SongTable, files: Sequence[Path], count: float) -> SongTable:
    """Let a table be learned from together with changed copies.

    Args:
        table: as from `read_table`.
        files: of `training.music.changed_songs`; without any the table stays as it is.
        count: how much each copy of one of the table's songs counts beside it.
    """
    heard = [read_changed(file) for file in files]
    if not heard:
        return table
    at = {name: row for row, name in enumerate(table.songs.names)}
    rows = np.array([at.get(name, -1) for songs in heard for name in songs.names])
    changed = ChangedSounds(rows, np.concatenate([songs.rows for songs in heard]))
    return replace(table, changed=changed, others=_joined(table.others, changed.copies(count)))


def _joined(one: OtherSounds | None, other: OtherSounds) -> OtherSounds:
    if one is None:
        return other
    return OtherSounds(
        np.concatenate([one.rows, other.rows]),
        np.concatenate([one.features, other.features]),
        np.concatenate([one.counts, other.counts]),
    )


def tagged(windows: Floats) -> Floats:
    """Sum up what the taggers heard in windows: means, spreads, and the pools' means."""
    summed = song_features(windows[:, :WINDOW])
    return np.concatenate([summed, windows[:, WINDOW:].mean(axis=0)])


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
    features: Floats,
    labels: npt.NDArray[np.int64],
    shrinkage: float,
    counts: npt.NDArray[np.float64] | None = None,
    moves: Floats | None = None,
) -> LinearHead:
    """Fit a linear discriminant with evenly likely classes.

    With a few hundred songs and thousands of features it errs less than logistic regression. The
    covariance is never formed: its inverse is taken among the songs, which are fewer. Moves are
    directions in which features differ where the class does not, as the songs of a class do.

    Args:
        features: (songs, n).
        labels: (songs,) each of 0 to classes - 1 occurs.
        shrinkage: of the covariance within the classes towards an even one, 0 to 1.
        counts: (songs,) how much each song counts.
        moves: (moves, n) the sum of their squares is added to the covariance.
    """
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    even = ((features - centre) / scale).astype(np.float64)
    counts = np.ones(len(labels)) if counts is None else counts
    member = np.eye(int(labels.max()) + 1)[labels] * counts[:, None]
    member /= member.sum(axis=0)
    means = member.T @ even
    inside = (even - means[labels]) * np.sqrt(member.mean(axis=1))[:, None]
    floor = shrinkage * np.square(inside).sum() / even.shape[1]
    within = np.sqrt(1 - shrinkage) * inside
    if moves is not None:
        within = np.concatenate([within, moves / scale])
    kernel = within @ within.T + floor * np.eye(len(within))
    spread = within.T @ np.linalg.solve(kernel, within @ means.T)
    slopes = (means.T - spread) / floor
    bias = -0.5 * (means.T * slopes).sum(axis=0)
    return LinearHead(
        centre.astype(np.float32),
        scale.astype(np.float32),
        slopes.astype(np.float32),
        bias.astype(np.float32),
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
