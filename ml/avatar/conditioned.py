"""The networks of conditioned portraits: decoder, and fourfold upscaler."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.avatar import scenery
from ml.avatar.layout import FACE_PLANES, TEXTURE_PLANES, TEXTURES, FaceLayout
from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import TRAIT, TRAITS

if TYPE_CHECKING:
    from ml.avatar.networks import PortraitDimensions

_SMALLEST = 4  # px: the decoder's first map
_STEER = 256  # numbers that steer each layer
_FACING_EDGE = 0.25  # a morph turns her around while `facing` is nearer to 0 than this


class ConditionedDecoder(nn.Module):
    """From a latent to a picture of `core` px, drawn upon the layout that its traits give.

    Maps are enlarged smoothly and convolved, which, unlike strided or shuffled pixels, leaves no
    grid. The latent steers every layer.
    """

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        widths = dimensions.widths
        self.layout = FaceLayout(dimensions.core)
        self.textures = LearnedTextures()
        self._steer = nn.Sequential(
            nn.Linear(dimensions.latent, _STEER), nn.LeakyReLU(0.2), nn.Linear(_STEER, _STEER)
        )
        self._first = nn.Linear(_STEER, widths[0] * _SMALLEST**2)
        self._blocks = nn.ModuleList(
            _Doubling(before, after, reading=(_SMALLEST << (at + 1)) >= 16)
            for at, (before, after) in enumerate(itertools.pairwise(widths))
        )
        self._coarse = nn.Conv2d(widths[-2], 3, 3, padding=1)
        self._fine = nn.Conv2d(widths[-1], 3, 3, padding=1)
        nn.init.zeros_(self._fine.weight)

    def forward(self, latents: Tensor, *, coarse: bool = False) -> Tensor:
        """Decode (n, latent) into (n, 3, core, core), about [-1, 1].

        Args:
            latents: (n, latent).
            coarse: return it at half the side.
        """
        facing = latents[:, TRAIT["facing"]]
        latents = latents.clone()
        latents[:, TRAIT["facing"]] = -1  # all that the layers have seen in training
        picture = self.draw(latents, self.layout(latents[:, :TRAITS]), coarse=coarse)
        return _turned(picture, facing)

    def draw(self, latents: Tensor, planes: Tensor, *, coarse: bool = False) -> Tensor:
        """Decode upon a given layout; she looks to the left."""
        textures = self.textures(self.layout.texture_coordinates(latents[:, :TRAITS], planes))
        steer = self._steer(latents)
        x = self._first(functional.leaky_relu(steer, 0.2))
        x = x.view(len(latents), -1, _SMALLEST, _SMALLEST)
        x = x.contiguous(memory_format=torch.channels_last)
        # Each part by itself, as slices of one tensor would be convolved slowly.
        parts = [planes[:, :FACE_PLANES], planes[:, FACE_PLANES:], textures]
        pyramid = [[part.contiguous(memory_format=torch.channels_last) for part in parts]]
        for _ in self._blocks[1:]:
            pyramid.append([functional.avg_pool2d(part, 2) for part in pyramid[-1]])
        for block in self._blocks[:-1]:
            x = block(x, steer, pyramid.pop())
        picture: Tensor = self._coarse(functional.leaky_relu(x, 0.2)).float()
        if not coarse:
            # What was learned at half the side stays; the last block adds the fine lines.
            x = self._blocks[-1](x, steer, pyramid.pop())
            fine = self._fine(functional.leaky_relu(x, 0.2)).float()
            picture = _double(picture) + fine
        return picture


def _turned(pictures: Tensor, facing: Tensor) -> Tensor:
    """Mirror those who look to the right; half-way through a morph both are seen."""
    right = (0.5 + facing / (2 * _FACING_EDGE)).clamp(0, 1).view(-1, 1, 1, 1)
    return torch.lerp(pictures, pictures.flip(3), right)


class _Doubling(nn.Module):
    """A residual block that doubles the side and reads the layout there."""

    def __init__(self, before: int, after: int, reading: bool) -> None:
        super().__init__()
        self._steer_in, self._steer_out = _Steered(before), _Steered(after)
        self._in = nn.Conv2d(before, after, 3, padding=1)
        self._out = nn.Conv2d(after, after, 3, padding=1)
        self._skip = nn.Conv2d(before, after, 1)
        self._reader = _Reader(FACE_PLANES, after) if reading else None
        self._scene_reader = _Reader(scenery.PLANES, after) if reading else None
        self._texture_reader = _Reader(TEXTURE_PLANES, after) if reading else None
        for reader in (self._scene_reader, self._texture_reader):
            if reader is not None:
                reader.read_nothing()

    def forward(self, x: Tensor, steer: Tensor, parts: list[Tensor]) -> Tensor:
        y = self._in(functional.leaky_relu(self._steer_in(x, steer), 0.2))
        y, skip = _double(y), _double(self._skip(x))
        readers = (self._reader, self._scene_reader, self._texture_reader)
        for reader, part in zip(readers, parts, strict=True):
            if reader is not None:
                y = y + reader(part, steer)
        y = functional.leaky_relu(self._steer_out(y, steer), 0.2)
        total: Tensor = self._out(y) + skip
        return total

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        # Weights from before there were scenes' maps, or textures, read nothing of them.
        _complete(state, f"{prefix}_scene_reader.", self._scene_reader)
        _complete(state, f"{prefix}_texture_reader.", self._texture_reader)
        super()._load_from_state_dict(state, prefix, *rest)


def _complete(state: dict[str, Tensor], prefix: str, module: nn.Module | None) -> None:
    """Give a state the weights that a module has and it lacks."""
    for name, weight in module.state_dict().items() if module is not None else ():
        state.setdefault(prefix + name, weight)


class LearnedTextures(nn.Module):
    """What things look like that have a shape of their own, wherever they lie (Thies et al., 2019).

    An ornament is the same in every picture but for its place, which the layout knows. So what is
    learned of it lies in a texture of its own, and a pixel reads there what is at its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds = nn.ParameterDict(
            {
                name: nn.Parameter(0.3 * torch.randn(kinds, kept, high, wide))
                for name, (kinds, kept, high, wide) in TEXTURES.items()
            }
        )

    def forward(self, places: dict[str, list[TextureCoordinates]]) -> Tensor:
        """Return what lies at places: (n, TEXTURE_PLANES, side, side), zeros outside."""
        return torch.cat([self._read(name, places[name]) for name in TEXTURES], 1)

    def _read(self, name: str, places: list[TextureCoordinates]) -> Tensor:
        total: Tensor | None = None
        for place in places:
            textures = torch.einsum("nk,kchw->nchw", place.kinds, self._kinds[name])
            where = torch.stack([place.u, place.v], 3)
            read = functional.grid_sample(textures, where, align_corners=False)
            total = read if total is None else total + read
        assert total is not None
        return total

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        _complete(state, prefix, self)  # weights from before there were textures
        super()._load_from_state_dict(state, prefix, *rest)


class _Reader(nn.Module):
    """Turns the layout into maps, pixel by pixel, as the latent says."""

    def __init__(self, planes: int, width: int) -> None:
        super().__init__()
        hidden = max(48, width)
        self._in = nn.Conv2d(planes, hidden, 1)
        self._steer = nn.Linear(_STEER, 2 * hidden)
        self._out = nn.Conv2d(hidden, width, 1)
        nn.init.normal_(self._steer.weight, std=0.02)
        nn.init.zeros_(self._steer.bias)

    def read_nothing(self) -> None:
        """Return maps of zeros until it has learned."""
        nn.init.zeros_(self._out.weight)
        assert self._out.bias is not None
        nn.init.zeros_(self._out.bias)

    def forward(self, planes: Tensor, steer: Tensor) -> Tensor:
        scale, shift = self._steer(steer)[:, :, None, None].chunk(2, dim=1)
        read: Tensor = self._out(
            functional.leaky_relu(torch.addcmul(shift, self._in(planes), 1 + scale), 0.2)
        )
        return read


class _Steered(nn.Module):
    """BatchNorm whose scale and shift follow the latent."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self._norm = nn.BatchNorm2d(channels, affine=False)
        self._steer = nn.Linear(_STEER, 2 * channels)
        nn.init.normal_(self._steer.weight, std=0.02)
        nn.init.zeros_(self._steer.bias)

    def forward(self, x: Tensor, steer: Tensor) -> Tensor:
        scale, shift = self._steer(steer)[:, :, None, None].chunk(2, dim=1)
        steered: Tensor = torch.addcmul(shift, self._norm(x), 1 + scale)
        return steered


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


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
        large: Tensor = self._out(x).float()
        large += enlarged(pictures)
        return large if self.training else large.clamp(-1, 1)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self._layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(0.1, inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self._layers(x), alpha=0.5)


def enlarged(pictures: Tensor) -> Tensor:
    """Enlarge (n, 3, side, side) fourfold by bicubic interpolation."""
    planes = pictures.float().contiguous()  # twice as fast for three channels
    return functional.interpolate(
        planes, scale_factor=float(SCALE), mode="bicubic", align_corners=False
    )


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


def _leaky(maps: Tensor) -> Tensor:
    return functional.leaky_relu(maps, 0.1, inplace=True)  # of what a convolution has just made
