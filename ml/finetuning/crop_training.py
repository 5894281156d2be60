"""Fine-tune a conditioned model on few crops: the lesson's first stage for models with traits.

An encoder that has only seen drawings tells all crops of another art alike. So each crop gets a
latent of its own, which learns together with the decoder (generative latent optimisation:
Bojanowski et al., 2018): hair, eyes and backdrop take their colours through the traits, and what
traits leave open takes the rest. Portraits mix blocks of the crops' latents, as those of the base
mix the drawings'; a discriminator judges the mixed ones with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.features import Pictures, as_tensor, features
from ml.avatar.latents import TraitBank, settled
from ml.avatar.traits import KINDS, TRAIT, TRAITS
from ml.finetuning.stages import Losses, Pace, mixed_precision
from ml.finetuning.vae_training import (
    Discriminator,
    PortraitRecipe,
    adam,
    augmented,
    averaging,
    begun,
    descend,
    discriminator_loss,
    feature_distance,
    generator_loss,
    pixel_distance,
    placed,
    share_of_rate,
)

_LATENTS_RATE = 0.04  # of Adam, in spreads of a trait, or in `_LEAST_SPREAD`
_PAINTS_RATE = 12.0  # of textures and their paint, in rates of the rest: bows and ears must go
_LEAST_SPREAD = 0.25  # of a trait: her hair is always lavender, but others' is not
_MOST = 6.0  # such spreads that a number may be away from where it began
_NOISE = 0.1  # added to what traits leave open, so that mixtures are not far from what was seen
_INVENTED = 4  # one portrait of mixed blocks for so many crops


class CropTraining:
    """The stage that trains a latent for each crop, and the decoder.

    Attributes:
        recipe: sizes and hyperparameters.
        trained: steps done so far.
    """

    name = "vae"
    converged = False  # it is stopped by its steps alone

    def __init__(
        self,
        recipe: PortraitRecipe,
        pictures: Pictures,
        seed: int,
        base: DefaultVae,
        drawn: TraitBank,
        device: str = "cpu",
    ) -> None:
        """Begin.

        Args:
            recipe: sizes and hyperparameters; those of the divergence are not used.
            pictures: (n, core, core, 3), n of at least 2.
            seed: of random numbers.
            base: a conditioned model of the same sizes.
            drawn: the bank of its drawings.
            device: `cpu` or `cuda`.
        """
        self.steps = recipe.steps
        torch.manual_seed(seed)
        self.recipe, self._seed, self._device = recipe, seed, device
        self._pictures, self._options = pictures, drawn.options
        self._model = begun(recipe, device, base)
        self._discriminator = placed(Discriminator(recipe.dimensions.core), device)
        self._averaged = AveragedModel(
            self._model, multi_avg_fn=averaging(recipe.average), use_buffers=True
        )
        with torch.inference_mode():
            means = [base.encode(as_tensor(some[None]).to(device))[0].cpu() for some in pictures]
        found = drawn.with_locks(settled(torch.cat(means).numpy()))
        self._begun_at = torch.from_numpy(found).to(device)
        self._moved = torch.nn.Parameter(torch.zeros_like(self._begun_at))
        self._steps = torch.ones(found.shape[1], device=device)
        decoder = base.decoder
        assert isinstance(decoder, ConditionedDecoder)
        self._steps[:TRAITS] = (_LEAST_SPREAD / decoder.layout.spread).clamp(min=1)
        for name in (*KINDS, "facing", "fringe_edge"):  # decided, or half-way nothing
            self._steps[TRAIT[name]] = 0
        self._optimiser = Adam(_groups(self._model), recipe.rate, betas=(0.5, 0.99), fused=True)
        self._latents_optimiser = adam([self._moved], _LATENTS_RATE, 0.0)
        self._discriminator_optimiser = adam(
            self._discriminator.parameters(), recipe.discriminator_rate, 0.0
        )
        self.trained = 0

    @property
    def model(self) -> DefaultVae:
        """The averaged model, ready to draw."""
        averaged = self._averaged.module
        assert isinstance(averaged, DefaultVae)
        return averaged.eval()

    @property
    def latents(self) -> Tensor:
        """The crops' latents as they are now, (n, latent)."""
        return (self._begun_at + self._steps * self._moved).detach()

    def bank(self) -> TraitBank:
        """What portraits are drawn from: the crops' latents."""
        return TraitBank(self.latents.cpu().numpy(), self._options)

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        self._model.train()
        # Random numbers depend on the step alone, so that resuming equals never stopping.
        torch.manual_seed(self._seed * 1_000_003 + pace.step)
        rng = torch.Generator().manual_seed(self._seed * 1_000_003 + pace.step)
        chosen = torch.randint(len(self._pictures), (self.recipe.batch,), generator=rng)
        pictures = as_tensor(self._pictures[chosen.numpy()]).to(self._device)
        with mixed_precision(self._device):
            losses, judged = self._losses(pictures, chosen, rng, pace.done)
        share = share_of_rate(pace)
        for group in self._optimiser.param_groups:
            group["lr"] = self.recipe.rate * share * group["factor"]
        for group in self._latents_optimiser.param_groups:
            group["lr"] = _LATENTS_RATE * share
        self._latents_optimiser.zero_grad(set_to_none=True)
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._model)
        self._latents_optimiser.step()
        with torch.no_grad():
            self._moved.clamp_(-_MOST, _MOST)
        self._averaged.update_parameters(self._model)
        self.trained = pace.step + 1
        parts = {name: float(loss.detach()) for name, loss in losses.items()}
        if judged:
            parts["discriminator"] = self._train_discriminator(*judged)
        return parts

    def _losses(
        self, pictures: Tensor, chosen: Tensor, rng: torch.Generator, done: float
    ) -> tuple[dict[str, Tensor], tuple[list[Tensor], list[Tensor]] | None]:
        """Compute the losses; and, once it judges, what the discriminator has seen."""
        recipe, frozen, count = self.recipe, features(self._device), len(pictures)
        adversarial = done >= recipe.start
        crops = chosen.to(self._device)
        latents = self._begun_at[crops] + self._steps * self._moved[crops]
        open_part = torch.zeros_like(latents)
        open_part[:, TRAITS:] = _NOISE
        latents = latents + open_part * torch.randn_like(latents)
        if adversarial:
            latents = torch.cat([latents, self._invented(rng)])
        decoded = self._model.decoder(latents)
        redrawn = decoded[:count]
        with torch.no_grad():
            real = frozen(pictures)
        losses = {
            "pixels": recipe.pixels * pixel_distance(redrawn, pictures),
            "features": recipe.features * feature_distance(frozen(redrawn), real),
        }
        if not adversarial:
            return losses, None
        with torch.no_grad():
            true = frozen(augmented(pictures, rng, recipe.augmentation))
        shown = frozen(augmented(decoded, rng, recipe.augmentation))
        self._discriminator.requires_grad_(False)
        losses["adversarial"] = recipe.adversarial * generator_loss(self._discriminator(shown))
        self._discriminator.requires_grad_(True)
        return losses, (true, shown)

    def _invented(self, rng: torch.Generator) -> Tensor:
        """Mix blocks of the crops' latents: a quarter of a batch."""
        count = max(2, self.recipe.batch // _INVENTED)
        seeds = torch.randint(2**62, (count,), generator=rng).tolist()
        bank = self.bank()
        mixed = [torch.from_numpy(bank.draw(seed)) for seed in seeds]
        return torch.stack(mixed).to(self._device)

    def _train_discriminator(self, real: list[Tensor], drawn: list[Tensor]) -> float:
        with mixed_precision(self._device):
            loss = discriminator_loss(
                self._discriminator([x.detach() for x in real]),
                self._discriminator([x.detach() for x in drawn]),
            )
        descend(self._discriminator_optimiser, loss, self._discriminator)
        return float(loss.detach())

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        return {
            "step": self.trained,
            "moved": self._moved.detach(),
            **{name: part.state_dict() for name, part in self._parts().items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another recipe, or of other pictures.
        """
        if state["moved"].shape != self._moved.shape:
            raise RuntimeError("the interrupted training had other pictures")
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        with torch.no_grad():
            self._moved.copy_(state["moved"])
        self.trained = state["step"]

    def _parts(self) -> dict[str, torch.nn.Module | Adam]:
        return {
            "model": self._model,
            "critic": self._discriminator,
            "averaged": self._averaged,
            "optimiser": self._optimiser,
            "latents_optimiser": self._latents_optimiser,
            "critic_optimiser": self._discriminator_optimiser,
        }


def _groups(model: DefaultVae) -> list[dict[str, Any]]:
    """Return what learns, with the rate of each group as a share of the whole rate."""
    paints: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            painted = name.startswith(("decoder.textures", "decoder._seen"))
            (paints if painted else rest).append(weight)
    return [{"params": rest, "factor": 1.0}, {"params": paints, "factor": _PAINTS_RATE}]
