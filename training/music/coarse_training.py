"""Trains the coarse network on FMA's genres, labels and VGGish vectors, and on named songs.

    python -m training.music.coarse_training --data DIR --work DIR [--fold 0] [--seed 0]

It learns neither from FMA's blocks of the fold nor from any song of GTZAN or of an artist in it:
what it knows can be used in every fold of GTZAN. Its answers for both are written beside it.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from ml.music.picture_network import PictureNetwork, PictureSizes
from ml.music.song_checkpoint import picture_sizes
from training.music.coarse_pictures import BANDS, FmaSongs, Pictures, read_fma
from training.music.ten_genres import NAMED_LABELS, TenGenreSongs, read_ten_genres

NAMED_STEP, GTZAN_STEP = 4, 10  # fine columns to a coarse one, 242 and 232 ms
CROP = 40  # columns, 9 s: they are picked, so longer crops teach little more
PEAK_RATE = 4e-3
BATCH_FMA, BATCH_NAMED = 52, 12
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CoarseRecipe:
    """How long a coarse network is trained, and how much each task counts."""

    epochs: int = 11
    widths: tuple[int, ...] = (16, 32, 64, 128, 224)
    seed: int = 0
    mixup: float = 0.3
    vggish: float = 1.0
    labels: float = 12.0
    named: float = 0.4


class CoarseBatches:
    """Draws augmented batches of FMA and of named songs."""

    def __init__(self, fma: FmaSongs, named: TenGenreSongs, fold: int, seed: int) -> None:
        self.fma, self.named = fma, named
        self.fma_rows = np.flatnonzero(fma.folds() != fold)
        self.named_rows = named.strangers()
        self.dice = np.random.default_rng(seed)
        counts = np.bincount(named.labels[self.named_rows])
        weights = 1 / counts[named.labels[self.named_rows]]
        self.named_weights = weights / weights.sum()
        vggish = fma.vggish
        centre, spread = vggish.mean(axis=0), vggish.std(axis=0) + 1.0
        self.vggish = torch.from_numpy((vggish - centre) / spread)
        self.labels = torch.from_numpy(fma.labels.astype(np.float32))
        self.steps = len(self.fma_rows) // BATCH_FMA

    def epoch(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield pictures, and the songs they are of: rows of FMA, then rows of the named."""
        order = self.dice.permutation(self.fma_rows)
        for step in range(self.steps):
            fma = order[step * BATCH_FMA : (step + 1) * BATCH_FMA]
            named = self.dice.choice(self.named_rows, BATCH_NAMED, p=self.named_weights)
            crops = [self._crop(self.fma.pictures[row], 1) for row in fma]
            crops += [self._crop(self.named.pictures[row], NAMED_STEP) for row in named]
            pictures = torch.from_numpy(np.stack(crops)).float() / 255 * 80 - 80
            yield augmented(pictures, self.dice), torch.from_numpy(fma), torch.from_numpy(named)

    def _crop(self, picture: Pictures, step: int) -> Pictures:
        wide = CROP * step
        start = int(self.dice.integers(max(1, picture.shape[1] - wide + 1)))
        crop = picture[:, start : start + wide : step]
        return np.pad(crop, ((0, 0), (0, CROP - crop.shape[1])), mode="wrap")


def augmented(pictures: Tensor, dice: np.random.Generator) -> Tensor:
    """Disturb pictures as codecs, pitch, rooms and noise do.

    Args:
        pictures: (batch, bands, columns) in dB, from -80 to 0.
        dice: draws the disturbances.
    """
    count, bands, columns = pictures.shape
    out = torch.empty_like(pictures)
    tilts = torch.from_numpy(dice.normal(0, 4, (count, 3)).astype(np.float32))
    curve = functional.interpolate(tilts[:, None], size=bands, mode="linear", align_corners=True)
    pictures = pictures + curve.transpose(1, 2)
    for row in range(count):
        picture = pictures[row]
        shift = int(dice.integers(-2, 3))
        if shift:
            picture = torch.roll(picture, shift, dims=0)
        if dice.random() < 0.3:  # a dull recording or codec
            top = int(dice.integers(bands // 2, bands))
            picture = picture.clone()
            picture[top:] -= 60 * float(dice.random())
        if dice.random() < 0.3:  # a floor of noise
            floor = picture.amax() - float(dice.uniform(30, 70))
            picture = torch.logaddexp(picture * 0.23, floor * 0.23) / 0.23
        picture = picture - picture.amax()
        for _ in range(2):
            width, start = int(dice.integers(0, 8)), int(dice.integers(bands - 8))
            picture[start : start + width] = -40
        width, start = int(dice.integers(0, 12)), int(dice.integers(columns - 12))
        picture[:, start : start + width] = -40
        out[row] = picture
    return out.clamp(-80, 0)


def trained(batches: CoarseBatches, recipe: CoarseRecipe) -> PictureNetwork:
    """Train one network from nothing."""
    torch.manual_seed(recipe.seed)
    fma = batches.fma
    heads = {
        "fma": len(fma.genre_names),
        "labels": len(fma.label_names),
        "vggish": 128,
        "named": len(NAMED_LABELS),
    }
    network = PictureNetwork(
        PictureSizes(
            bands=BANDS,
            widths=recipe.widths,
            strides=((2, 1), (2, 2), (2, 2), (2, 2), (2, 1)),
            bands_pooled=4,
            embedding=256,
            heads=heads,
        )
    ).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, PEAK_RATE, total_steps=recipe.epochs * batches.steps, pct_start=0.15
    )
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    began = time.time()
    for epoch in range(recipe.epochs):
        losses = []
        for pictures, fma_rows, named_rows in batches.epoch():
            loss = _loss(network, batches, recipe, pictures, fma_rows, named_rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            average.update_parameters(network)
            losses.append(loss.item())
        _LOG.info("epoch %d: loss %.3f, %.0f s", epoch, np.mean(losses), time.time() - began)
    return average.module.eval()


def _loss(network, batches, recipe, pictures, fma_rows, named_rows) -> Tensor:
    """Weigh the tasks' losses; half of the batches are mixed with themselves in another order."""
    order, share = torch.arange(len(pictures)), 1.0
    split = len(fma_rows)
    if batches.dice.random() < 0.5:
        share = float(batches.dice.beta(recipe.mixup, recipe.mixup))
        share = max(share, 1 - share)
        order = torch.cat([torch.randperm(split), split + torch.randperm(len(named_rows))])
        pictures = share * pictures + (1 - share) * pictures[order]
    out = network(pictures)
    total = torch.zeros(())
    genres = torch.from_numpy(batches.fma.genres)[fma_rows]
    tens = torch.from_numpy(batches.named.labels)[named_rows]
    for part, weight in ((torch.arange(len(pictures)), share), (order, 1 - share)):
        if weight == 0:
            continue
        fma_at, named_at = part[:split], part[split:] - split
        known = functional.cross_entropy(out["fma"][:split], genres[fma_at], label_smoothing=0.1)
        labels = functional.binary_cross_entropy_with_logits(
            out["labels"][:split], batches.labels[fma_rows[fma_at]]
        )
        vggish = functional.mse_loss(out["vggish"][:split], batches.vggish[fma_rows[fma_at]])
        ten = functional.cross_entropy(out["named"][split:], tens[named_at], label_smoothing=0.1)
        total = total + weight * (
            known + recipe.labels * labels + recipe.vggish * vggish + recipe.named * ten
        )
    return total


@torch.inference_mode()
def answers(
    network: PictureNetwork, pictures: Sequence[Pictures], steps: int | Sequence[int]
) -> dict[str, Tensor]:
    """Answer for songs, each by the mean over four phases in which its columns can be picked.

    Songs without a picture get zeros.
    """
    each = [steps] * len(pictures) if isinstance(steps, int) else steps
    said = [_answer(network, picture, step) for picture, step in zip(pictures, each, strict=True)]
    return {name: torch.stack([song[name] for song in said]) for name in said[0]}


def _answer(network: PictureNetwork, picture: Pictures, step: int) -> dict[str, Tensor]:
    sizes = network.sizes
    if not picture.size:
        nothing = {name: torch.zeros(outputs) for name, outputs in sizes.heads.items()}
        return nothing | {"vector": torch.zeros(sizes.embedding)}
    views = [picture[:, phase::step] for phase in range(0, step, max(1, step // 4))]
    width = min(view.shape[1] for view in views)
    stack = torch.from_numpy(np.stack([view[:, :width] for view in views])).float() / 255 * 80 - 80
    return network.answers(stack)


def load_coarse(file: Path) -> PictureNetwork:
    """Open a network that `main` wrote."""
    with safe_open(file, framework="pt") as stored:
        network = PictureNetwork(picture_sizes(json.loads(stored.metadata()["sizes"])))
    network.load_state_dict(load_file(file))
    network.eval().requires_grad_(False)
    return network


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the asked folds, and write weights and answers."""
    parser = argparse.ArgumentParser(prog="python -m training.music.coarse_training")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=CoarseRecipe().epochs)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    fma = read_fma(options.data / "fma_small", options.work / "cache")
    songs = read_ten_genres(options.data)
    recipe = CoarseRecipe(epochs=options.epochs, seed=options.seed)
    network = trained(CoarseBatches(fma, songs, options.fold, recipe.seed), recipe)
    stem = f"coarse-{options.fold}-{recipe.seed}"
    card = {"sizes": json.dumps(asdict(network.sizes)), "recipe": json.dumps(asdict(recipe))}
    save_file(network.state_dict(), options.work / f"{stem}.safetensors", card)
    said = answers(network, fma.pictures, 1)
    held = fma.folds() == options.fold
    right = (said["fma"].argmax(1).numpy() == fma.genres)[held].mean()
    save_file(said, options.work / f"{stem}-fma.safetensors")
    steps = [GTZAN_STEP if source == "gtzan" else NAMED_STEP for source in songs.sources]
    heard = answers(network, songs.pictures, steps)
    save_file(heard, options.work / f"{stem}-songs.safetensors")
    _LOG.info("FMA's eight genres on held-out blocks: %.3f", right)


if __name__ == "__main__":
    main()
