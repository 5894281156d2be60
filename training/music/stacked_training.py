"""Trains convolutions that read one another on FMA's genres, labels and VGGish vectors.

    python -m training.music.stacked_training --data DIR --work DIR [--seed 0] [--start FILE]

The second network on coarse pictures, beside that of `training.music.coarse_training`: here all
filters are learned. The blocks of the fold and all artists of GTZAN stay unseen, as there. Of each
picture one column in three is seen at a time, so that a song has many views. What is kept is the
moving average of the weights.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.music.picture_network import StackedNetwork, StackedSizes
from ml.music.song_checkpoint import stacked_sizes
from training.music.coarse_pictures import BANDS, COLUMNS, FmaSongs, Pictures
from training.music.coarse_training import (
    NAMED_STEP,
    Targets,
    begin,
    decibels,
    head_sizes,
    options_of,
    weighed_loss,
    write_answers,
    write_weights,
)
from training.music.picture_augmentation import disturbed, masked
from training.music.ten_genres import TenGenreSongs

WIDTH = 41  # columns of a view: a third of the shortest picture
_AT_ONCE = 64
_MEASURED = 20  # batches
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StackedRecipe:
    """How the stacked network is trained, and how much each task counts."""

    filters: tuple[int, ...] = (24, 48, 96, 192, 256)
    embedding: int = 256
    every: int = 3
    epochs: int = 17
    batch: int = 64
    peak_rate: float = 3e-3
    weight_decay: float = 0.05
    mixup: float = 0.3
    labels: float = 12.0
    vggish: float = 2.0
    named: float = 0.3
    memory: float = 0.98
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StackedLessons:
    """What is learned from: FMA's songs, then the named ones.

    Attributes:
        pictures: of FMA, (songs, bands, 128) grey.
        genres, labels, vggish: theirs.
        named: pictures of named songs, with fine columns.
        named_labels: index into `NAMED_LABELS`.
    """

    pictures: Pictures
    genres: Tensor
    labels: Tensor
    vggish: Tensor
    named: Sequence[Pictures]
    named_labels: Tensor


def lessons(fma: FmaSongs, songs: TenGenreSongs, fold: int) -> StackedLessons:
    """Gather everything that is learned from outside a fold."""
    rows, named = np.flatnonzero(fma.folds() != fold), songs.strangers()
    vggish = fma.vggish[rows]
    even = (vggish - vggish.mean(axis=0)) / (vggish.std(axis=0) + 1)
    return StackedLessons(
        fma.pictures[rows],
        torch.from_numpy(fma.genres[rows]),
        torch.from_numpy(fma.labels[rows].astype(np.float32)),
        torch.from_numpy(even),
        [songs.pictures[row] for row in named],
        torch.from_numpy(songs.labels[named]),
    )


def untrained(fma: FmaSongs, recipe: StackedRecipe) -> StackedNetwork:
    """Make a network with random weights."""
    torch.manual_seed(recipe.seed)
    network = StackedNetwork(
        StackedSizes(BANDS, recipe.filters, recipe.embedding, head_sizes(fma), recipe.every)
    )
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    return network


def train(
    network: StackedNetwork, learned: StackedLessons, recipe: StackedRecipe
) -> StackedNetwork:
    """Train, and return the network whose weights are the moving average."""
    steps = len(learned.genres) // recipe.batch
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.peak_rate, total_steps=recipe.epochs * steps, pct_start=0.2
    )
    averaged = AveragedModel(
        network, multi_avg_fn=get_ema_multi_avg_fn(recipe.memory), use_buffers=True
    )
    dice = np.random.default_rng(recipe.seed)
    network.train()
    for epoch in range(recipe.epochs):
        begun, losses = time.monotonic(), []
        for fma, named in _batches(learned, recipe, dice):
            loss = _loss(network, learned, recipe, (fma, named), dice)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            averaged.update_parameters(network)
            losses.append(loss.item())
        _LOG.info("epoch %d: loss %.3f, %.0f s", epoch, np.mean(losses), time.monotonic() - begun)
    kept = averaged.module
    assert isinstance(kept, StackedNetwork)
    measure_again(kept, learned, recipe)
    return kept


@torch.inference_mode()
def measure_again(network: StackedNetwork, learned: StackedLessons, recipe: StackedRecipe) -> None:
    """Measure anew what batch normalisation evens out: averaged weights see other numbers."""
    norms = [
        part for part in network.modules() if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d)
    ]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all that follows
        norm.train()
    dice = np.random.default_rng(recipe.seed)
    for _ in range(_MEASURED):
        rows = dice.choice(len(learned.pictures), recipe.batch)
        network(_views(learned, recipe, (rows, rows[:0]), dice))
    network.eval()


Rows = npt.NDArray[np.int64]


def _batches(
    learned: StackedLessons, recipe: StackedRecipe, dice: np.random.Generator
) -> Iterator[tuple[Rows, Rows]]:
    """Draw rows of FMA, each once, and an eighth as many of the named by genre."""
    count = len(learned.genres)
    order = dice.permutation(count)
    named = learned.named_labels.numpy()
    chances = 1 / np.bincount(named)[named]
    for first in range(0, count - recipe.batch + 1, recipe.batch):
        drawn = dice.choice(len(named), recipe.batch // 8, p=chances / chances.sum())
        yield order[first : first + recipe.batch], drawn


def _views(
    learned: StackedLessons,
    recipe: StackedRecipe,
    rows: tuple[Rows, Rows],
    dice: np.random.Generator,
) -> Tensor:
    """Look at songs through columns that are drawn, disturbed and partly hidden."""
    seen = []
    for row in rows[0]:
        first = int(dice.integers(COLUMNS - recipe.every * (WIDTH - 1)))
        seen.append(learned.pictures[row][:, first :: recipe.every][:, :WIDTH])
    for row in rows[1]:
        step = recipe.every * NAMED_STEP
        picture = learned.named[row]
        first = int(dice.integers(max(1, picture.shape[1] - step * (WIDTH - 1))))
        view = picture[:, first::step][:, :WIDTH]
        seen.append(np.pad(view, ((0, 0), (0, WIDTH - view.shape[1])), mode="edge"))
    return masked(disturbed(decibels(np.stack(seen)), dice), dice)


def _loss(
    network: StackedNetwork,
    learned: StackedLessons,
    recipe: StackedRecipe,
    rows: tuple[Rows, Rows],
    dice: np.random.Generator,
) -> Tensor:
    """Weigh the tasks' losses over songs that are mixed with one another."""
    share = max(mix := float(dice.beta(recipe.mixup, recipe.mixup)), 1 - mix)
    split = recipe.batch
    order = np.concatenate([dice.permutation(split), split + dice.permutation(len(rows[1]))])
    views = _views(learned, recipe, rows, dice)
    out = network(share * views + (1 - share) * views[torch.from_numpy(order)])
    fma, named = rows
    other = (fma[order[:split]], named[order[split:] - split])
    total = torch.zeros(())
    for (songs, strangers), weight in ((rows, share), (other, 1 - share)):
        right = Targets(
            learned.genres[songs],
            learned.labels[songs],
            learned.vggish[songs],
            learned.named_labels[strangers],
        )
        total = total + weight * weighed_loss(out, right, recipe)
    return total


@torch.inference_mode()
def answers_to(network: StackedNetwork, pictures: Pictures) -> dict[str, Tensor]:
    """Answer for pictures of one size, the mean over all phases of columns: (songs, n) by name."""
    every = network.sizes.every
    width = pictures.shape[2] // every
    said: list[dict[str, Tensor]] = []
    for at in range(0, len(pictures), _AT_ONCE):
        batch = decibels(pictures[at : at + _AT_ONCE])
        views = [network(batch[:, :, phase::every][:, :, :width]) for phase in range(every)]
        said.append({name: torch.stack([v[name] for v in views]).mean(dim=0) for name in views[0]})
    return {name: torch.cat([batch[name] for batch in said]) for name in said[0]}


def load_stacked(file: Path) -> StackedNetwork:
    """Open a network that `main` wrote."""
    with safe_open(file, framework="pt") as stored:
        network = StackedNetwork(stacked_sizes(json.loads(stored.metadata()["sizes"])))
    network.load_state_dict(load_file(file))
    network.eval().requires_grad_(False)
    return network


def main(arguments: Sequence[str] | None = None) -> None:
    """Train where there are no weights yet, and write them and their answers."""
    parser = options_of("stacked_training")
    parser.add_argument("--epochs", type=int, default=StackedRecipe().epochs)
    parser.add_argument("--rate", type=float, default=StackedRecipe().peak_rate)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    options = parser.parse_args(arguments)
    fma, songs = begin(options)
    recipe = StackedRecipe(seed=options.seed, epochs=options.epochs, peak_rate=options.rate)
    stem = options.work / f"stacked-{options.fold}-{recipe.seed}"
    weights = stem.with_name(f"{stem.name}.safetensors")
    if not weights.exists():
        network = untrained(fma, recipe)
        if options.start:
            network.load_state_dict(load_file(options.start))
        network = train(network, lessons(fma, songs, options.fold), recipe)
        write_weights(weights, network, asdict(recipe))
    network = load_stacked(weights)
    held = np.flatnonzero(fma.folds() == options.fold)
    said = answers_to(network, fma.pictures[held])
    write_answers(stem, network, said, fma.genres[held], songs)


if __name__ == "__main__":
    main()
