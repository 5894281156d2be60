"""Fine-tune a conditioned model on few crops: the lesson's first stage for models with traits.

An encoder that has only seen drawings tells all crops of another art alike. So each crop gets a
latent of its own, which learns together with the decoder (generative latent optimisation:
Bojanowski et al., 2018): hair, eyes and backdrop take their colours through the traits, and what
traits leave open takes the rest. Portraits mix blocks of the crops' latents, as those of the base
mix the drawings'; a discriminator judges the mixed ones with the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.features import Pictures, as_tensor, features
from ml.avatar.latents import TraitBank, settled
from ml.avatar.traits import KINDS, TRAIT, TRAITS
from ml.finetuning.vae_training import (
    DecoderTraining,
    Judged,
    PortraitRecipe,
    adam,
    augmented,
    feature_distance,
    pixel_distance,
)

_LATENTS_RATE = 0.04  # of Adam, in spreads of a trait, or in `_LEAST_SPREAD`
_PAINTS_RATE = 12.0  # of textures and their paint, in rates of the rest: bows and ears must go
_LEAST_SPREAD = 0.25  # of a trait: her hair is always lavender, but others' is not
_MOST = 6.0  # such spreads that a number may be away from where it began
_NOISE = 0.1  # added to what traits leave open, so that mixtures are not far from what was seen


class CropTraining(DecoderTraining):
    """The stage that trains a latent for each crop, and the decoder."""

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
        super().__init__(recipe, pictures, seed, device, base)
        with torch.inference_mode():
            means = [base.encode(as_tensor(some[None]).to(device))[0].cpu() for some in pictures]
        found = drawn.with_locks(settled(torch.cat(means).numpy()))
        self._options = drawn.options
        self._begun_at = torch.from_numpy(found).to(device)
        self._moved = nn.Parameter(torch.zeros_like(self._begun_at))
        self._widths = torch.ones(found.shape[1], device=device)  # what a move of 1 adds
        decoder = base.decoder
        assert isinstance(decoder, ConditionedDecoder)
        self._widths[:TRAITS] = (_LEAST_SPREAD / decoder.layout.spread).clamp(min=1)
        for name in (*KINDS, "facing", "fringe_edge"):  # decided, or half-way nothing
            self._widths[TRAIT[name]] = 0
        self._latents_optimiser = adam([self._moved], _LATENTS_RATE, 0.0)

    @property
    def latents(self) -> Tensor:
        """The crops' latents as they are now, (n, latent)."""
        return (self._begun_at + self._widths * self._moved).detach()

    def bank(self) -> TraitBank:
        """Return what portraits are drawn from: the crops' latents."""
        return TraitBank(self.latents.cpu().numpy(), self._options)

    def _losses(
        self, pictures: Tensor, chosen: Tensor, rng: torch.Generator, done: float
    ) -> tuple[dict[str, Tensor], Judged | None]:
        recipe, frozen, count = self.recipe, features(self._device), len(pictures)
        adversarial, crops = done >= recipe.start, chosen.to(self._device)
        latents = self._begun_at[crops] + self._widths * self._moved[crops]
        noise = torch.zeros_like(latents)
        noise[:, TRAITS:] = _NOISE
        latents = latents + noise * torch.randn_like(latents)
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
        losses["adversarial"] = self._fooled(shown)
        return losses, (true, shown)

    def _mixed(self, seeds: Sequence[int]) -> Tensor:
        bank = self.bank()
        return torch.from_numpy(np.stack([bank.draw(seed) for seed in seeds]))

    def _groups(self) -> list[dict[str, Any]]:
        paints: list[nn.Parameter] = []
        rest: list[nn.Parameter] = []
        for name, weight in self._model.named_parameters():
            if weight.requires_grad:
                painted = name.startswith(("decoder.textures", "decoder._seen"))
                (paints if painted else rest).append(weight)
        return [{"params": rest}, {"params": paints, "factor": _PAINTS_RATE}]

    def _set_rate(self, share: float) -> None:
        super()._set_rate(share)
        for group in self._latents_optimiser.param_groups:
            group["lr"] = _LATENTS_RATE * share

    def _descend(self, loss: Tensor) -> None:
        self._latents_optimiser.zero_grad(set_to_none=True)
        super()._descend(loss)
        self._latents_optimiser.step()
        with torch.no_grad():
            self._moved.clamp_(-_MOST, _MOST)

    def _own_state(self) -> dict[str, Any]:
        return {"moved": self._moved.detach()}

    def _restore_own(self, state: Mapping[str, Any]) -> None:
        if state["moved"].shape != self._moved.shape:
            raise RuntimeError("the interrupted training had other pictures")
        with torch.no_grad():
            self._moved.copy_(state["moved"])

    def _parts(self) -> dict[str, Any]:
        return {**super()._parts(), "latents_optimiser": self._latents_optimiser}
