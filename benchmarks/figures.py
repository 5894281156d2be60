"""Pictures of measurements, for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from sklearn.metrics import confusion_matrix

mpl.use("Agg")  # no window is opened
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

Integers = npt.NDArray[np.int64]
BINS = 10


def confusion_picture(
    genres: Integers, guesses: Integers, names: Sequence[str], file: Path
) -> None:
    """Draw how often each genre (rows) is heard as each (columns), with counts."""
    counts = confusion_matrix(genres, guesses, labels=range(len(names)))
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    figure, axes = plt.subplots(figsize=(6.4, 6), layout="constrained")
    axes.imshow(shares, cmap="Purples", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            ink = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="heard as", ylabel="is")
    _save(figure, file)


def reliability_picture(shares: npt.NDArray[np.float32], genres: Integers, file: Path) -> None:
    """Draw how often answers of each confidence are right."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == genres
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    figure, axes = plt.subplots(figsize=(5, 4.6), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    for at in np.unique(bin_of):
        inside = bin_of == at
        axes.bar((at + 0.5) / BINS, right[inside].mean(), width=0.9 / BINS, color="#8a6fc4")
        axes.text((at + 0.5) / BINS, 0.02, str(inside.sum()), ha="center", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="right (songs in each bar)")
    _save(figure, file)


def distances_picture(distances: Mapping[str, npt.NDArray[np.float32]], file: Path) -> None:
    """Draw how distances of some kinds are spread, one histogram over the other."""
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    every = np.concatenate(list(distances.values()))
    edges = np.linspace(every.min(), np.percentile(every, 99.5), 40).tolist()
    for (name, some), colour in zip(distances.items(), ("#8d8d8d", "#8a6fc4"), strict=False):
        axes.hist(some, edges, density=True, alpha=0.55, color=colour, label=name)
    axes.set(xlabel="distance to the nearest drawing trained on", ylabel="density")
    axes.legend(frameon=False)
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    plt.close(figure)
