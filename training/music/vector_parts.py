"""Fits how what was heard of a song becomes its vector, on both halves of many songs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ml.music.picture_network import PictureNetwork, StackedNetwork, answers_together
from ml.music.song_model import coarse_features
from ml.music.vector import VectorFit
from training.music.calibration import fit_likeness
from training.music.coarse_training import decibels
from training.music.vector_fit import BlockShape, fit_block

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
