"""Whether portraits show what was chosen, and stay the same girl in another mood.

    python -m benchmarks.portraits_choices --weights FILE [--count 120] [--learn 1500]

Classifiers of style, mood, ears and scene learn from drawings, whose facts are known: a logistic
regression each on what EfficientNet-Lite0 makes of the part of the picture that shows it. Their
score on unseen drawings is the most that portraits can reach. The same girl: with the face greyed
out, a portrait in another mood is nearer to itself in its first mood than to any other girl.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.portraits import FIRST_PORTRAIT, portraits
from benchmarks.portraits_path import FIRST_SEED, Picture, Vectors
from ml.avatar.features import Pictures, feature_vectors
from ml.avatar.inference import PortraitModel
from ml.avatar.traits import OPTIONS
from training.illustrator import illustrate
from training.illustrator.pairs import shrunk

SIDE = 256  # px at which pictures are looked at
FIRST_LEARNED = 4_000_000  # seeds that no generator and no other benchmark draws
# The part that shows each group, as shares: left, top, right, bottom.
_SHOWN = {
    "style": (0.0, 0.0, 1.0, 1.0),
    "mood": (0.2, 0.45, 0.8, 0.95),
    "ears": (0.0, 0.0, 1.0, 0.45),
    "scene": (0.0, 0.0, 1.0, 1.0),
}


class Reader:
    """Tells what pictures (n, 256, 256, 3) show of one group."""

    def __init__(self, group: str, pictures: Pictures, shown: Sequence[str]) -> None:
        """Learn from drawings."""
        self._group, self._scaler = group, StandardScaler()
        vectors = self._scaler.fit_transform(_part_vectors(group, pictures))
        self._model = LogisticRegression(C=0.02, max_iter=300).fit(vectors, list(shown))

    def right(self, pictures: Pictures, shown: Sequence[str]) -> float:
        """Return the share of pictures in which it reads what they should show."""
        vectors = self._scaler.transform(_part_vectors(self._group, pictures))
        return float((self._model.predict(vectors) == np.array(shown)).mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn from drawings, measure portraits, print."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    model, count = PortraitModel.load(options.weights), options.count
    learned, known = _drawings(FIRST_LEARNED, options.learn)
    unseen, facts = _drawings(FIRST_SEED, count)
    table = Table("group", "read in unseen drawings", f"obeyed by {model.name}", "n")
    for group, names in OPTIONS.items():
        reader = Reader(group, learned, known[group])
        told = [names[number % len(names)] for number in range(count)]
        obeyed = reader.right(_chosen(model, group, told), told) if model.options else float("nan")
        table.add_row(
            group, f"{reader.right(unseen, facts[group]):.1%}", f"{obeyed:.1%}", str(count)
        )
    console = Console()
    console.print(table)
    if model.options:
        console.print(f"the same girl in another mood: {same_girl(model, count):.1%} of {count}")


def same_girl(model: PortraitModel, count: int) -> float:
    """Return in which share a girl in another mood is still nearest to herself."""
    moods = OPTIONS["mood"]
    told = [moods[(5 * number + 3) % len(moods)] for number in range(count)]
    first = _without_face(_small(portraits(model, count)))
    other = _without_face(_chosen(model, "mood", told))
    one, two = (feature_vectors(each) for each in (first, other))
    one, two = (each - one.mean(axis=0) for each in (one, two))
    one, two = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, two))
    nearest = (two @ one.T).argmax(axis=1)
    return float((nearest == np.arange(count)).mean())


def _drawings(first_seed: int, count: int) -> tuple[Pictures, dict[str, list[str]]]:
    pictures: list[Picture] = []
    shown: dict[str, list[str]] = {group: [] for group in OPTIONS}
    for seed in track(range(first_seed, first_seed + count), "drawings", transient=True):
        drawing = illustrate(seed, SIDE)
        pictures.append(drawing.pixels)
        for group in OPTIONS:
            shown[group].append(str(getattr(drawing.facts, group)))
    return np.stack(pictures), shown


def _chosen(model: PortraitModel, group: str, told: Sequence[str]) -> Pictures:
    """Draw successive seeds, each with what was told, at the side they are looked at."""
    drawn = []
    for number, option in enumerate(track(told, group, transient=True)):
        seed = FIRST_PORTRAIT + number
        latent = model.choose(model.latents([seed])[0], seed, {group: option})
        drawn.append(model.draw(latent[None])[0])
    return _small(np.stack(drawn))


def _small(pictures: Pictures) -> Pictures:
    return np.stack([shrunk(picture, SIDE) for picture in pictures])


def _without_face(pictures: Pictures) -> Pictures:
    greyed = pictures.copy()
    left, top, right, bottom = (round(edge * SIDE) for edge in (0.25, 0.5, 0.75, 0.9))
    greyed[:, top:bottom, left:right] = 128
    return greyed


def _part_vectors(group: str, pictures: Pictures) -> Vectors:
    left, top, right, bottom = (round(edge * SIDE) for edge in _SHOWN[group])
    parts = np.ascontiguousarray(pictures[:, top:bottom, left:right])
    return feature_vectors(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.portraits_choices", description=__doc__
    )
    parser.add_argument("--weights", type=Path, help="the shipped ones unless given")
    parser.add_argument("--count", type=int, default=120, help="portraits a group")
    parser.add_argument("--learn", type=int, default=1500, help="drawings to learn from")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
