"""Trains the coarse network on FMA's genres, labels and VGGish vectors, and on named songs.

    python -m training.music.coarse_training --data DIR --work DIR [--fold 0] [--seed 0]

The filters are a dictionary: the centres of spherical k-means on whitened patches of pictures
(Coates and Ng, 2012; Dieleman and Schrauwen, 2013), which costs seconds where training filters by
gradients costs an hour. What reads their pools is then trained on all tasks at once, on clean
and on disturbed pictures. It learns neither from FMA's blocks of the fold nor from any song of
GTZAN or of an artist in it, so that what it knows can be used in every fold of GTZAN. Its answers
for both are written beside it.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from ml.music.picture_network import (
    MIDDLE_DB,
    SCALE_DB,
    PictureNetwork,
    PictureSizes,
    StackedNetwork,
)
from ml.music.song_checkpoint import picture_sizes
from training.music.coarse_pictures import BANDS, COLUMNS, FmaSongs, Pictures, read_fma
from training.music.picture_augmentation import disturbed
from training.music.ten_genres import NAMED_LABELS, TenGenreSongs, read_ten_genres

NAMED_STEP, GTZAN_STEP = 4, 10  # fine columns to a coarse one, 242 and 232 ms
_PATCHES = 24_000  # on which a dictionary is fitted
_DIRECTIONS = 160  # of a patch that are told apart
_NOISE_FLOOR = 0.02  # variance, in units of 20 dB, below which a direction counts as noise
_ROUNDS = 8  # of k-means
_SPARSENESS = 0.7  # standard deviations below which a filter stays silent
_AT_ONCE = 64
PHASES = (0, 3, 7)  # columns at which GTZAN's pictures are thinned
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CoarseRecipe:
    """How a coarse network is trained, and how much each task counts."""

    filters: int = 256
    columns: tuple[int, ...] = (1, 2, 4, 8)
    embedding: int = 320
    epochs: int = 16
    batch: int = 64
    peak_rate: float = 1e-3
    weight_decay: float = 0.05
    mixup: float = 0.4
    labels: float = 12.0
    vggish: float = 1.0
    named: float = 0.3
    views: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CoarseLessons:
    """What the readers of the pools learn from.

    Attributes:
        pools: (views, songs, n): clean pictures first, then disturbed ones.
        genres, labels, vggish: of FMA's songs; their rows come first.
        named: index into `NAMED_LABELS` of the songs behind them.
    """

    pools: Tensor
    genres: Tensor
    labels: Tensor
    vggish: Tensor
    named: Tensor


class TaskWeights(Protocol):
    """How much the other tasks count beside FMA's genres."""

    @property
    def labels(self) -> float:
        """Of FMA's labels."""

    @property
    def vggish(self) -> float:
        """Of VGGish's vectors."""

    @property
    def named(self) -> float:
        """Of the named songs' genres."""


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What is right for a batch: FMA's songs, then the named ones.

    Attributes:
        genres, labels, vggish: of FMA's songs, (n,), (n, labels) and (n, 128).
        named: (m,) index into `NAMED_LABELS`.
    """

    genres: Tensor
    labels: Tensor
    vggish: Tensor
    named: Tensor


def weighed_loss(out: Mapping[str, Tensor], right: Targets, weights: TaskWeights) -> Tensor:
    """Weigh the tasks' losses over a batch's answers, each (n + m, answers)."""
    split = len(right.genres)
    known = functional.cross_entropy(out["fma"][:split], right.genres, label_smoothing=0.1)
    labels = functional.binary_cross_entropy_with_logits(out["labels"][:split], right.labels)
    vggish = functional.mse_loss(out["vggish"][:split], right.vggish)
    ten = functional.cross_entropy(out["named"][split:], right.named, label_smoothing=0.1)
    return known + weights.labels * labels + weights.vggish * vggish + weights.named * ten


def head_sizes(fma: FmaSongs) -> dict[str, int]:
    """Count the answers of each task's head."""
    return {
        "fma": len(fma.genre_names),
        "labels": len(fma.label_names),
        "vggish": fma.vggish.shape[1],
        "named": len(NAMED_LABELS),
    }


def dictionary(pictures: Pictures, columns: int, filters: int, seed: int) -> tuple[Tensor, Tensor]:
    """Fit the filters of one convolution.

    Args:
        pictures: (songs, bands, columns) grey.
        columns: how many a filter spans.
        filters: how many to fit.
        seed: of the patches and the first centres.

    Returns:
        Weights (filters, bands, columns) and bias (filters,) for input in units of 20 dB, scaled so
        that answers vary by one.
    """
    dice = np.random.default_rng(seed)
    songs = dice.integers(len(pictures), size=_PATCHES)
    starts = dice.integers(pictures.shape[2] - columns + 1, size=_PATCHES)
    cut = [pictures[song, :, at : at + columns] for song, at in zip(songs, starts, strict=True)]
    patches = ((decibels(np.stack(cut)) - MIDDLE_DB) / SCALE_DB).flatten(1)
    centre = patches.mean(dim=0)
    covariance = (patches - centre).T @ (patches - centre) / len(patches)
    variances, axes = torch.linalg.eigh(covariance)
    variances, axes = variances[-_DIRECTIONS:], axes[:, -_DIRECTIONS:]
    whitening = axes / (variances + _NOISE_FLOOR).sqrt()
    white = (patches - centre) @ whitening
    centres = _spherical_k_means(white, filters, dice)
    weights = centres @ whitening.T
    answers = patches @ weights.T - weights @ centre
    scale = answers.std()
    bias = -(weights @ centre) / scale - _SPARSENESS
    return (weights / scale).unflatten(1, (pictures.shape[1], columns)), bias


def _spherical_k_means(points: Tensor, count: int, dice: np.random.Generator) -> Tensor:
    """Find `count` directions among points: (count, n) of unit length."""
    directions = functional.normalize(points, dim=1)
    first = dice.choice(len(points), count, replace=False)
    centres = directions[torch.from_numpy(first)]
    for _ in range(_ROUNDS):
        nearest = (directions @ centres.T).argmax(dim=1)
        sums = 1e-3 * centres
        centres = functional.normalize(sums.index_add(0, nearest, points), dim=1)
    return centres


def decibels(pictures: Pictures) -> Tensor:
    """Turn grey values into dB below the loudest point."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).float() / 255 * 80 - 80


def untrained(fma: FmaSongs, rows: npt.NDArray[np.int64], recipe: CoarseRecipe) -> PictureNetwork:
    """Make a network whose filters are fitted and whose heads are not."""
    torch.manual_seed(recipe.seed)
    network = PictureNetwork(
        PictureSizes(
            bands=BANDS,
            filters=recipe.filters,
            columns=recipe.columns,
            embedding=recipe.embedding,
            heads=head_sizes(fma),
        )
    )
    for convolution, columns in zip(network.convolutions, recipe.columns, strict=True):
        weights, bias = dictionary(fma.pictures[rows], columns, recipe.filters, recipe.seed)
        convolution.weight.data, convolution.bias.data = weights.contiguous(), bias
    return network


@torch.inference_mode()
def pools_of(
    network: PictureNetwork, pictures: Pictures, dice: np.random.Generator | None
) -> Tensor:
    """Pool pictures of one size, disturbed where `dice` is given: (songs, n)."""
    network.eval()
    pools = []
    for first in range(0, len(pictures), _AT_ONCE):
        batch = decibels(pictures[first : first + _AT_ONCE])
        pools.append(network.pools(batch if dice is None else disturbed(batch, dice)))
    return torch.cat(pools)


def lessons(
    network: PictureNetwork, fma: FmaSongs, songs: TenGenreSongs, fold: int, recipe: CoarseRecipe
) -> CoarseLessons:
    """Pool everything that is learned from."""
    rows, named = np.flatnonzero(fma.folds() != fold), songs.strangers()
    thinned = [songs.pictures[row][:, ::NAMED_STEP] for row in named]
    width = min(COLUMNS, *(picture.shape[1] for picture in thinned))
    pictures = np.stack([picture[:, :width] for picture in thinned])
    dice = np.random.default_rng(recipe.seed)
    views = [
        torch.cat(
            [pools_of(network, p, dice if view else None) for p in (fma.pictures[rows], pictures)]
        )
        for view in range(recipe.views)
    ]
    vggish = fma.vggish[rows]
    even = (vggish - vggish.mean(axis=0)) / (vggish.std(axis=0) + 1)
    return CoarseLessons(
        torch.stack(views),
        torch.from_numpy(fma.genres[rows]),
        torch.from_numpy(fma.labels[rows].astype(np.float32)),
        torch.from_numpy(even),
        torch.from_numpy(songs.labels[named]),
    )


def train(network: PictureNetwork, learned: CoarseLessons, recipe: CoarseRecipe) -> None:
    """Train what reads the pools, in place; the filters stay as they are."""
    clean = learned.pools[0]
    network.even.running_mean, network.even.running_var = clean.mean(dim=0), clean.var(dim=0)
    readers = [network.vector, network.heads]
    parameters = [p for reader in readers for p in reader.parameters()]
    steps = len(learned.genres) // recipe.batch
    optimiser = torch.optim.AdamW(parameters, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.peak_rate, total_steps=recipe.epochs * steps
    )
    dice = np.random.default_rng(recipe.seed)
    network.train()
    network.even.eval()
    for epoch in range(recipe.epochs):
        losses = []
        for batch in _batches(learned, recipe, dice):
            loss = _loss(network, learned, recipe, batch, dice)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        _LOG.info("epoch %d: loss %.3f", epoch, np.mean(losses))
    network.eval()


def _batches(
    learned: CoarseLessons, recipe: CoarseRecipe, dice: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Draw rows: three quarters of FMA, each once, and a quarter of the named by genre."""
    count = len(learned.genres)
    order = dice.permutation(count)
    named = learned.named.numpy()
    chances = 1 / np.bincount(named)[named]
    for first in range(0, count - recipe.batch + 1, recipe.batch):
        drawn = dice.choice(len(named), recipe.batch // 4, p=chances / chances.sum())
        yield np.concatenate([order[first : first + recipe.batch], count + drawn])


def _loss(
    network: PictureNetwork,
    learned: CoarseLessons,
    recipe: CoarseRecipe,
    rows: npt.NDArray[np.int64],
    dice: np.random.Generator,
) -> Tensor:
    """Weigh the tasks' losses over songs that are mixed with one another."""
    share = max(mix := float(dice.beta(recipe.mixup, recipe.mixup)), 1 - mix)
    split = recipe.batch
    other = np.concatenate([dice.permutation(rows[:split]), dice.permutation(rows[split:])])
    views = dice.integers(len(learned.pools), size=(2, len(rows)))
    pools = share * learned.pools[views[0], rows] + (1 - share) * learned.pools[views[1], other]
    out = network.read(pools)
    total = torch.zeros(())
    for mixed, weight in ((rows, share), (other, 1 - share)):
        fma, named = mixed[:split], mixed[split:] - len(learned.genres)
        right = Targets(
            learned.genres[fma], learned.labels[fma], learned.vggish[fma], learned.named[named]
        )
        total = total + weight * weighed_loss(out, right, recipe)
    return total


@torch.inference_mode()
def held_out_answers(network: PictureNetwork, pictures: Pictures) -> dict[str, Tensor]:
    """Answer for pictures of one size: (songs, n) by name."""
    batches = [pictures[at : at + _AT_ONCE] for at in range(0, len(pictures), _AT_ONCE)]
    said = [network(decibels(batch)) for batch in batches]
    return {name: torch.cat([batch[name] for batch in said]) for name in said[0]}


@torch.inference_mode()
def song_answers(
    network: PictureNetwork | StackedNetwork, songs: TenGenreSongs
) -> dict[str, Tensor]:
    """Answer for GTZAN's songs and the named ones, the latter learned from.

    Each gets the mean over phases in which columns can be picked; songs without a picture, and
    named songs of artists who may be in GTZAN, get zeros.
    """
    nothing = without_picture(network.sizes.heads, network.sizes.embedding)
    heard = np.concatenate([np.flatnonzero(songs.folds >= 0), songs.strangers()])
    said = [nothing] * len(songs.names)
    for row in heard:
        step = GTZAN_STEP if songs.sources[row] == "gtzan" else NAMED_STEP
        if songs.pictures[row].size:
            said[row] = network.answers(decibels(_views(songs.pictures[row], step)))
    return {name: torch.stack([song[name] for song in said]) for name in nothing}


def _views(picture: Pictures, step: int) -> Pictures:
    """(106, columns) to (3, 106, n): a song's picture thinned in three phases."""
    views = [picture[:, phase * step // GTZAN_STEP :: step] for phase in PHASES]
    width = min(COLUMNS, *(view.shape[1] for view in views))
    return np.stack([view[:, :width] for view in views])


def without_picture(heads: Mapping[str, int], embedding: int) -> dict[str, Tensor]:
    """Answer nothing, in zeros."""
    nothing = {name: torch.zeros(outputs) for name, outputs in heads.items()}
    return nothing | {"vector": torch.zeros(embedding)}


def load_coarse(file: Path) -> PictureNetwork:
    """Open a network that `main` wrote."""
    with safe_open(file, framework="pt") as stored:
        network = PictureNetwork(picture_sizes(json.loads(stored.metadata()["sizes"])))
    network.load_state_dict(load_file(file))
    network.eval().requires_grad_(False)
    return network


def options_of(module: str) -> argparse.ArgumentParser:
    """Read what both trainings on coarse pictures are told."""
    parser = argparse.ArgumentParser(prog=f"python -m training.music.{module}")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser


def begin(options: argparse.Namespace) -> tuple[FmaSongs, TenGenreSongs]:
    """Prepare the process, and read what is learned from."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    fma = read_fma(options.data / "fma_small", options.work / "cache")
    return fma, read_ten_genres(options.data)


def write_weights(
    file: Path, network: PictureNetwork | StackedNetwork, recipe: Mapping[str, Any]
) -> None:
    """Write a network with its sizes and its recipe."""
    card = {"sizes": json.dumps(asdict(network.sizes)), "recipe": json.dumps(dict(recipe))}
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, file, card)


def write_answers(
    stem: Path,
    network: PictureNetwork | StackedNetwork,
    said: dict[str, Tensor],
    right: npt.NDArray[np.int64],
    songs: TenGenreSongs,
) -> None:
    """Write what a network answers for FMA's held-out songs, for GTZAN's and for the named ones.

    Args:
        stem: where to, without the ends of the names.
        network: for the other songs.
        said: its answers for the held-out songs.
        right: their genres.
        songs: GTZAN's and the named ones.
    """
    save_file(said, f"{stem}-fma.safetensors")
    save_file(song_answers(network, songs), f"{stem}-songs.safetensors")
    share = (said["fma"].argmax(1).numpy() == right).mean()
    _LOG.info("FMA's eight genres on held-out blocks: %.3f", share)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train where there are no weights yet, and write them and their answers."""
    options = options_of("coarse_training").parse_args(arguments)
    fma, songs = begin(options)
    recipe = CoarseRecipe(seed=options.seed)
    stem = options.work / f"coarse-{options.fold}-{recipe.seed}"
    weights = stem.with_name(f"{stem.name}.safetensors")
    if not weights.exists():
        network = untrained(fma, np.flatnonzero(fma.folds() != options.fold), recipe)
        train(network, lessons(network, fma, songs, options.fold, recipe), recipe)
        write_weights(weights, network, asdict(recipe))
    network = load_coarse(weights)
    held = np.flatnonzero(fma.folds() == options.fold)
    said = held_out_answers(network, fma.pictures[held])
    write_answers(stem, network, said, fma.genres[held], songs)


if __name__ == "__main__":
    main()
