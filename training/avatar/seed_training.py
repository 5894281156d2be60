"""Trains the blog's VAE-GAN, to the letter.

A VAE for 100 epochs; then, an iteration at a time, the discriminator learns that what is decoded
from N(0, 1) is drawn and that pictures are real, and the VAE goes on learning MSE + 1e-6 KL. What
the discriminator learned never reaches the decoder: that is how the blog words it, and why its
VAE-GAN draws like its VAE.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from ml.avatar.density import Density
from ml.avatar.image_tensors import Pictures, as_tensor
from ml.avatar.model import SeedVae
from ml.avatar.seed_networks import SeedDiscriminator
from ml.files import write_atomically
from ml.finetuning.losses import divergence
from ml.finetuning.portrait_sheets import drawn
from ml.finetuning.recipes import SeedRecipe
from ml.finetuning.time_budget import UNBOUNDED, BoundedTraining, TimeBudget

_ALONE = 0.8  # share of a limited time that the VAE has for itself


class SeedTraining(BoundedTraining):
    """One training by the blog's recipe; `steps` advances it, `save` and `restore` interrupt it.

    Attributes:
        imagenet: whether encoder and discriminator started from ImageNet's weights.
        alone: the eight portraits of sheets as the VAE drew them alone; None before that.
    """

    def __init__(
        self,
        recipe: SeedRecipe,
        pictures: Pictures,
        seed: int,
        device: str = "cpu",
        allowed: TimeBudget = UNBOUNDED,
        imagenet: bool = True,
    ) -> None:
        """Begin.

        Args:
            recipe: sizes and training.
            pictures: (n, 224, 224, 3), n of at least 2.
            seed: what chance starts from.
            device: `cpu` or `cuda`.
            allowed: what it may take; with less than its steps need, it does fewer.
            imagenet: whether to ask for ImageNet's weights.
        """
        self._alone_steps = recipe.epochs * math.ceil(len(pictures) / recipe.batch)
        super().__init__(self._alone_steps + recipe.iterations, allowed)
        torch.manual_seed(seed)
        self.recipe, self._seed, self._device = recipe, seed, device
        self._pictures = pictures
        self.model = SeedVae(recipe.dimensions)
        self._critic = SeedDiscriminator()
        self.imagenet = imagenet and all(
            network.start_from_imagenet() for network in (self.model.encoder, self._critic)
        )
        self.model.to(device)
        self._critic.to(device)
        self._optimiser = Adam(self.model.parameters(), recipe.rate)
        self._critic_optimiser = Adam(self._critic.parameters(), recipe.rate)
        self.alone: Pictures | None = None

    @property
    def density(self) -> Density:
        """N(0, 1), as the blog samples."""
        return Density.standard(self.recipe.dimensions.latent)

    def _advance(self) -> dict[str, float]:
        if self.alone is None and self._spent >= _ALONE * self._allowed.seconds:
            self.step = max(self.step, self._alone_steps)
        torch.manual_seed(self._seed * 1_000_003 + self.step)
        parts = {}
        if self.step >= self._alone_steps:
            if self.alone is None:
                self.alone = drawn(self.model.eval(), self.density)
            parts["critic"] = self._teach_critic()
        self.model.train()
        pictures = self._batch()
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            mean, log_variance = self.model.encode(pictures)
            latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
            error = functional.mse_loss(self.model.decode(latents), pictures)
            nats = self.recipe.divergence * divergence(mean, log_variance, free=0.0)
        _descend(self._optimiser, error + nats)
        return {"error": float(error.detach()), "divergence": float(nats.detach()), **parts}

    def _teach_critic(self) -> float:
        """Drawn pictures as 0, then real ones as 1, one step each."""
        noise = torch.randn(self.recipe.batch, self.recipe.dimensions.latent, device=self._device)
        with torch.no_grad():
            invented = self.model.decode(noise)
        total = 0.0
        for pictures, answer in ((invented, 0.0), (self._batch(), 1.0)):
            logits = self._critic(pictures)
            loss = functional.binary_cross_entropy_with_logits(
                logits, torch.full_like(logits, answer)
            )
            _descend(self._critic_optimiser, loss)
            total += float(loss.detach())
        return total

    def _batch(self) -> Tensor:
        chosen = torch.randint(len(self._pictures), (self.recipe.batch,))
        return as_tensor(self._pictures[chosen.numpy()]).to(self._device)

    def save(self, file: Path) -> None:
        """Write all that is needed to go on; a half-written file never takes the place."""
        alone = None if self.alone is None else torch.from_numpy(self.alone)
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {"step": self.step, "spent": self._spent, "alone": alone}
        write_atomically(file, lambda partial: torch.save(state, partial))

    def restore(self, file: Path) -> None:
        """Go on from where `save` was called.

        Raises:
            OSError: there is no such file.
            RuntimeError: it is of another recipe.
        """
        state = torch.load(file, map_location=self._device, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.step, self._spent = state["step"], state["spent"]
        self.alone = None if state["alone"] is None else state["alone"].cpu().numpy()

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "critic": self._critic,
            "optimiser": self._optimiser,
            "critic_optimiser": self._critic_optimiser,
        }


def _descend(optimiser: Adam, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
