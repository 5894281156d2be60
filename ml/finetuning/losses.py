"""Losses of portrait training, and the discriminator they need."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from ml.avatar.features import CHANNELS, normalised

_WIDTHS = 0.6, 1.1  # of the Gaussian kernels, in distances between neighbours


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
    """What the decoder pays for being found out, mean over the discriminator's heads."""
    return -torch.stack([logits.float().mean() for logits in drawn]).mean()


def mmd_distance(drawn: Tensor, real: Tensor) -> Tensor:
    """Kernel distance of vectors (`ml.avatar.measures.kernel_distance`), with gradients.

    Args:
        drawn: (n, size), n of at least 2.
        real: (m, size), m of at least 2.
    """
    within = [_pairs(x.float(), x.float()) for x in (drawn, real)]
    own = [(k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1)) for k in within]
    return own[0] + own[1] - 2 * _pairs(drawn.float(), real.float()).mean()


def neighbour_distance(drawn: Tensor, earlier: Tensor, real: Tensor, reach: float) -> Tensor:
    """Maximum mean discrepancy that sees neighbours, as each drawn vector adds to it.

    The cubic kernel of `mmd_distance` compares means and broad spreads. Gaussian kernels as
    wide as neighbours are apart (Li et al., 2015) draw each portrait to where true pictures lie
    denser than portraits do, and away from where portraits crowd: what keeps to the middle of
    true pictures pays for it.

    Args:
        drawn: (n, size), through which gradients pass.
        earlier: (m, size) of portraits drawn before and now, n of at least 1.
        real: (k, size).
        reach: how far apart true neighbours are.
    """
    alike = _near(drawn, earlier, reach).mean() - _near(drawn, real, reach).mean()
    return 2 * alike


def _near(one: Tensor, other: Tensor, reach: float) -> Tensor:
    squares = torch.cdist(one.float(), other.float()).square()
    widths = [width * reach for width in _WIDTHS]
    return torch.stack([(-squares / (2 * width**2)).exp() for width in widths]).mean(dim=0)


def _pairs(one: Tensor, other: Tensor) -> Tensor:
    kernel: Tensor = (one @ other.T / one.shape[1] + 1) ** 3
    return kernel


_WIDTH = 64
_SMALLEST = 4  # px: where the heads stop halving


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
