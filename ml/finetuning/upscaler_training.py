"""Trains the upscaler: the second, smaller half of the default recipe.

It learns from true pictures made small, and from the same pictures as the decoder draws them:
from the first what fine lines look like, from the second to mend what the decoder gets wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from ml.avatar.features import features
from ml.avatar.image_tensors import Pictures, as_tensor, read_picture
from ml.avatar.model import DefaultVae
from ml.avatar.networks import Upscaler
from ml.finetuning.losses import Discriminator, discriminator_loss, feature_distance, generator_loss
from ml.finetuning.time_budget import UNBOUNDED, BoundedTraining, TimeBudget
from ml.finetuning.vae_training import descend

_PATCH = 48  # px at the small side: enough to hold an eye, and half as costly as a face
_SEEN, _FOOLING = 1.0, 0.05  # weights beside the pixels' 1
_SOLVED = 0.2  # share of the training in which pixels and features are alone
_BLUR = 0.3  # of the decoder's drawings that a pixel's distance may count: lines are elsewhere


class UpscalerTraining(BoundedTraining):
    """One training of an upscaler; the rest of the model stays as it is."""

    def __init__(
        self,
        model: DefaultVae,
        files: Sequence[Path],
        steps: int,
        seed: int,
        batch: int = 8,
        allowed: TimeBudget = UNBOUNDED,
    ) -> None:
        """Begin.

        Args:
            model: whose upscaler is trained in place.
            files: true pictures, best no smaller than the model's side.
            steps: of training.
            seed: what chance starts from.
            batch: pictures in a step.
            allowed: what it may take; with less than its steps need, it does fewer.
        """
        super().__init__(steps, allowed)
        assert isinstance(model.upscaler, Upscaler)
        self._model, self._upscaler, self._files = model.eval(), model.upscaler, files
        self._device = str(next(model.parameters()).device)
        self._seed, self._batch = seed, batch
        scale = 2**model.dimensions.doublings
        self._patch = min(_PATCH, model.dimensions.core)
        self._critic = Discriminator(self._patch * scale).to(self._device)
        self._optimiser = Adam(self._upscaler.parameters(), 5e-4, betas=(0.5, 0.99))
        self._critic_optimiser = Adam(self._critic.parameters(), 4e-4, betas=(0.0, 0.99))

    def _advance(self) -> dict[str, float]:
        dice = np.random.default_rng([self._seed, self.step])
        small, large, trust = self._patches(dice)
        mended = self.done >= _SOLVED
        frozen = features(self._device)
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            finished = self._upscaler(small)
            with torch.no_grad():
                seen = frozen(large)
            finished_seen = frozen(finished)
            losses = {
                "pixels": ((finished - large).abs().mean(dim=(1, 2, 3)) * trust).mean(),
                "seen": _SEEN * feature_distance(finished_seen, seen),
            }
            if mended:
                self._critic.requires_grad_(False)
                losses["fooling"] = _FOOLING * generator_loss(self._critic(finished_seen))
                self._critic.requires_grad_(True)
        for group in self._optimiser.param_groups:
            group["lr"] = 5e-4 * max(0.02, min(1.0, 2 * (1 - self.done)))
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._upscaler)
        if mended:
            self._teach_critic(seen, finished_seen)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _teach_critic(self, seen: list[Tensor], finished: list[Tensor]) -> None:
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            real = self._critic([x.detach() for x in seen])
            loss = discriminator_loss(real, self._critic([x.detach() for x in finished]))
        descend(self._critic_optimiser, loss, self._critic)

    @torch.no_grad()
    def _patches(self, dice: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Cut patches out of the same places of small and large pictures.

        Returns:
            small and large patches, and how far the pixels of each pair may be compared, (n,).
        """
        large = as_tensor(self._read(dice)).to(self._device)
        core, patch = self._model.dimensions.core, self._patch
        small = functional.interpolate(large, (core, core), mode="bilinear", antialias=True)
        redrawn = self._model.decode(self._model.encode(small[::2])[0])
        trust = torch.ones(len(small), device=self._device)
        small[::2], trust[::2] = redrawn, _BLUR
        scale = large.shape[-1] // core
        pairs = []
        for index, (top, left) in enumerate(dice.integers(0, core - patch + 1, (len(small), 2))):
            pairs.append(
                (
                    small[index, :, top : top + patch, left : left + patch],
                    large[index, :, top * scale :, left * scale :][
                        :, : patch * scale, : patch * scale
                    ],
                )
            )
        return torch.stack([a for a, _ in pairs]), torch.stack([b for _, b in pairs]), trust

    def _read(self, dice: np.random.Generator) -> Pictures:
        chosen = dice.integers(len(self._files), size=self._batch)
        side = self._model.dimensions.side
        pictures = np.stack([read_picture(self._files[index], side) for index in chosen])
        mirrored = dice.random(self._batch) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        return pictures
