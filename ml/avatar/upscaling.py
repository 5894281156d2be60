"""The network that enlarges conditioned portraits fourfold."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

SCALE = 4


@dataclass(frozen=True, slots=True)
class Sizes:
    """The network's sizes, stored with its weights."""

    width: int = 64  # channels at the small side
    blocks: int = 8
    middle: int = 48  # channels at twice the side
    last: int = 24  # channels at the full side


class FourfoldUpscaler(nn.Module):
    """Enlarges (n, 3, side, side) in [-1, 1] fourfold.

    Residual blocks work at the small side; then twice the maps are enlarged smoothly and convolved,
    which, unlike shuffled or strided pixels, leaves no grid. What comes out is added to the
    bicubic enlargement, so that an untrained network enlarges plainly.
    """

    def __init__(self, sizes: Sizes | None = None) -> None:
        super().__init__()
        self.sizes = sizes or Sizes()
        s = self.sizes
        self._first = nn.Conv2d(3, s.width, 3, padding=1)
        self._blocks = nn.ModuleList(_Residual(s.width) for _ in range(s.blocks))
        self._join = nn.Conv2d(s.width, s.width, 3, padding=1)
        self._twice = nn.Conv2d(s.width, s.middle, 3, padding=1)
        self._smooth = _Residual(s.middle)
        self._fourfold = nn.Conv2d(s.middle, s.last, 3, padding=1)
        self._fine = nn.Conv2d(s.last, s.last, 3, padding=1)
        self._out = nn.Conv2d(s.last, 3, 3, padding=1)
        nn.init.zeros_(self._out.weight)
        assert self._out.bias is not None
        nn.init.zeros_(self._out.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (n, 3, 4 * side, 4 * side), in [-1, 1] where it is used and not trained."""
        first = self._first(pictures)
        x = first
        for block in self._blocks:
            x = block(x)
        x = first + self._join(x)
        x = self._smooth(_leaky(self._twice(_doubled(x))))
        x = _leaky(self._fourfold(_doubled(x)))
        x = _leaky(self._fine(x))
        large: Tensor = enlarged(pictures) + self._out(x).float()
        return large if self.training else large.clamp(-1, 1)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self._layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        passed: Tensor = x + 0.5 * self._layers(x)
        return passed


def enlarged(pictures: Tensor) -> Tensor:
    """Enlarge (n, 3, side, side) fourfold by bicubic interpolation."""
    return functional.interpolate(
        pictures.float(), scale_factor=float(SCALE), mode="bicubic", align_corners=False
    )


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


def _leaky(maps: Tensor) -> Tensor:
    return functional.leaky_relu(maps, 0.1)
