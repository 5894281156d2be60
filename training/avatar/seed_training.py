"""Train the blog's VAE-GAN, to the letter.

A VAE for 100 epochs; then, an iteration at a time, the discriminator learns that what is decoded
from N(0, 1) is drawn and that pictures are real, and the VAE goes on learning MSE + 1e-6 KL. What
the discriminator learned never reaches the decoder: that is how the blog words it, and why its
VAE-GAN draws like its VAE.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from ml.avatar.checkpoint import SeedVae
from ml.avatar.features import Pictures, as_tensor
from ml.avatar.latents import Density
from ml.avatar.measures import drawn
from ml.avatar.networks import PortraitDimensions, SeedDiscriminator
from ml.finetuning.stages import Losses, Pace, PlannedStage, mixed_precision
from ml.finetuning.vae_training import divergence

_ALONE = 0.8  # share of a limited time that the VAE has for itself


@dataclass(frozen=True, slots=True)
class SeedRecipe:
    """Sizes and hyperparameters as the blog had them.

    Attributes:
        dimensions: of the networks.
        epochs: of the VAE alone.
        iterations: of the VAE-GAN, each one batch.
        batch: pictures in a step.
        rate: of Adam, for all networks.
        divergence: the blog's alpha, which weighs the Kullback-Leibler divergence.
    """

    dimensions: PortraitDimensions = field(
        default_factory=lambda: PortraitDimensions(
            recipe="seed",
            latent=512,
            core=224,
            side=224,
            widths=(64, 64, 64, 64, 64),
            upscaler=(),
        )
    )
    epochs: int = 100
    iterations: int = 100
    batch: int = 16
    rate: float = 1e-4
    divergence: float = 1e-6


class SeedTraining:
    """The networks of the blog's recipe and its two stages.

    Attributes:
        model: the VAE.
        seed: of random numbers.
        imagenet: whether encoder and discriminator started from ImageNet's weights.
        alone: the eight portraits of sheets as the VAE drew them alone; None before that.
    """

    def __init__(
        self,
        recipe: SeedRecipe,
        pictures: Pictures,
        seed: int,
        device: str = "cpu",
        imagenet: bool = True,
    ) -> None:
        """Begin.

        Args:
            recipe: sizes and training.
            pictures: (n, 224, 224, 3), n of at least 2.
            seed: of random numbers.
            device: `cpu` or `cuda`.
            imagenet: whether to ask for ImageNet's weights.
        """
        torch.manual_seed(seed)
        self.recipe, self.seed, self._device = recipe, seed, device
        self._pictures = pictures
        self.model = SeedVae(recipe.dimensions)
        self._discriminator = SeedDiscriminator()
        self.imagenet = imagenet and all(
            network.start_from_imagenet() for network in (self.model.encoder, self._discriminator)
        )
        self.model.to(device)
        self._discriminator.to(device)
        self._optimiser = Adam(self.model.parameters(), recipe.rate)
        self._discriminator_optimiser = Adam(self._discriminator.parameters(), recipe.rate)
        self.alone: Pictures | None = None

    @property
    def density(self) -> Density:
        """N(0, 1), as the blog samples."""
        return Density.standard(self.recipe.dimensions.latent)

    def parts(self) -> Sequence[PlannedStage]:
        """Return its stages: the VAE alone, then with the discriminator."""
        recipe = self.recipe
        alone = recipe.epochs * math.ceil(len(self._pictures) / recipe.batch)
        return [
            PlannedStage(_ALONE, lambda: SeedStage(self, "vae", alone, first=0)),
            PlannedStage(
                1 - _ALONE, lambda: SeedStage(self, "vae-gan", recipe.iterations, first=alone)
            ),
        ]

    def train_vae(self) -> Losses:
        """Train the VAE one step."""
        self.model.train()
        pictures = self._batch()
        with mixed_precision(self._device):
            mean, log_variance = self.model.encode(pictures)
            latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
            error = functional.mse_loss(self.model.decode(latents), pictures)
            nats = self.recipe.divergence * divergence(mean, log_variance, free=0.0)
        _descend(self._optimiser, error + nats)
        return {"error": float(error.detach()), "divergence": float(nats.detach())}

    def train_discriminator(self) -> float:
        """Learn drawn pictures as 0, then real ones as 1, one step each."""
        if self.alone is None:
            self.alone = drawn(self.model.eval(), self.density)
        noise = torch.randn(self.recipe.batch, self.recipe.dimensions.latent, device=self._device)
        with torch.no_grad():
            invented = self.model.decode(noise)
        total = 0.0
        for pictures, answer in ((invented, 0.0), (self._batch(), 1.0)):
            logits = self._discriminator(pictures)
            loss = functional.binary_cross_entropy_with_logits(
                logits, torch.full_like(logits, answer)
            )
            _descend(self._discriminator_optimiser, loss)
            total += float(loss.detach())
        return total

    def _batch(self) -> Tensor:
        chosen = torch.randint(len(self._pictures), (self.recipe.batch,))
        return as_tensor(self._pictures[chosen.numpy()]).to(self._device)

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        alone = None if self.alone is None else torch.from_numpy(self.alone)
        return {"alone": alone, **{name: part.state_dict() for name, part in self._parts().items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError: it is of another recipe.
        """
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.alone = None if state["alone"] is None else state["alone"].cpu().numpy()

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "discriminator": self._discriminator,
            "optimiser": self._optimiser,
            "discriminator_optimiser": self._discriminator_optimiser,
        }


class SeedStage:
    """One of the two stages; both train the same networks."""

    converged = False  # it is stopped by its steps alone

    def __init__(self, training: SeedTraining, name: str, steps: int, first: int) -> None:
        """Train `steps` steps; `first` is the number of the first one in the whole training."""
        self.name, self.steps = name, steps
        self._training, self._first = training, first

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        training = self._training
        # Random numbers depend on the step alone, so that resuming equals never stopping.
        torch.manual_seed(training.seed * 1_000_003 + self._first + pace.step)
        if self.name == "vae":
            return training.train_vae()
        loss = training.train_discriminator()
        return {**training.train_vae(), "discriminator": loss}

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        return self._training.save()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError: it is of another recipe.
        """
        self._training.restore(state)


def _descend(optimiser: Adam, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
