"""Train the upscaler: the second stage of the default recipe.

It learns from true pictures made small, and from the same pictures as the decoder draws them:
from the first what fine lines look like, from the second to correct what the decoder gets wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.features import Pictures, as_tensor, features, read_picture
from ml.avatar.networks import Upscaler
from ml.finetuning.stages import Losses, Pace, mixed_precision
from ml.finetuning.vae_training import (
    Discriminator,
    descend,
    discriminator_loss,
    feature_distance,
    generator_loss,
)

_PATCH = 48  # px at the small side: enough to hold an eye, and half as costly as a face
_FEATURES, _ADVERSARIAL = 1.0, 0.05  # weights beside the pixels' 1
_ADVERSARIAL_FROM = 0.2  # share of the training after which the discriminator joins
_BLUR = 0.3  # of the decoder's drawings that a pixel's distance may count: lines are elsewhere


class UpscalerTraining:
    """The stage that trains an upscaler; the rest of the model stays as it is."""

    name = "upscaler"
    converged = False  # it is stopped by its steps alone

    def __init__(
        self,
        model: DefaultVae,
        files: Sequence[Path],
        steps: int,
        seed: int,
        batch: int = 8,
    ) -> None:
        """Begin.

        Args:
            model: whose upscaler is trained in place.
            files: true pictures, best no smaller than the model's side.
            steps: of training.
            seed: of random numbers.
            batch: pictures in a step.
        """
        self.steps = steps
        assert isinstance(model.upscaler, Upscaler)
        self._model, self._upscaler, self._files = model.eval(), model.upscaler, files
        self._device = str(next(model.parameters()).device)
        self._seed, self._batch = seed, batch
        scale = 2**model.dimensions.doublings
        self._patch = min(_PATCH, model.dimensions.core)
        self._discriminator = Discriminator(self._patch * scale).to(self._device)
        self._optimiser = Adam(self._upscaler.parameters(), 5e-4, betas=(0.5, 0.99))
        self._discriminator_optimiser = Adam(
            self._discriminator.parameters(), 4e-4, betas=(0.0, 0.99)
        )

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        rng = np.random.default_rng([self._seed, pace.step])
        small, large, trust = self._patches(rng)
        adversarial = pace.done >= _ADVERSARIAL_FROM
        frozen = features(self._device)
        with mixed_precision(self._device):
            finished = self._upscaler(small)
            with torch.no_grad():
                real_maps = frozen(large)
            finished_maps = frozen(finished)
            losses = {
                "pixels": ((finished - large).abs().mean(dim=(1, 2, 3)) * trust).mean(),
                "features": _FEATURES * feature_distance(finished_maps, real_maps),
            }
            if adversarial:
                self._discriminator.requires_grad_(False)
                losses["adversarial"] = _ADVERSARIAL * generator_loss(
                    self._discriminator(finished_maps)
                )
                self._discriminator.requires_grad_(True)
        for group in self._optimiser.param_groups:
            group["lr"] = 5e-4 * max(0.02, min(1.0, 2 * (1 - pace.done)))
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._upscaler)
        if adversarial:
            self._train_discriminator(real_maps, finished_maps)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _train_discriminator(self, real_maps: list[Tensor], finished: list[Tensor]) -> None:
        with mixed_precision(self._device):
            real = self._discriminator([x.detach() for x in real_maps])
            loss = discriminator_loss(real, self._discriminator([x.detach() for x in finished]))
        descend(self._discriminator_optimiser, loss, self._discriminator)

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another training.
        """
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        return {
            "upscaler": self._upscaler,
            "discriminator": self._discriminator,
            "optimiser": self._optimiser,
            "discriminator_optimiser": self._discriminator_optimiser,
        }

    @torch.no_grad()
    def _patches(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Cut patches out of the same places of small and large pictures.

        Returns:
            small and large patches, and how far the pixels of each pair may be compared, (n,).
        """
        large = as_tensor(self._read(rng)).to(self._device)
        core, patch = self._model.dimensions.core, self._patch
        small = functional.interpolate(large, (core, core), mode="bilinear", antialias=True)
        redrawn = self._model.decode(self._model.encode(small[::2])[0])
        trust = torch.ones(len(small), device=self._device)
        small[::2], trust[::2] = redrawn, _BLUR
        scale = large.shape[-1] // core
        pairs = []
        for index, (top, left) in enumerate(rng.integers(0, core - patch + 1, (len(small), 2))):
            pairs.append(
                (
                    small[index, :, top : top + patch, left : left + patch],
                    large[index, :, top * scale :, left * scale :][
                        :, : patch * scale, : patch * scale
                    ],
                )
            )
        return torch.stack([a for a, _ in pairs]), torch.stack([b for _, b in pairs]), trust

    def _read(self, rng: np.random.Generator) -> Pictures:
        chosen = rng.integers(len(self._files), size=self._batch)
        side = self._model.dimensions.side
        pictures = np.stack([read_picture(self._files[index], side) for index in chosen])
        mirrored = rng.random(self._batch) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        return pictures
