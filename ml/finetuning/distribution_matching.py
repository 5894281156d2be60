"""Trains decoder and upscaler together on whole finished portraits: the default recipe's end.

A discriminator judges pictures one at a time, and patches of them. What it lets pass can still be
told from true pictures as a crowd: all a little softer, all a little alike. Here the crowd is what
counts: portraits drawn from the density are to lie among the frozen network's vectors as true
pictures do (a moment matching network: Li et al., 2015), by two distances of kernels: a broad one,
and one as narrow as neighbours are apart, without which portraits keep to the middle of what true
pictures do. True pictures drawn again keep each portrait a good picture by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim import Adam

from ml.avatar.density import Density
from ml.avatar.features import feature_vectors, features
from ml.avatar.image_tensors import as_tensor, read_picture, resized
from ml.avatar.model import DefaultVae
from ml.finetuning.losses import (
    feature_distance,
    mmd_distance,
    neighbour_distance,
    pixel_distance,
)
from ml.finetuning.measures import reach
from ml.finetuning.time_budget import UNBOUNDED, BoundedTraining, TimeBudget
from ml.finetuning.vae_training import descend

_SIDE = 256  # px at which portraits are looked at
_RATE = 2e-4
_WARM_UP = 30  # steps
_DECAY = 0.4  # share of the training, at the end, in which the rate falls
_SEEN, _WHOLE, _CROWD = 2.0, 0.02, 2.0  # weights beside the pixels' 1
_CROWD_SIZE = 1500  # true pictures that each batch is compared with, at most
_EARLIER = 800  # portraits drawn before that each batch is compared with, at most
_NEIGHBOUR = 3  # the nearest but two says how far neighbours are apart


class DistributionMatching(BoundedTraining):
    """One training of a decoder and an upscaler; the encoder stays as it is.

    Attributes:
        model: whose decoder and upscaler are trained in place.
    """

    def __init__(
        self,
        model: DefaultVae,
        density: Density,
        files: Sequence[Path],
        steps: int,
        seed: int,
        neighbours: float = 0.0,
        batch: int = 8,
        allowed: TimeBudget = UNBOUNDED,
    ) -> None:
        """Begin.

        Args:
            model: whose decoder and upscaler are trained in place.
            density: what portraits are drawn from.
            files: true pictures, at least four.
            steps: of training.
            seed: what chance starts from.
            neighbours: weight of the narrow distance; only many pictures say where true ones lie
                dense.
            batch: portraits in a step, at least two; half as many true pictures come with them.
            allowed: what it may take; with less than its steps need, it does fewer.
        """
        super().__init__(steps, allowed)
        self.model, self._density, self._files = model.eval(), density, files
        self._device = str(next(model.parameters()).device)
        self._seed, self._batch = seed, batch
        self._side = min(_SIDE, model.dimensions.side)
        self._learning = torch.nn.ModuleList([model.decoder, model.upscaler]).requires_grad_(True)
        self._optimiser = Adam(self._learning.parameters(), _RATE, betas=(0.5, 0.99))
        self._neighbours = neighbours
        self._crowd: Tensor | None = None
        self._earlier: Tensor | None = None
        self._reach = 0.0

    def _see_all(self) -> Tensor:
        """See every true picture, a few at a time: thousands at once would fill the memory."""
        vectors = np.concatenate(
            [feature_vectors(np.stack([read_picture(file, self._side)])) for file in self._files]
        )
        self._reach = float(np.median(reach(vectors[:_CROWD_SIZE], _NEIGHBOUR)))
        return torch.from_numpy(vectors).to(self._device)

    def _advance(self) -> dict[str, float]:
        if self._crowd is None:
            self._crowd = self._see_all()
        dice = np.random.default_rng([self._seed, self.step])
        frozen, large = features(self._device), self._read(dice)
        pictures = resized(large, self._side)
        among = torch.from_numpy(dice.permutation(len(self._crowd))[:_CROWD_SIZE])
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            with torch.no_grad():
                encoded, seen = self.model.encode(pictures)[0], frozen(pictures)
                whole = frozen.vectors(pictures)
            finished = self._draw(torch.cat([encoded.float(), self._latents(dice)]))
            drawn = resized(finished, self._side)
            redrawn = drawn[: len(pictures)]
            losses = {
                # At the full side: what is looked at smaller alone may grow a grid that none sees.
                "pixels": pixel_distance(finished[: len(large)], large),
                "seen": _SEEN * feature_distance(frozen(redrawn), seen),
            }
            vectors = frozen.vectors(drawn)
        # In half precision the small difference of large sums would be lost.
        again, invented = vectors.float().split([len(pictures), self._batch])
        losses["whole"] = _WHOLE * (again - whole.float()).norm(dim=1).mean()
        losses |= self._crowd_losses(again, invented, self._crowd[among.to(self._device)])
        share = min(1.0, (self.step + 1) / _WARM_UP, max(0.02, (1 - self.done) / _DECAY))
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * share
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._learning)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _crowd_losses(self, again: Tensor, invented: Tensor, crowd: Tensor) -> dict[str, Tensor]:
        """Compare (n, size) of pictures drawn again and of portraits with those of true ones."""
        losses = {"crowd": _CROWD * mmd_distance(torch.cat([again, invented]), crowd)}
        if self._neighbours:
            earlier = invented.detach()
            if self._earlier is not None:
                earlier = torch.cat([self._earlier, earlier])[-_EARLIER:]
            self._earlier = earlier
            distance = neighbour_distance(invented, earlier, crowd, self._reach)
            losses["neighbours"] = self._neighbours * distance
        return losses

    def _draw(self, latents: Tensor) -> Tensor:
        return self.model.finish(self.model.decode(latents)).float()

    def _latents(self, dice: np.random.Generator) -> Tensor:
        seeds = dice.integers(2**62, size=self._batch)
        latents = np.stack([self._density.draw(int(seed)) for seed in seeds])
        return torch.from_numpy(latents).to(self._device)

    def _read(self, dice: np.random.Generator) -> Tensor:
        chosen = dice.integers(len(self._files), size=max(1, self._batch // 2))
        side = self.model.dimensions.side
        pictures = [read_picture(self._files[index], side) for index in chosen]
        return as_tensor(np.stack(pictures)).to(self._device)
