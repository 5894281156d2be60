"""A projected discriminator: small heads on what the frozen network sees.

After Sauer et al. (2021): real and drawn pictures are told apart in features that need no
learning, so that a few hundred pictures and a few minutes go a long way.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ml.avatar.features import CHANNELS, normalised

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
