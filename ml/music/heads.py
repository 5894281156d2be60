"""Answers from features: linear heads, and the rule that weighs witnesses for a family.

The features of a song are the means of its windows' features, then their spreads. The logits of a
window take its own features in place of the means, so that the mean of the windows' logits is the
song's.

How likely a family is has three witnesses: the ten genres, FMA's labels and the tags. No data have
all families: songs that can be heard whole are of the ten genres or electronic, folk and punk are
known from pictures alone. So one rule, how much each kind of witness counts, is learned on families
whose songs can be heard, and applied to all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ml.music.taxonomy import FAMILIES, MSD_TAGS, MTT_TAGS, TEN_GENRES

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


TAG_COLUMNS = slice(400, 500)  # of a window's 500 numbers: MSD's tags, then MTT's
_FARTHEST = 6.0  # log odds beyond which a witness says no more

# FMA's labels and the taggers' tags that speak for a family; the mean of several counts.
LABELS: dict[str, tuple[str, ...]] = {
    "electronic": ("Electronic",),
    "experimental": ("Experimental",),
    "folk": ("Folk", "Singer-Songwriter"),
    "hiphop": ("Hip-Hop",),
    "metal": ("Metal",),
    "punk": ("Punk",),
    "reggae": ("Reggae - Dub", "Reggae - Dancehall"),
    "rock": ("Rock",),
    "soundtrack": ("Soundtrack",),
    "world": ("International",),
}
WORDS: dict[str, tuple[str, ...]] = {
    "blues": ("MSD blues",),
    "classical": ("MTT classical", "MTT classic"),
    "country": ("MSD country", "MTT country"),
    "disco": ("MSD funk", "MSD dance"),
    "electronic": ("MSD electronic", "MSD electronica", "MTT electronic", "MTT techno"),
    "experimental": ("MSD experimental", "MTT weird"),
    "folk": ("MSD folk", "MSD acoustic"),
    "hiphop": ("MSD Hip-Hop",),
    "jazz": ("MSD jazz",),
    "metal": ("MSD metal", "MSD heavy metal", "MTT metal"),
    "pop": ("MSD pop", "MTT pop"),
    "punk": ("MSD punk",),
    "rock": ("MSD rock", "MTT rock"),
    "soundtrack": ("MSD ambient", "MSD instrumental", "MTT ambient", "MTT new age"),
    "world": ("MTT indian", "MTT sitar"),
}


@dataclass(frozen=True, slots=True, eq=False)
class FamilyRule:
    """How much each witness counts.

    Attributes:
        centre, scale: (families, 2) of the labels' and tags' log odds over many songs.
        slopes: (2, 3) for genre, label and tag; the first row for families among the ten genres,
            the second for the others.
        bias: (families,).
    """

    centre: Floats
    scale: Floats
    slopes: Floats
    bias: Floats

    def __call__(self, genre_logits: Floats, labels: Floats, tags: Floats) -> Floats:
        """Weigh the witnesses.

        Args:
            genre_logits: (n, 10), tempered.
            labels: (n, families) as from `label_witness`.
            tags: (n, families) as from `tag_witness`.

        Returns:
            (n, families) log odds, in the order of `FAMILIES`.
        """
        own = genre_witness(genre_logits)
        witnesses = np.stack(
            [
                own,
                (labels - self.centre[:, 0]) / self.scale[:, 0],
                (tags - self.centre[:, 1]) / self.scale[:, 1],
            ],
            axis=2,
        )
        rows = np.array([0 if family in TEN_GENRES else 1 for family in FAMILIES])
        weighed: Floats = (witnesses * self.slopes[rows]).sum(axis=2) + self.bias
        return weighed


def genre_witness(genre_logits: Floats) -> Floats:
    """(n, 10) to (n, families): the log odds of a family's own genre; 0 where it has none."""
    shares = softmax(genre_logits).clip(1e-4, 1 - 1e-4)
    odds = np.log(shares / (1 - shares)).clip(-_FARTHEST, _FARTHEST)
    own = np.zeros((len(odds), len(FAMILIES)), np.float32)
    for column, family in enumerate(FAMILIES):
        if family in TEN_GENRES:
            own[:, column] = odds[:, TEN_GENRES.index(family)]
    return own


def label_witness(label_logits: Floats, names: Sequence[str]) -> Floats:
    """(n, labels) to (n, families): the mean of what FMA's labels say; 0 where none speaks."""
    return _means(label_logits, names, LABELS)


def tag_witness(tag_logits: Floats) -> Floats:
    """(n, 100) to (n, families): the mean of what both taggers' tags say; 0 where none speaks."""
    names = [f"MSD {tag}" for tag in MSD_TAGS] + [f"MTT {tag}" for tag in MTT_TAGS]
    return _means(tag_logits, names, WORDS)


def _means(logits: Floats, names: Sequence[str], speak: dict[str, tuple[str, ...]]) -> Floats:
    said = np.zeros((len(logits), len(FAMILIES)), np.float32)
    for column, family in enumerate(FAMILIES):
        if family in speak:
            said[:, column] = logits[:, [names.index(name) for name in speak[family]]].mean(axis=1)
    return said
