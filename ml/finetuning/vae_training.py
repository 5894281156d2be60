"""Trains the VAE-GAN of the default recipe, step by step, so that it can stop and go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.density import Density, Latents, fit
from ml.avatar.features import features
from ml.avatar.image_tensors import Pictures, as_tensor
from ml.avatar.model import DefaultVae
from ml.finetuning.augmentation import augmented
from ml.finetuning.losses import (
    Discriminator,
    discriminator_loss,
    divergence,
    feature_distance,
    generator_loss,
    pixel_distance,
)
from ml.finetuning.recipes import PortraitRecipe
from ml.finetuning.time_budget import UNBOUNDED, BoundedTraining, TimeBudget

_REFIT = 500  # steps between two fits of the density that portraits are drawn from in training
_DECAY = 0.3  # share of the steps, at the end, in which the rate falls


class VaeTraining(BoundedTraining):
    """One training; `steps` advances it, `save` and `restore` interrupt it.

    Attributes:
        recipe: sizes and training.
        step: how many are done.
        density: fitted to what the encoder made of the pictures lately; None at the beginning.
    """

    def __init__(
        self,
        recipe: PortraitRecipe,
        pictures: Pictures,
        seed: int,
        device: str = "cpu",
        base: DefaultVae | None = None,
        allowed: TimeBudget = UNBOUNDED,
    ) -> None:
        """Begin.

        Args:
            recipe: sizes and training.
            pictures: (n, core, core, 3), n of at least 2.
            seed: what chance starts from.
            device: `cpu` or `cuda`.
            base: a model of the same sizes to go on from; None starts from nothing.
            allowed: what it may take; with less than its steps need, it does fewer.

        Raises:
            RuntimeError: if `base` has other sides.
        """
        super().__init__(recipe.steps, allowed)
        torch.manual_seed(seed)
        self.recipe, self._seed, self._device = recipe, seed, device
        self._pictures = pictures
        self._model = _placed(DefaultVae(recipe.dimensions), device)
        if base is not None:
            self._model.load_state_dict(base.state_dict())
        for name, weight in self._model.named_parameters():
            weight.requires_grad_(not name.startswith(recipe.frozen))
        self._critic = _placed(Discriminator(recipe.dimensions.core), device)
        # Averaged weights draw more cleanly; BatchNorm's statistics must be averaged with them.
        self._averaged = AveragedModel(
            self._model, multi_avg_fn=_averaging(recipe.average), use_buffers=True
        )
        learned = [weight for weight in self._model.parameters() if weight.requires_grad]
        self._optimiser = Adam(learned, recipe.rate, betas=(0.5, 0.99), fused=True)
        self._critic_optimiser = Adam(
            self._critic.parameters(), recipe.critic_rate, betas=(0.0, 0.99), fused=True
        )
        self._bank = torch.zeros(len(pictures), recipe.dimensions.latent)
        self._banked = torch.zeros(len(pictures), dtype=torch.bool)
        self.density: Density | None = None

    @property
    def model(self) -> DefaultVae:
        """The averaged model, ready to draw."""
        averaged = self._averaged.module
        assert isinstance(averaged, DefaultVae)
        return averaged.eval()

    def _advance(self) -> dict[str, float]:
        self._model.train()
        # Chance depends on the step alone, so that going on equals never stopping.
        torch.manual_seed(self._seed * 1_000_003 + self.step)
        if self.step % _REFIT == 0 and self._banked.all():
            self.density = fit(self._bank.numpy(), self.recipe.parts, self._seed)
        dice = torch.Generator().manual_seed(self._seed * 1_000_003 + self.step)
        chosen = torch.randint(len(self._pictures), (self.recipe.batch,), generator=dice)
        pictures = as_tensor(self._pictures[chosen.numpy()]).to(self._device)
        pictures = augmented(pictures, dice, self.recipe.change)
        started = self.done >= self.recipe.start
        # Half precision for the convolutions alone: twice as fast on processors that have it.
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            total, parts, seen, drawn = self._judge(pictures, chosen, dice, started)
        self._pace()
        descend(self._optimiser, total, self._model)
        self._averaged.update_parameters(self._model)
        if started:
            parts["critic"] = self._teach_critic(seen, drawn)
        return parts

    def _judge(
        self, pictures: Tensor, chosen: Tensor, dice: torch.Generator, started: bool
    ) -> tuple[Tensor, dict[str, float], list[Tensor], list[Tensor]]:
        """Compute the VAE's loss, and what the frozen network saw: real, then drawn."""
        recipe, frozen = self.recipe, features(self._device)
        coarse = self.done < recipe.coarse
        with torch.no_grad():
            seen = frozen(pictures)
        mean, log_variance = self._model.encoder(pictures, seen)
        if coarse:
            pictures = functional.avg_pool2d(pictures, 2)
            with torch.no_grad():
                seen = frozen(pictures)
        self._bank[chosen], self._banked[chosen] = mean.detach().float().cpu(), True
        latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        invented = self._invented(dice) if started else latents[:0]
        drawn = self._model.decoder(torch.cat([latents, invented]), coarse=coarse)
        redrawn, invention = drawn.split([len(latents), len(invented)])
        shown = (
            torch.cat([redrawn, augmented(invention, dice, recipe.change)]) if started else redrawn
        )
        drawn_seen = frozen(shown)
        warmth = min(1.0, self.done / recipe.start) if recipe.start else 1.0
        losses = {
            "pixels": recipe.pixels * pixel_distance(redrawn, pictures),
            "seen": recipe.seen * feature_distance([x[: len(latents)] for x in drawn_seen], seen),
            "divergence": warmth * recipe.divergence * divergence(mean, log_variance, recipe.free),
        }
        if started:
            self._critic.requires_grad_(False)
            losses["fooling"] = recipe.fooling * generator_loss(self._critic(drawn_seen))
            self._critic.requires_grad_(True)
        parts = {name: float(loss.detach()) for name, loss in losses.items()}
        return torch.stack(list(losses.values())).sum(), parts, seen, drawn_seen

    def _invented(self, dice: torch.Generator) -> Tensor:
        """Draw a quarter of a batch from the density; from N(0, 1) before there is one."""
        count = max(2, self.recipe.batch // 4)
        seeds = torch.randint(2**62, (count,), generator=dice).tolist()
        density = self.density or Density.standard(self.recipe.dimensions.latent)
        return torch.from_numpy(np.stack([density.draw(seed) for seed in seeds])).to(self._device)

    def _teach_critic(self, seen: list[Tensor], drawn: list[Tensor]) -> float:
        with torch.autocast(torch.device(self._device).type, dtype=torch.bfloat16):
            real = self._critic([x.detach() for x in seen])
            loss = discriminator_loss(real, self._critic([x.detach() for x in drawn]))
        descend(self._critic_optimiser, loss, self._critic)
        return float(loss.detach())

    def _pace(self) -> None:
        """Warm the rate up at the beginning, and let it fall at the end."""
        share = min(1.0, (self.step + 1) / 100, max(0.02, (1 - self.done) / _DECAY))
        for group in self._optimiser.param_groups:
            group["lr"] = self.recipe.rate * share

    @torch.inference_mode()
    def encoded(self) -> Latents:
        """Encode all pictures and their mirror images with the averaged model, (2n, latent)."""
        means = []
        for at in range(0, len(self._pictures), 32):
            pictures = as_tensor(self._pictures[at : at + 32]).to(self._device)
            for some in (pictures, pictures.flip(3)):
                means.append(self.model.encode(some)[0].float().cpu())
        latents: Latents = torch.cat(means).numpy()
        return latents

    def save(self, file: Path) -> None:
        """Write all that is needed to go on; a half-written file never takes the place."""
        partial = file.with_suffix(".part")
        torch.save(self._state(), partial)
        partial.replace(file)

    def restore(self, file: Path) -> None:
        """Go on from where `save` was called.

        Raises:
            OSError: there is no such file.
            RuntimeError: it is of another recipe, or of other pictures.
        """
        state = torch.load(file, map_location=self._device, weights_only=True)
        if state["bank"].shape != self._bank.shape:
            raise RuntimeError("the interrupted training had other pictures")
        self.step, self._spent = state["step"], state["spent"]
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self._bank, self._banked = state["bank"].cpu(), state["banked"].cpu()
        self.density = Density(*(x.numpy() for x in state["density"])) if state["density"] else None

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self._model,
            "critic": self._critic,
            "averaged": self._averaged,
            "optimiser": self._optimiser,
            "critic_optimiser": self._critic_optimiser,
        }

    def _state(self) -> dict[str, Any]:
        density = self.density
        fitted = (density.shares, density.means, density.factors) if density else ()
        return {
            "step": self.step,
            "spent": self._spent,
            "bank": self._bank,
            "banked": self._banked,
            "density": [torch.from_numpy(x) for x in fitted],
            **{name: part.state_dict() for name, part in self._parts().items()},
        }


def _placed(network: Any, device: str) -> Any:
    """Put a network where it runs, in the layout that is convolved fastest."""
    return network.to(device, memory_format=torch.channels_last)


def _averaging(most: float) -> Callable[[Any, Any, Any], None]:
    """Average over a tenth of the steps at first, so that the untrained start is soon gone."""

    def average(past: Any, now: Any, count: Any) -> None:
        kept = min(most, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(kept)(past, now, count)

    return average


def descend(optimiser: Adam, loss: Tensor, network: nn.Module) -> None:
    """Take one step down a loss, a short one where the gradient is steep."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
