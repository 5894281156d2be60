"""Train the VAE-GAN of the default recipe, as one stage: its losses, and its steps.

Here are the discriminator, too, and what pictures go through before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.features import CHANNELS, Pictures, as_tensor, features, normalised
from ml.avatar.latents import Density, Latents, fit
from ml.avatar.networks import PortraitDimensions
from ml.finetuning.stages import Losses, Pace, mixed_precision

_WIDTH = 64  # channels of the heads
_SMALLEST = 4  # px: where the heads stop halving
_SHIFT = 1 / 24  # of the side, at most
_LIGHT = 0.12  # added to [-1, 1], at most
_COLOUR = 0.2  # of saturation and contrast, at most


def pixel_distance(drawn: Tensor, pictures: Tensor) -> Tensor:
    """Mean absolute difference of pictures in [-1, 1], at full and at a quarter of the side.

    The coarse part keeps palette and shape right while fine lines are still out of place.
    """
    fine = (drawn - pictures).abs().mean()
    coarse = functional.avg_pool2d(drawn - pictures, 4).abs().mean()
    return fine + coarse


def feature_distance(drawn: list[Tensor], seen: list[Tensor]) -> Tensor:
    """Mean absolute difference of what the frozen network sees, over its maps."""
    pairs = zip(normalised(drawn), normalised(seen), strict=True)
    parts = [(one.float() - other.float()).abs().mean() for one, other in pairs]
    return torch.stack(parts).mean()


def divergence(mean: Tensor, log_variance: Tensor, free: float) -> Tensor:
    """Kullback-Leibler divergence of the encoded from N(0, 1), nats a picture.

    Args:
        mean: (n, latent).
        log_variance: (n, latent).
        free: nats that each number of the latent may carry at no cost (Kingma et al., 2016), so
            that none is switched off before the decoder has learned to use it.
    """
    nats = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    return nats.mean(dim=0).clamp(min=free).sum()


def discriminator_loss(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """Hinge loss of the discriminator, mean over its heads' logits."""
    parts = [
        functional.relu(1 - yes.float()).mean() + functional.relu(1 + no.float()).mean()
        for yes, no in zip(real, drawn, strict=True)
    ]
    return torch.stack(parts).mean()


def generator_loss(drawn: list[Tensor]) -> Tensor:
    """Hinge loss of the generator, mean over the discriminator's heads."""
    return -torch.stack([logits.float().mean() for logits in drawn]).mean()


class Discriminator(nn.Module):
    """One head for each of the frozen network's maps."""

    def __init__(self, side: int) -> None:
        """Begin.

        Args:
            side: px of the pictures that will be judged.
        """
        super().__init__()
        self._heads = nn.ModuleList(
            _head(channels, side // 2 ** (index + 1)) for index, channels in enumerate(CHANNELS)
        )

    def forward(self, seen: list[Tensor]) -> list[Tensor]:
        """Judge what `Features` saw: a map of logits (n, 1, h, w) from each head."""
        pairs = zip(self._heads, normalised(seen), strict=True)
        return [head(x) for head, x in pairs]


def _head(channels: int, side: int) -> nn.Module:
    layers: list[nn.Module] = []
    while side > _SMALLEST:
        layers += [spectral_norm(nn.Conv2d(channels, _WIDTH, 4, stride=2, padding=1))]
        layers += [nn.LeakyReLU(0.2)]
        channels, side = _WIDTH, side // 2
    layers += [spectral_norm(nn.Conv2d(channels, _WIDTH, 3, padding=1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(_WIDTH, 1, 1)))


# Augmentation


def augmented(pictures: Tensor, rng: torch.Generator, strength: float = 1.0) -> Tensor:
    """Mirror, shift and tint each picture in its own way; gradients pass (DiffAugment, 2020).

    Real and drawn pictures both pass through here before the discriminator, so that few real ones
    cannot be learned by heart, and the decoder is not blamed for the changes.

    Args:
        pictures: (n, 3, side, side) in [-1, 1].
        rng: random numbers.
        strength: 0 mirrors only; 1 shifts and tints as far as is good for few pictures.

    Returns:
        pictures of the same shape, in [-1, 1].
    """
    pictures = _mirrored(pictures, rng)
    return _tinted(_shifted(pictures, rng, strength), rng, strength).clamp(-1, 1)


def _mirrored(pictures: Tensor, rng: torch.Generator) -> Tensor:
    chosen = torch.rand(len(pictures), 1, 1, 1, generator=rng) < 0.5
    return torch.where(chosen.to(pictures.device), pictures.flip(3), pictures)


def _shifted(pictures: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    side = pictures.shape[-1]
    most = round(side * _SHIFT * strength)
    padded = functional.pad(pictures, (most, most, most, most), mode="replicate")
    # By whole pixels: anything else would blur what the decoder is to draw sharply.
    corners = torch.randint(0, 2 * most + 1, (len(pictures), 2), generator=rng).tolist()
    cut = [
        picture[:, top : top + side, left : left + side]
        for picture, (top, left) in zip(padded, corners, strict=True)
    ]
    return torch.stack(cut)


def _tinted(pictures: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    chances = 2 * torch.rand(3, len(pictures), 1, 1, 1, generator=rng) - 1
    light, colour, contrast = strength * chances.to(pictures.device)
    pictures = pictures + _LIGHT * light
    grey = pictures.mean(dim=1, keepdim=True)
    pictures = grey + (1 + _COLOUR * colour) * (pictures - grey)
    middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
    tinted: Tensor = middle + (1 + _COLOUR * contrast) * (pictures - middle)
    return tinted


Judged = tuple[list[Tensor], list[Tensor]]  # maps of true pictures, and of drawn ones

_REFIT = 500  # steps between two fits of the density that portraits are drawn from in training
_DECAY = 0.3  # share of the steps, at the end, in which the rate falls


@dataclass(frozen=True, slots=True)
class PortraitRecipe:
    """Sizes and hyperparameters of the VAE-GAN; the reasons are in the model card.

    Attributes:
        dimensions: of the networks.
        steps: of the VAE-GAN.
        batch: pictures in a step.
        rate: of Adam for encoder and decoder, at its highest.
        discriminator_rate: of Adam for the discriminator.
        average: decay of the averaged weights, each step.
        pixels: weight of the pixels' distance.
        features: weight of the distance of the frozen network's maps.
        divergence: weight of a nat, once it is annealed.
        free: nats that a number of the latent may carry at no cost.
        adversarial: weight of the adversarial loss, once the VAE alone has had its start.
        start: share of the steps in which the VAE is alone and its divergence is annealed.
        coarse: share of the steps in which pictures are drawn at half the side.
        augmentation: strength of it, 0 to 1; few pictures need 1, thousands little.
        parts: Gaussians of the density.
        spread: of the density.
        upscaler_steps: of the upscaler, after the VAE-GAN.
        matching_steps: of distribution matching, after that.
        neighbours: weight of the narrow distance in distribution matching.
        frozen: beginnings of the names of weights that stay as they are.
    """

    dimensions: PortraitDimensions = field(default_factory=PortraitDimensions)
    steps: int = 10_000
    batch: int = 16
    rate: float = 6e-4
    discriminator_rate: float = 4e-4
    average: float = 0.995
    pixels: float = 2.0
    features: float = 2.0
    divergence: float = 2e-4
    free: float = 0.02
    adversarial: float = 0.25
    start: float = 0.15
    coarse: float = 0.3
    augmentation: float = 0.25
    parts: int = 30
    spread: float = 1.0
    upscaler_steps: int = 1500
    matching_steps: int = 800
    neighbours: float = 20.0
    frozen: tuple[str, ...] = ()


class DecoderTraining(ABC):
    """What stages share that train a decoder on pictures, against a discriminator.

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
        device: str = "cpu",
        base: DefaultVae | None = None,
    ) -> None:
        """Begin.

        Args:
            recipe: sizes and hyperparameters.
            pictures: (n, core, core, 3), n of at least 2.
            seed: of random numbers.
            device: `cpu` or `cuda`.
            base: a model of the same sizes to continue from; None starts from nothing.

        Raises:
            RuntimeError: if `base` has other sides.
        """
        self.steps = recipe.steps
        torch.manual_seed(seed)
        self.recipe, self._seed, self._device = recipe, seed, device
        self._pictures = pictures
        self._model = _begun(recipe, device, base)
        self._discriminator = _placed(Discriminator(recipe.dimensions.core), device)
        # Averaged weights draw more cleanly; BatchNorm's statistics must be averaged with them.
        self._averaged = AveragedModel(
            self._model, multi_avg_fn=_averaging(recipe.average), use_buffers=True
        )
        self._optimiser = adam(self._groups(), recipe.rate, 0.5)
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

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        self._model.train()
        # Random numbers depend on the step alone, so that resuming equals never stopping.
        torch.manual_seed(self._seed * 1_000_003 + pace.step)
        rng = torch.Generator().manual_seed(self._seed * 1_000_003 + pace.step)
        chosen = torch.randint(len(self._pictures), (self.recipe.batch,), generator=rng)
        pictures = as_tensor(self._pictures[chosen.numpy()]).to(self._device)
        # Half precision for the convolutions alone: twice as fast on processors that have it.
        with mixed_precision(self._device):
            losses, judged = self._losses(pictures, chosen, rng, pace.done)
        self._set_rate(share_of_rate(pace))
        self._descend(torch.stack(list(losses.values())).sum())
        self._averaged.update_parameters(self._model)
        self.trained = pace.step + 1
        parts = {name: float(loss.detach()) for name, loss in losses.items()}
        if judged is not None:
            parts["discriminator"] = self._train_discriminator(*judged)
        return parts

    @abstractmethod
    def _losses(
        self, pictures: Tensor, chosen: Tensor, rng: torch.Generator, done: float
    ) -> tuple[dict[str, Tensor], Judged | None]:
        """Compute the losses, and what the discriminator judges, once it does."""

    @abstractmethod
    def _mixed(self, seeds: Sequence[int]) -> Tensor:
        """Return the latents (n, latent) of portraits that no picture shows."""

    def _invented(self, rng: torch.Generator) -> Tensor:
        """Return latents that no picture shows: a quarter of a batch."""
        count = max(2, self.recipe.batch // 4)
        seeds = torch.randint(2**62, (count,), generator=rng).tolist()
        return self._mixed(seeds).to(self._device)

    def _fooled(self, drawn: list[Tensor]) -> Tensor:
        """Return what drawn pictures cost that the discriminator tells from true ones."""
        self._discriminator.requires_grad_(False)
        loss = self.recipe.adversarial * generator_loss(self._discriminator(drawn))
        self._discriminator.requires_grad_(True)
        return loss

    def _train_discriminator(self, real: list[Tensor], drawn: list[Tensor]) -> float:
        with mixed_precision(self._device):
            loss = discriminator_loss(
                self._discriminator([x.detach() for x in real]),
                self._discriminator([x.detach() for x in drawn]),
            )
        descend(self._discriminator_optimiser, loss, self._discriminator)
        return float(loss.detach())

    def _groups(self) -> list[dict[str, Any]]:
        """Return what learns; a group may have a `factor` of the recipe's rate."""
        return [{"params": [weight for weight in self._model.parameters() if weight.requires_grad]}]

    def _set_rate(self, share: float) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self.recipe.rate * share * group.get("factor", 1.0)

    def _descend(self, loss: Tensor) -> None:
        descend(self._optimiser, loss, self._model)

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        return {"step": self.trained, **self._own_state(), **states}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another recipe, or of other pictures.
        """
        self._restore_own(state)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.trained = state["step"]

    @abstractmethod
    def _own_state(self) -> dict[str, Any]:
        """Return what is not in `_parts`."""

    @abstractmethod
    def _restore_own(self, state: Mapping[str, Any]) -> None:
        """Take it back; RuntimeError where it is of other pictures."""

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self._model,
            "critic": self._discriminator,
            "averaged": self._averaged,
            "optimiser": self._optimiser,
            "critic_optimiser": self._discriminator_optimiser,
        }


class VaeTraining(DecoderTraining):
    """The stage that trains encoder, decoder and discriminator.

    Attributes:
        density: fitted to what the encoder made of the pictures lately; None at the beginning.
    """

    def __init__(
        self,
        recipe: PortraitRecipe,
        pictures: Pictures,
        seed: int,
        device: str = "cpu",
        base: DefaultVae | None = None,
    ) -> None:
        """Begin; as every `DecoderTraining`."""
        super().__init__(recipe, pictures, seed, device, base)
        self._bank = torch.zeros(len(pictures), recipe.dimensions.latent)
        self._banked = torch.zeros(len(pictures), dtype=torch.bool)
        self.density: Density | None = None

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        if pace.step % _REFIT == 0 and self._banked.all():
            self.density = fit(self._bank.numpy(), self.recipe.parts, self._seed)
        return super().step(pace)

    def _losses(
        self, pictures: Tensor, chosen: Tensor, rng: torch.Generator, done: float
    ) -> tuple[dict[str, Tensor], Judged | None]:
        recipe, frozen = self.recipe, features(self._device)
        adversarial, coarse = done >= recipe.start, done < recipe.coarse
        pictures = augmented(pictures, rng, recipe.augmentation)
        with torch.no_grad():
            real = frozen(pictures)
        mean, log_variance = self._model.encoder(pictures, real)
        if coarse:
            pictures = functional.avg_pool2d(pictures, 2)
            with torch.no_grad():
                real = frozen(pictures)
        self._bank[chosen], self._banked[chosen] = mean.detach().float().cpu(), True
        latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        invented = self._invented(rng) if adversarial else latents[:0]
        decoded = self._model.decoder(torch.cat([latents, invented]), coarse=coarse)
        redrawn, invention = decoded.split([len(latents), len(invented)])
        shown = redrawn
        if adversarial:
            shown = torch.cat([redrawn, augmented(invention, rng, recipe.augmentation)])
        drawn = frozen(shown)
        warmth = min(1.0, done / recipe.start) if recipe.start else 1.0
        losses = {
            "pixels": recipe.pixels * pixel_distance(redrawn, pictures),
            "features": recipe.features
            * feature_distance([x[: len(latents)] for x in drawn], real),
            "divergence": warmth * recipe.divergence * divergence(mean, log_variance, recipe.free),
        }
        if not adversarial:
            return losses, None
        losses["adversarial"] = self._fooled(drawn)
        return losses, (real, drawn)

    def _mixed(self, seeds: Sequence[int]) -> Tensor:
        density = self.density or Density.standard(self.recipe.dimensions.latent)
        return torch.from_numpy(np.stack([density.draw(seed) for seed in seeds]))

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

    def _own_state(self) -> dict[str, Any]:
        density = self.density
        fitted = (density.shares, density.means, density.factors) if density else ()
        return {
            "bank": self._bank,
            "banked": self._banked,
            "density": [torch.from_numpy(x) for x in fitted],
        }

    def _restore_own(self, state: Mapping[str, Any]) -> None:
        if state["bank"].shape != self._bank.shape:
            raise RuntimeError("the interrupted training had other pictures")
        self._bank, self._banked = state["bank"].cpu(), state["banked"].cpu()
        self.density = Density(*(x.numpy() for x in state["density"])) if state["density"] else None


def _begun(recipe: PortraitRecipe, device: str, base: DefaultVae | None) -> Any:
    """Place a model, with the weights of `base` if any; the recipe's frozen parts learn nothing."""
    model = _placed(DefaultVae(recipe.dimensions), device)
    if base is not None:
        model.load_state_dict(base.state_dict())
    for name, weight in model.named_parameters():
        weight.requires_grad_(not name.startswith(recipe.frozen))
    return model


def share_of_rate(pace: Pace) -> float:
    """Return how much of the rate a step has: it warms up first, and falls at the end."""
    return min(1.0, (pace.step + 1) / 100, max(0.02, (1 - pace.done) / _DECAY))


def adam(weights: Iterable[Any], rate: float, momentum: float) -> Adam:
    """Return the optimiser of some weights, or of groups of them."""
    return Adam(weights, rate, betas=(momentum, 0.99), fused=True)


def _placed(network: Any, device: str) -> Any:
    """Put a network where it runs, in the layout that is convolved fastest."""
    return network.to(device, memory_format=torch.channels_last)


def _averaging(highest: float) -> Callable[[Any, Any, Any], None]:
    """Average over a tenth of the steps at first, so that the untrained start is soon gone."""

    def average(past: Any, now: Any, count: Any) -> None:
        decay = min(highest, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(decay)(past, now, count)

    return average


def descend(optimiser: Adam, loss: Tensor, network: nn.Module) -> None:
    """Take one step down a loss, a short one where the gradient is steep."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
