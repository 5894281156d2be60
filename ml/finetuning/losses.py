"""Losses of portrait training, the discriminator, and what pictures go through before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from ml.avatar.features import CHANNELS, normalised

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
