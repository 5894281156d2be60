"""Networks of the default recipe, and those of the blog.

The blog's are a ResNet50 encoder and discriminator, and a decoder like SRResNet's. torchvision is
imported where a ResNet50 is made: it takes as long to load as torch itself, and whoever draws
with the default recipe does not need it.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Literal
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.avatar.features import CHANNELS, normalised

_SMALLEST = 4  # px: the decoder's first map


@dataclass(frozen=True, slots=True)
class PortraitDimensions:
    """All that decides the shapes of a model; kept in the file of its weights.

    Attributes:
        recipe: which networks: ours, or those of the blog.
        latent: numbers that a portrait is drawn from.
        core: px, the side of what the decoder draws.
        side: px, the side of what comes out of the upscaler; a power of two times `core`.
        widths: channels of the decoder's maps at 4, 8, 16... px; `core` is eight times
            2 ** (their count - 1), as the last doubling is a shuffle of pixels.
        encoder: channels of the encoder's maps at a quarter, an eighth, ... of `core`.
        upscaler: channels of each of the upscaler's layers; none where `side` is `core`.
    """

    recipe: Literal["default", "seed", "conditioned"] = "default"
    latent: int = 256
    core: int = 128
    side: int = 512
    widths: tuple[int, ...] = (384, 320, 192, 128, 56)
    encoder: tuple[int, int, int, int] = (48, 96, 128, 192)
    upscaler: tuple[int, ...] = (40, 40, 40, 40)

    def __post_init__(self) -> None:
        """Check that the sides follow from the widths.

        Raises:
            ValueError: they do not.
        """
        if self.recipe == "default" and self.core != 2 * _SMALLEST * 2 ** (len(self.widths) - 1):
            raise ValueError(f"{len(self.widths)} widths do not lead to {self.core} px")
        if self.recipe == "conditioned" and self.core != _SMALLEST * 2 ** (len(self.widths) - 1):
            raise ValueError(f"{len(self.widths)} widths do not lead to {self.core} px")
        if self.side != self.core << self.doublings:
            raise ValueError(f"{self.side} px is no power of two times {self.core} px")

    @property
    def doublings(self) -> int:
        """How often the upscaler doubles the side."""
        return max(0, round(math.log2(self.side / self.core)))


class Encoder(nn.Module):
    """From a picture and what the frozen network sees in it to where it lies in the latents.

    The frozen features know what an eye is from a million photographs, so that pictures unlike
    the training set still land in a sensible place.
    """

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        quarter, eighth, sixteenth, last = dimensions.encoder
        self._raw = nn.Conv2d(3, quarter, 4, stride=4)
        self._eighth = _halving(quarter + CHANNELS[1], eighth)
        self._sixteenth = _halving(eighth + CHANNELS[2], sixteenth)
        self._last = _halving(sixteenth + CHANNELS[3], last)
        cells = (dimensions.core // 32) ** 2
        self._mix = nn.Conv2d(last + CHANNELS[4], last, 1)
        self._out = nn.Linear(last * cells, 2 * dimensions.latent)

    def forward(self, pictures: Tensor, seen: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Encode.

        Args:
            pictures: (n, 3, core, core) in [-1, 1].
            seen: what `Features` sees in them, finest first.

        Returns:
            mean and logarithm of the variance, each (n, latent).
        """
        seen = normalised(seen)
        x = functional.leaky_relu(self._raw(pictures), 0.2)
        x = self._eighth(torch.cat([x, seen[1]], 1))
        x = self._sixteenth(torch.cat([x, seen[2]], 1))
        x = self._last(torch.cat([x, seen[3]], 1))
        x = functional.leaky_relu(self._mix(torch.cat([x, seen[4]], 1)), 0.2)
        mean, log_variance = self._out(x.flatten(1)).float().chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 4)


class Decoder(nn.Module):
    """From a latent to a picture of `core` px; the latent steers every layer, not only the first.

    Steering each layer (as conditional BatchNorm) lets palette and line follow the latent
    directly, without a way through the 4 px map.
    """

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        widths = dimensions.widths
        self._first = nn.Linear(dimensions.latent, widths[0] * _SMALLEST**2)
        pairs = zip((widths[0], *widths), widths, strict=False)
        self._blocks = nn.ModuleList(
            _Block(before, after, dimensions.latent, doubled=index > 0)
            for index, (before, after) in enumerate(pairs)
        )
        self._coarse, self._fine = _Exit(widths[-2]), _Exit(widths[-1])
        self._fine.start_from_nothing()

    def forward(self, latents: Tensor, *, coarse: bool = False) -> Tensor:
        """Decode (n, latent) into (n, 3, core, core) in [-1, 1].

        Args:
            latents: (n, latent).
            coarse: stop at half the side, which costs a third: how a training begins.
        """
        x = self._first(latents).view(len(latents), -1, _SMALLEST, _SMALLEST)
        x = x.contiguous(memory_format=torch.channels_last)
        for block in self._blocks[:-1]:
            x = block(x, latents)
        picture: Tensor = self._coarse(x)
        if not coarse:
            # What was learned at half the side stays; the last block adds the fine lines.
            picture = functional.interpolate(picture, scale_factor=2.0, mode="bilinear")
            picture = picture + self._fine(self._blocks[-1](x, latents))
        return torch.tanh(picture)


class _Exit(nn.Module):
    """From a map to a picture of twice its side, before it is squeezed into [-1, 1]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._shuffle = nn.Conv2d(width, 48, 3, padding=1)
        self._out = nn.Conv2d(12, 3, 3, padding=1)

    def start_from_nothing(self) -> None:
        """Add nothing to a picture before something is learned."""
        for weight in self._out.parameters():
            nn.init.zeros_(weight)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.pixel_shuffle(self._shuffle(functional.leaky_relu(x, 0.2)), 2)
        picture: Tensor = self._out(functional.leaky_relu(x, 0.2)).float()
        return picture


class _Block(nn.Module):
    """A residual block which doubles the side, unless it is the first."""

    def __init__(self, before: int, after: int, latent: int, doubled: bool) -> None:
        super().__init__()
        self._doubled = doubled
        self._steer_in, self._steer_out = _Steered(before, latent), _Steered(after, latent)
        self._in = nn.Conv2d(before, after, 3, padding=1)
        self._out = nn.Conv2d(after, after, 3, padding=1)
        self._skip = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x: Tensor, latents: Tensor) -> Tensor:
        y, skip = self._in(functional.leaky_relu(self._steer_in(x, latents), 0.2)), self._skip(x)
        if self._doubled:
            # After the first convolution, which so costs a quarter.
            y, skip = _double(y), _double(skip)
        y = functional.leaky_relu(self._steer_out(y, latents), 0.2)
        total: Tensor = self._out(y) + skip
        return total


class _Steered(nn.Module):
    """BatchNorm whose scale and shift follow the latent."""

    def __init__(self, channels: int, latent: int) -> None:
        super().__init__()
        self._norm = nn.BatchNorm2d(channels, affine=False)
        self._steer = nn.Linear(latent, 2 * channels)
        nn.init.normal_(self._steer.weight, std=0.02)
        nn.init.zeros_(self._steer.bias)

    def forward(self, x: Tensor, latents: Tensor) -> Tensor:
        scale, shift = self._steer(latents)[:, :, None, None].chunk(2, dim=1)
        steered: Tensor = torch.addcmul(shift, self._norm(x), 1 + scale)
        return steered


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _halving(before: int, after: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, 4, stride=2, padding=1),
        nn.BatchNorm2d(after),
        nn.LeakyReLU(0.2),
    )


class Upscaler(nn.Module):
    """Draws the fine lines: all its work is done at the small side, where it is cheap.

    The sub-pixel convolution of Shi et al. (2016) on residual layers; what it predicts is added
    to the enlarged picture, so that an untrained one enlarges plainly.
    """

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        self._scale = 2**dimensions.doublings
        widths = dimensions.upscaler
        self._first = nn.Conv2d(3, widths[0], 5, padding=2)
        self._layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(width, width, 3, padding=1),
            )
            for width in widths
        )
        self._out = nn.Conv2d(widths[-1], 3 * self._scale**2, 3, padding=1)
        nn.init.zeros_(self._out.weight)
        assert self._out.bias is not None
        nn.init.zeros_(self._out.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """Enlarge (n, 3, core, core) to (n, 3, side, side), both in [-1, 1]."""
        x = functional.leaky_relu(self._first(pictures), 0.2)
        for layer in self._layers:
            x = x + layer(x)
        fine = functional.pixel_shuffle(self._out(x), self._scale).float()
        plain = functional.interpolate(
            pictures.float(), scale_factor=float(self._scale), mode="bicubic", align_corners=False
        )
        return (plain + fine).clamp(-1, 1)


_LOG = logging.getLogger(__name__)
_SEED_SMALLEST = 7  # px: 224 halved five times
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
        if dimensions.core != _SEED_SMALLEST << doublings:
            raise ValueError(
                f"{doublings} doublings of {_SEED_SMALLEST} px are not {dimensions.core}"
            )
        self._first = nn.Linear(dimensions.latent, width * _SEED_SMALLEST**2)
        self._residuals = nn.Sequential(*(_Residual(width) for _ in range(_RESIDUALS)))
        steps: list[nn.Module] = []
        for before, after in zip((width, *dimensions.widths), dimensions.widths, strict=False):
            steps += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()]
        self._doublings = nn.Sequential(*steps)
        self._out = nn.Conv2d(dimensions.widths[-1], 3, 9, padding=4)

    def forward(self, latents: Tensor) -> Tensor:
        """Decode (n, latent) into (n, 3, 224, 224) in [-1, 1]."""
        x = self._first(latents).view(len(latents), -1, _SEED_SMALLEST, _SEED_SMALLEST)
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
