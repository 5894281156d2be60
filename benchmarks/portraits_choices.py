"""Whether portraits show what was chosen, and stay the same girl in another mood.

    python -m benchmarks.portraits_choices --weights FILE... [--count 120] [--learn 1000]

Readers of style, mood, ears and scene learn from drawings, whose facts are known, and look through
EfficientNet-Lite2, which no training does. Their score on unseen drawings is the most that
portraits can reach. The same girl: with the face greyed out, a portrait in another mood is nearer
to itself in its first mood than to any other girl.
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

from benchmarks.portraits import FIRST_PORTRAIT, portraits
from benchmarks.portraits_path import FIRST_SEED, LITE2_CHANNELS, Lite2Features
from ml.avatar.features import Pictures
from ml.avatar.inference import PortraitModel
from ml.avatar.latents import Latents
from ml.avatar.traits import OPTIONS
from training.avatar.choice_readers import ChoiceReaders
from training.illustrator import illustrate
from training.illustrator.pairs import LARGE, shrunk
from training.illustrator.traits import traits_of

SIDE = 256  # px at which pictures are looked at
FIRST_LEARNED = 8_000_000  # seeds that no training and no other benchmark draws


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn from drawings, measure portraits, print."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network, count = Lite2Features(), options.count
    readers = ChoiceReaders(network.maps, LITE2_CHANNELS)
    readers.learn(*_drawings(FIRST_LEARNED, options.learn))
    table = Table("what", *OPTIONS, "the same girl", "n")
    able = readers.right(*_drawings(FIRST_SEED, count))
    table.add_row("unseen drawings", *(f"{able[group]:.1%}" for group in OPTIONS), "", str(count))
    for file in options.weights or [None]:
        model = PortraitModel.load(file)
        row = [f"{obeyed(model, readers, group, count):.1%}" for group in OPTIONS]
        same = same_girl(model, network, count)
        table.add_row(str(file.name if file else model.name), *row, f"{same:.1%}", str(count))
    Console().print(table)


def obeyed(model: PortraitModel, readers: ChoiceReaders, group: str, count: int) -> float:
    """Return in which share of portraits, told each option in turn, it is read."""
    names = OPTIONS[group]
    latents = _chosen_latents(model, group, [names[n % len(names)] for n in range(count)])
    return readers.right(_drawn(model, latents), latents)[group]


def same_girl(model: PortraitModel, network: Lite2Features, count: int) -> float:
    """Return in which share a girl in another mood is still nearest to herself."""
    moods = OPTIONS["mood"]
    told = [moods[(5 * number + 3) % len(moods)] for number in range(count)]
    first = _without_face(_small(portraits(model, count)))
    other = _without_face(_drawn(model, _chosen_latents(model, "mood", told)))
    one, two = (network.vectors(list(each)) for each in (first, other))
    one, two = (each - one.mean(axis=0) for each in (one, two))
    one, two = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, two))
    nearest = (two @ one.T).argmax(axis=1)
    return float((nearest == np.arange(count)).mean())


def _drawings(first_seed: int, count: int) -> tuple[Pictures, Latents]:
    """Draw so many as large as portraits, make them small, and return what they show as traits."""
    seeds = range(first_seed, first_seed + count)
    drawn = [
        shrunk(illustrate(seed, LARGE).pixels, SIDE)
        for seed in track(seeds, "drawings", transient=True)
    ]
    return np.stack(drawn), np.stack([traits_of(seed) for seed in seeds])


def _chosen_latents(model: PortraitModel, group: str, told: Sequence[str]) -> Latents:
    """Return latents of successive seeds, each with what was told."""
    seeds = range(FIRST_PORTRAIT, FIRST_PORTRAIT + len(told))
    return np.stack(
        [
            model.choose(model.latents([seed])[0], seed, {group: option})
            for seed, option in zip(seeds, told, strict=True)
        ]
    )


def _drawn(model: PortraitModel, latents: Latents) -> Pictures:
    """Draw latents one by one, at the side they are looked at."""
    drawn = [model.draw(row[None])[0] for row in track(latents, "portraits", transient=True)]
    return _small(np.stack(drawn))


def _small(pictures: Pictures) -> Pictures:
    return np.stack([shrunk(picture, SIDE) for picture in pictures])


def _without_face(pictures: Pictures) -> Pictures:
    greyed = pictures.copy()
    left, top, right, bottom = (round(edge * SIDE) for edge in (0.25, 0.5, 0.75, 0.9))
    greyed[:, top:bottom, left:right] = 128
    return greyed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.portraits_choices", description=__doc__
    )
    parser.add_argument("--weights", type=Path, nargs="*", help="the shipped ones unless given")
    parser.add_argument("--count", type=int, default=120, help="portraits a group")
    parser.add_argument("--learn", type=int, default=1000, help="drawings to learn from")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
