"""The small network that brings the decoder's picture to its full side."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from ml.avatar.networks import Dimensions


class Upscaler(nn.Module):
    """Draws the fine lines: all its work is done at the small side, where it is cheap.

    The sub-pixel convolution of Shi et al. (2016) on residual layers; what it predicts is added
    to the enlarged picture, so that an untrained one enlarges plainly.
    """

    def __init__(self, dimensions: Dimensions) -> None:
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
