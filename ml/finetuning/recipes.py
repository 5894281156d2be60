"""What the recipes are made with; the reasons are in the model card."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ml.avatar.networks import PortraitDimensions


@dataclass(frozen=True, slots=True)
class PortraitRecipe:
    """Training of the default recipe.

    Attributes:
        dimensions: of the networks.
        steps: of the VAE-GAN.
        batch: pictures in a step.
        rate: of Adam for encoder and decoder, at its highest.
        critic_rate: of Adam for the discriminator.
        average: of the averaged weights, the share that the past keeps each step.
        pixels: weight of the pixels' distance.
        seen: weight of the features' distance.
        divergence: weight of a nat, once it is annealed.
        free: nats that a number of the latent carries at no cost.
        fooling: weight of the adversarial loss, once the VAE alone has had its start.
        start: share of the steps in which the VAE is alone and its divergence is annealed.
        coarse: share of the steps in which pictures are drawn at half the side.
        change: how far pictures are shifted and tinted each time; few need 1, thousands little.
        parts: Gaussians of the density.
        spread: of the density.
        finishing: steps of the upscaler, after the VAE-GAN.
        polishing: steps of decoder and upscaler together, after that.
        neighbours: weight, in the polishing, of where portraits lie among true pictures.
        frozen: beginnings of the names of weights that stay as they are.
    """

    dimensions: PortraitDimensions = field(default_factory=PortraitDimensions)
    steps: int = 10_000
    batch: int = 16
    rate: float = 6e-4
    critic_rate: float = 4e-4
    average: float = 0.995
    pixels: float = 2.0
    seen: float = 2.0
    divergence: float = 2e-4
    free: float = 0.02
    fooling: float = 0.25
    start: float = 0.15
    coarse: float = 0.3
    change: float = 0.25
    parts: int = 30
    spread: float = 1.0
    finishing: int = 1500
    polishing: int = 800
    neighbours: float = 20.0
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedRecipe:
    """Training as the blog did it.

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


Name = Literal["default", "seed", "lesson"]

LESSON = PortraitRecipe(
    steps=3000,
    batch=8,
    rate=6e-4,
    critic_rate=4e-4,
    average=0.99,
    start=0.1,
    coarse=0.0,
    change=1.0,
    parts=1,
    spread=0.95,
    finishing=0,
    polishing=400,
    neighbours=0.0,
    frozen=("encoder", "upscaler"),
)
"""Fine-tuning on few pictures: half an hour on two cores.

The rates are as high as from nothing: at a third of them the style of before, its ears and colours,
was still in every portrait after 260 steps on 60 crops. Most of what is learned comes once the
discriminator helps.
"""
