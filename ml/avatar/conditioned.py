"""The networks of conditioned portraits: decoder, and fourfold upscaler."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ml.avatar import scenery
from ml.avatar.fringe import TILES as FRINGE_TILES
from ml.avatar.layout import FACE_PLANES, FINE_PLANES, PALETTE, FaceLayout
from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import OPTIONS, TRAIT, TRAITS

if TYPE_CHECKING:
    from ml.avatar.networks import PortraitDimensions

MARKS = 4  # maps that marks are told by
_FACING_EDGE = 0.25  # a morph turns her around while `facing` is nearer to 0 than this
_SMALLEST = 4  # px: the decoder's first map
_STEER = 256  # numbers that steer each layer

# Of each texture: how many kinds it has, what is kept at each place of it, height, width.
TEXTURES: Final[Mapping[str, tuple[int, int, int, int]]] = {
    "ornament": (6, 8, 32, 32), "hand": (6, 8, 64, 40), "clothes": (6, 8, 40, 96),
    "cut": (5, 8, 64, 64), "ahoge": (1, 4, 24, 24), "mouth": (10, 8, 32, 32),
    "nose": (12, 4, 16, 16), "eyes": (9, 8, 40, 40), "brows": (12, 4, 12, 32),
    "cheeks": (12, 4, 16, 24), "leaf": (3, 4, 24, 24), "mark": (6, 4, 24, 24),
    "flower": (1, 4, 24, 24), "locks": (5, 8, 64, 32), "shine": (24, 6, 40, 64),
    "orb": (6, 4, 40, 40), "fringe": (12, 8, 32 * FRINGE_TILES, 24),
    "over_lock": (12, 4, 64, 16), "backdrop": (4, 4, 56, 64), "iris": (26, 4, 32, 32),
    "lash": (24, 4, 20, 36), "under_lash": (24, 2, 14, 32), "shut": (24, 4, 24, 32),
    "brow": (12, 2, 14, 32), "blush": (36, 2, 16, 24),
}  # fmt: skip
# Those that also hold paint, in the order in which it is laid on.
PAINTED: Final = (
    "backdrop", "orb", "leaf", "flower", "cut", "clothes", "blush", "nose", "mouth", "iris",
    "under_lash", "lash", "shut", "locks", "ahoge", "shine", "fringe", "over_lock", "brow",
    "ornament", "hand",
)  # fmt: skip
PAINT_PLANES: Final = 4  # red, green, blue, opacity
# Weights keep the order in which things became known: these textures and paints came later.
_LATER: Final = (
    "fringe", "over_lock", "backdrop", "iris", "lash", "under_lash", "shut", "brow", "blush",
)  # fmt: skip
_PAINTED_LATER: Final = (*_LATER, "nose")
PAINTS: Final = (*(name for name in PAINTED if name not in _PAINTED_LATER), *_PAINTED_LATER)
"""What is painted, in the weights' order."""
TEXTURE_PLANES: Final = FINE_PLANES + (
    sum(kept for _, kept, _, _ in TEXTURES.values()) + PAINT_PLANES * len(PAINTED)
)


class ConditionedDecoder(nn.Module):
    """From a latent to a picture of `core` px, drawn upon the layout that its traits give.

    Maps are enlarged smoothly and convolved, which, unlike strided or shuffled pixels, leaves no
    grid. The latent steers every layer.
    """

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        widths = dimensions.widths
        self.latent = dimensions.latent
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
        self._seen = nn.Conv2d(widths[-1], len(PAINTED), 3, padding=1)
        nn.init.zeros_(self._seen.weight)
        assert self._seen.bias is not None
        nn.init.zeros_(self._seen.bias)

    @property
    def visibility(self) -> nn.Conv2d:
        """Tells of the last block's maps how much more of each paint is seen than all of it."""
        return self._seen

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
        picture, paints, x = self.unpainted(latents, planes, coarse=coarse)
        return picture if coarse else self._painted(picture, paints, x)

    def unpainted(
        self, latents: Tensor, planes: Tensor, *, coarse: bool = False
    ) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        """Return a picture without its paint, the paints by name, and the last block's maps."""
        traits = latents[:, :TRAITS]
        places = self.layout.texture_coordinates(traits, planes)
        textures, paints = self.textures(places, self.layout.palette(traits))
        textures = torch.cat([textures, self.layout.fine_planes(traits)], 1)
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
            x = functional.leaky_relu(x, 0.2)
            picture = _double(picture) + self._fine(x).float()
        return picture, paints, x

    def _painted(self, picture: Tensor, paints: Mapping[str, Tensor], x: Tensor) -> Tensor:
        """Lay one paint after another over a picture, as far as the last block lets it be seen."""
        seen = (1 + self._seen(x).float()).clamp(min=0)
        for name in PAINTED:
            at = PAINTS.index(name)
            opacity = paints[name][:, 3:] * seen[:, at : at + 1]
            picture = picture + opacity * (2 * paints[name][:, :3] - 1 - picture)
        return picture

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        _complete(state, f"{prefix}_seen.", self._seen)  # weights from before there was paint
        super()._load_from_state_dict(state, prefix, *rest)


@dataclass(frozen=True, slots=True, eq=False)
class StyleMarks:
    """What styles mark pictures with that is too fine for small ones.

    Attributes:
        styles: (n, styles), how much of each style there is.
        planes: (n, MARKS, side, side): rasters of a screentone's dots and of a pencil's strokes,
            about -1 to 1, which turn with her; grain and tooth of paper, which do not.
    """

    styles: Tensor
    planes: Tensor

    def cut(self, x: int, y: int, side: int) -> StyleMarks:
        """Return those of a patch whose upper left corner is at x and y."""
        return StyleMarks(self.styles, self.planes[:, :, y : y + side, x : x + side])

    def mirrored(self) -> StyleMarks:
        """Return those of the mirrored pictures."""
        return StyleMarks(self.styles, self.planes.flip(3))

    def to(self, device: str) -> StyleMarks:
        """Return them on another device."""
        return StyleMarks(self.styles.to(device), self.planes.to(device))

    @classmethod
    def of(cls, layout: FaceLayout, traits: Tensor, side: int) -> StyleMarks:
        """Return those of pictures of a side, whose standardised traits (n, TRAITS) are given."""
        rasters = _turned(layout.rasters(traits, side), traits[:, TRAIT["facing"]])
        paper = torch.from_numpy(np.stack(paper_noise(side))).to(traits.device)
        planes = torch.cat([rasters, paper.expand(len(traits), -1, -1, -1)], 1)
        return cls(layout.raw(traits)[:, TRAIT["style"]], planes)

    @staticmethod
    def joined(marks: Sequence[StyleMarks]) -> StyleMarks:
        """Return those of several pictures of one side, one after another."""
        return StyleMarks(
            torch.cat([each.styles for each in marks]), torch.cat([each.planes for each in marks])
        )


def _turned(pictures: Tensor, facing: Tensor) -> Tensor:
    """Mirror those who look to the right; half-way through a morph both are seen."""
    right = (0.5 + facing / (2 * _FACING_EDGE)).clamp(0, 1).view(-1, 1, 1, 1)
    return torch.lerp(pictures, pictures.flip(3), right)


@lru_cache(maxsize=4)
def paper_noise(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the grain of a sheet (side, side), about -3 to 3, and its tooth, of twice that."""
    grain = np.random.default_rng(side).standard_normal((side, side), np.float32)
    # Hills and valleys of paper: noise smoothed over two pixels.
    tooth = sum(np.roll(grain, by, (0, 1)) for by in ((0, 0), (1, 0), (0, 1), (1, 1)))
    return grain, np.asarray(tooth, np.float32)


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
    """Give a state the weights that a module has and it lacks; of more maps it reads nothing."""
    for name, weight in module.state_dict().items() if module is not None else ():
        known = state.setdefault(prefix + name, weight)
        fewer = [more - few for more, few in zip(weight.shape, known.shape, strict=True)]
        if max(fewer, default=0) > 0:
            room = [side for lack in reversed(fewer) for side in (0, max(0, lack))]
            state[prefix + name] = functional.pad(known, room)


class LearnedTextures(nn.Module):
    """What things look like that have a shape of their own, wherever they lie (Thies et al., 2019).

    An ornament is the same in every picture but for its place, which the layout knows, and its
    colour, which the traits tell. So what is learned of it lies in a texture of its own, and a
    pixel reads there what is at its place. Some also hold paint: how much of each of the drawing's
    colours is there, and how opaque it is.

    Attributes:
        paints: by texture, (kinds, PALETTE, height, width).
        opacities: by texture, (kinds, 1, height, width), 0 to 1; none until it is learned.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds = nn.ParameterDict(
            {
                name: nn.Parameter(0.3 * torch.randn(kinds, kept, high, wide))
                for name, (kinds, kept, high, wide) in TEXTURES.items()
            }
        )
        self.paints, self.opacities = nn.ParameterDict(), nn.ParameterDict()
        for name in PAINTED:
            kinds, _, high, wide = TEXTURES[name]
            self.paints[name] = nn.Parameter(torch.zeros(kinds, PALETTE, high, wide))
            self.opacities[name] = nn.Parameter(torch.zeros(kinds, 1, high, wide))

    def forward(
        self, places: dict[str, list[TextureCoordinates]], palette: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return what lies at places.

        Args:
            places: those of `FaceLayout.texture_coordinates`.
            palette: (n, PALETTE, 3), colours from 0 to 1.

        Returns:
            All of it, (n, TEXTURE_PLANES - FINE_PLANES, side, side), zeros outside of the
            textures; and the paints in it by name, (n, PAINT_PLANES, side, side).
        """
        read = {name: self._read(name, places[name], palette) for name in TEXTURES}
        kept = {name: planes[:, : TEXTURES[name][1]] for name, planes in read.items()}
        paints = {name: read[name][:, TEXTURES[name][1] :] for name in PAINTS}
        parts = []
        for later in (False, True):
            parts += [kept[name] for name in TEXTURES if (name in _LATER) is later]
            parts += [paints[name] for name in PAINTS if (name in _PAINTED_LATER) is later]
        return torch.cat(parts, 1), paints

    def _read(self, name: str, places: list[TextureCoordinates], palette: Tensor) -> Tensor:
        planes = TEXTURES[name][1] + (PAINT_PLANES if name in PAINTED else 0)
        total = palette.new_zeros(*places[0].u.shape[:1], planes, *places[0].u.shape[1:])
        for place in places:
            if not place.kinds.any():
                continue  # of scenes, most things are elsewhere
            where = torch.stack([place.u, place.v], 3)
            textures = self._mixed(name, place.kinds, palette)
            total = total + functional.grid_sample(textures, where, align_corners=False)
        return total

    def _mixed(self, name: str, kinds: Tensor, palette: Tensor) -> Tensor:
        """Return a texture as it looks in each drawing, of the kinds of which there is any."""
        some = kinds.any(0)
        kinds = kinds[:, some]
        textures = torch.einsum("nk,kchw->nchw", kinds, self._kinds[name][some])
        if name not in PAINTED:
            return textures
        paints = torch.einsum("nk,kphw->nphw", kinds, self.paints[name][some])
        colours = torch.einsum("nphw,npc->nchw", paints, palette)
        opacity = torch.einsum("nk,kphw->nphw", kinds, self.opacities[name][some])
        return torch.cat([textures, colours, opacity], 1)

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

    What is finer than a small pixel, as a screentone's dots, no small picture tells. So it may be
    told the style and where its marks lie.
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
        styles = len(OPTIONS["style"])
        self._style = nn.Linear(styles, s.width, bias=False)
        self._style_marks = nn.Linear(styles, (MARKS + 1) * s.last, bias=False)
        nn.init.zeros_(self._style.weight)
        nn.init.zeros_(self._style_marks.weight)

    def forward(self, pictures: Tensor, marks: StyleMarks | None = None) -> Tensor:
        """Return (n, 3, 4 * side, 4 * side), in [-1, 1] where it is used and not trained.

        Args:
            pictures: (n, 3, side, side).
            marks: what their styles mark the large ones with; None: nothing is known of it.
        """
        first = self._first(pictures)
        if marks is not None:
            first = first + self._style(marks.styles)[:, :, None, None]
        x = first
        for block in self._blocks:
            x = block(x)
        x = first + self._join(x)
        x = self._smooth(_leaky(self._twice(_doubled(x))))
        x = self._fourfold(_doubled(x))
        if marks is not None:
            weights = self._style_marks(marks.styles).view(len(x), MARKS + 1, -1)
            x += weights[:, 0, :, None, None]
            for at, plane in enumerate(marks.planes.split(1, 1), 1):
                x.addcmul_(plane, weights[:, at, :, None, None])
        x = _leaky(x)
        x = _leaky(self._fine(x))
        large: Tensor = self._out(x).float()
        large += enlarged(pictures)
        return large if self.training else large.clamp(-1, 1)

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        # Weights from before styles were told know nothing of them.
        for name in ("_style", "_style_marks"):
            _complete(state, f"{prefix}{name}.", self.get_submodule(name))
        super()._load_from_state_dict(state, prefix, *rest)


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
