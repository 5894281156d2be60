"""Fits how what was heard of a song becomes its vector, on both halves of many songs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.music.picture_network import PictureNetwork, StackedNetwork, answers_together
from ml.music.song_model import coarse_features
from ml.music.vector import PartFit, VectorFit
from training.music.coarse_training import decibels

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BlockShape:
    """How a block is made.

    Attributes:
        weight: its share of the vector.
        size: directions that are kept.
        loyalty: how much more a direction counts that stays the same within a song.
        nature: how much more a direction counts in which songs differ widely.
    """

    weight: float
    size: int
    loyalty: float
    nature: float


# Weights and sizes were chosen on songs that `benchmarks.song_vector` does not ask about.
SHAPES = {
    "sound": BlockShape(weight=0.45, size=96, loyalty=0.25, nature=0.25),
    "style": BlockShape(weight=0.25, size=64, loyalty=0.25, nature=0.25),
    "harmony": BlockShape(weight=0.20, size=64, loyalty=0.50, nature=0.0),
    "rhythm": BlockShape(weight=0.10, size=16, loyalty=0.25, nature=0.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class HeardHalves:
    """What was heard of both halves of songs.

    Attributes:
        names: of the songs.
        groups: the album or game that each belongs to.
        parts: for each of `SHAPES` (songs, 2, n).
    """

    names: tuple[str, ...]
    groups: npt.NDArray[np.str_]
    parts: dict[str, npt.NDArray[np.float64]]

    def of(self, rows: npt.NDArray[np.int64]) -> HeardHalves:
        """Take some of the songs, by index."""
        parts = {name: part[rows] for name, part in self.parts.items()}
        return HeardHalves(tuple(self.names[row] for row in rows), self.groups[rows], parts)


@torch.inference_mode()
def read_halves(file: Path, coarse: PictureNetwork, stacked: StackedNetwork) -> HeardHalves:
    """Read what `training.music.song_halves` stored, and the style off its pictures."""
    with np.load(file) as stored:
        parts = {name: stored[name].astype(np.float64) for name in SHAPES if name != "style"}
        parts["style"] = np.stack(
            [
                np.stack(
                    [
                        coarse_features(answers_together(coarse, stacked, decibels(half)))
                        for half in song
                    ]
                )
                for song in stored["pictures"]
            ]
        ).astype(np.float64)
        return HeardHalves(tuple(stored["names"].tolist()), stored["groups"], parts)


def fit_parts(halves: HeardHalves, shapes: dict[str, BlockShape] | None = None) -> VectorFit:
    """Fit every part: directions in which songs differ more than their halves do."""
    shapes = shapes or SHAPES
    return VectorFit({name: fit_block(halves.parts[name], shape) for name, shape in shapes.items()})


def joined_halves(parts: VectorFit, halves: HeardHalves) -> npt.NDArray[np.float32]:
    """Join all halves: (songs, 2, size) of unit length."""
    songs = range(len(halves.names))
    return np.stack(
        [
            np.stack(
                [
                    parts.join({name: halves.parts[name][song, half] for name in parts.blocks})
                    for half in (0, 1)
                ]
            )
            for song in songs
        ]
    )


def fit_song_likeness(halves: HeardHalves) -> tuple[float, float]:
    """Fit what a cosine means, from halves of one song and of two.

    Every second game's songs are joined by parts that were fitted on the others', as songs that
    parts were fitted on are told apart too well.
    """
    games = np.unique(halves.groups)
    same, unrelated = [], []
    for first in (0, 1):
        asked = np.isin(halves.groups, games[first::2])
        parts = fit_parts(halves.of(np.flatnonzero(~asked)))
        vectors = joined_halves(parts, halves.of(np.flatnonzero(asked)))
        cosines = torch.from_numpy(vectors[:, 0] @ vectors[:, 1].T)
        same.append(cosines.diag())
        unrelated.append(cosines[~torch.eye(len(cosines), dtype=torch.bool)])
    return fit_likeness(torch.cat(same), torch.cat(unrelated))


def fit_block(heard: Array, shape: BlockShape) -> PartFit:
    """Find the directions in which songs differ from one another more than from themselves.

    The spread between songs is made even (PCA-whitening) and turned to where a song's views
    agree best (linear discriminant analysis). A direction of which the views share r counts by
    r / (1 - r^2), as in the likelihood that two excerpts are of one song, softened by a power.

    Args:
        heard: (songs, views, n), zeros where nothing was heard; the first two views are the
            song's two halves.
        shape: how the block is made.
    """
    songs = heard[(heard != 0).any(axis=2).all(axis=1)]
    centre = songs[:, :2].mean(axis=(0, 1))
    songs = songs - centre
    variances, axes = np.linalg.eigh(_covariance(songs[:, :2]))
    largest = np.argsort(-variances)[: min(shape.size, len(songs) - 1)]
    whitening = axes[:, largest] / np.sqrt(variances[largest].clip(min=1e-9))
    white = songs @ whitening
    views = heard.shape[1]
    within = _covariance(white - white.mean(axis=1, keepdims=True)) * views / (views - 1)
    changes, turn = np.linalg.eigh(within)
    stays = np.clip(1 - changes, 0.02, 0.995)
    directions = whitening @ turn
    breadth = 1 / np.linalg.norm(directions, axis=0)
    counts = (stays / (1 - stays**2)) ** shape.loyalty * (breadth / breadth.mean()) ** shape.nature
    projection = (directions * counts).astype(np.float32)
    return PartFit(centre.astype(np.float32), projection, shape.weight)


def fit_likeness(same: Tensor, unrelated: Tensor) -> tuple[float, float]:
    """Fit how a cosine becomes the probability that two excerpts are of one song.

    Args:
        same: cosines of pairs of one song.
        unrelated: cosines of pairs of two; both kinds count as equally likely beforehand.

    Returns:
        Slope and offset of the log odds.
    """
    line = torch.tensor([10.0, -4.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        yes = functional.softplus(-(line[0] * same + line[1])).mean()
        no = functional.softplus(line[0] * unrelated + line[1]).mean()
        (yes + no).backward()
        return yes + no

    optimiser.step(loss)
    slope, offset = line.detach().tolist()
    return slope, offset


def _covariance(centred: Array) -> Array:
    flat = centred.reshape(-1, centred.shape[-1])
    covariance: Array = flat.T @ flat / len(flat)
    return covariance
