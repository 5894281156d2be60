"""The blog's networks: ResNet50 encoder and discriminator, and a decoder like SRResNet's.

torchvision is imported where a ResNet50 is made: it takes as long to load as torch itself, and
whoever draws with the default recipe does not need it.
"""

from __future__ import annotations

import logging
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.avatar.networks import PortraitDimensions

_LOG = logging.getLogger(__name__)
_SMALLEST = 7  # px: 224 halved five times
_RESIDUALS = 5  # SRResNet has 16; the blog only says that its decoder is like it


class SeedEncoder(nn.Module):
    """ResNet50 whose last layer gives mean and log variance."""

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        self._network = _resnet50(2 * dimensions.latent)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Encode (n, 3, 224, 224) in [-1, 1] into mean and log variance, each (n, latent)."""
        mean, log_variance = self._network(_as_imagenet(pictures)).float().chunk(2, dim=1)
        return mean, log_variance.clamp(-20, 10)

    def start_from_imagenet(self) -> bool:
        """Take ImageNet's weights; False, and a clear word, where they cannot be had."""
        return _start_from_imagenet(self._network)


class SeedDecoder(nn.Module):
    """Like SRResNet: residual layers at the small side, then doublings by shuffled pixels."""

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        width, doublings = dimensions.widths[0], len(dimensions.widths)
        if dimensions.core != _SMALLEST << doublings:
            raise ValueError(f"{doublings} doublings of {_SMALLEST} px are not {dimensions.core}")
        self._first = nn.Linear(dimensions.latent, width * _SMALLEST**2)
        self._residuals = nn.Sequential(*(_Residual(width) for _ in range(_RESIDUALS)))
        steps: list[nn.Module] = []
        for before, after in zip((width, *dimensions.widths), dimensions.widths, strict=False):
            steps += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()]
        self._doublings = nn.Sequential(*steps)
        self._out = nn.Conv2d(dimensions.widths[-1], 3, 9, padding=4)

    def forward(self, latents: Tensor) -> Tensor:
        """Decode (n, latent) into (n, 3, 224, 224) in [-1, 1]."""
        x = self._first(latents).view(len(latents), -1, _SMALLEST, _SMALLEST)
        x = x + self._residuals(functional.relu(x))
        picture: Tensor = torch.tanh(self._out(self._doublings(x)).float())
        return picture


class SeedDiscriminator(nn.Module):
    """ResNet50 that tells drawn portraits (0) from real ones (1)."""

    def __init__(self) -> None:
        super().__init__()
        self._network = _resnet50(1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Judge (n, 3, 224, 224) in [-1, 1]: logits (n,) of being real."""
        logits: Tensor = self._network(_as_imagenet(pictures)).float()[:, 0]
        return logits

    def start_from_imagenet(self) -> bool:
        """Take ImageNet's weights; False, and a clear word, where they cannot be had."""
        return _start_from_imagenet(self._network)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self._layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.PReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = x + self._layers(x)
        return total


def _resnet50(out: int) -> nn.Module:
    """Make an untrained ResNet50 with `out` outputs."""
    from torchvision.models import resnet50

    network: nn.Module = resnet50(weights=None, num_classes=out)
    return network


def _as_imagenet(pictures: Tensor) -> Tensor:
    from torchvision.transforms.functional import normalize

    scaled: Tensor = normalize(pictures / 2 + 0.5, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    return scaled


def _start_from_imagenet(network: nn.Module) -> bool:
    from torchvision.models import ResNet50_Weights

    try:
        stored = ResNet50_Weights.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True)
    except (OSError, URLError, RuntimeError) as error:
        _LOG.warning("ImageNet's weights of ResNet50 cannot be had (%s): untrained start", error)
        return False
    kept = {name: value for name, value in stored.items() if not name.startswith("fc.")}
    network.load_state_dict(kept, strict=False)
    return True
