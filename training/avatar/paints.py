"""What colours a decoder's textures are painted in, found from drawings in closed form.

Each pixel of a drawing shows some place of a texture, whose coordinates follow from the traits. So
what is painted there is a mixture of that drawing's own colours, the same mixture in every drawing,
and least squares find it. Where the mixture is right, the paint is opaque; where other things lie
over it, or chance decides what is seen, it is not. What lies behind her is looked at where she does
not hide it, and the decoder is taught to hide it where she does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ml.avatar.conditioned import PAINTED, PAINTS, TEXTURES, ConditionedDecoder
from ml.avatar.layout import PALETTE
from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import TRAIT
from training.avatar.conditioned_training import Drawings, standardised
from training.illustrator.drawing import silhouette

FIRST_SEED = 5_500_000  # none that another training draws or that is measured with
_RIDGE = 0.5  # that keeps mixtures small of which few pixels tell
_FAR = 0.006  # mean square of what is missed (colours are 0 to 1) at which 1 / e is opaque
_FEWEST = 12  # pixels of a place, for its paint to be seen at all
_BATCH = 25  # drawings at a time
_BEHIND = ("backdrop", "orb", "leaf", "flower")  # paints of what lies behind her
_HIDDEN = 0.02  # of a pixel that she covers, from which on it tells nothing of what is behind
_SEEN_RIDGE = 30.0  # pixels that say that all paint is seen


@torch.no_grad()
def fit_paints(decoder: ConditionedDecoder, count: int) -> None:
    """Find the paints and opacities of those kinds of a decoder's textures that have none yet.

    Args:
        decoder: whose textures are painted.
        count: how many drawings are looked at.
    """
    textures = decoder.textures
    bare = {name: ~textures.opacities[name].flatten(1).any(1) for name in PAINTED}
    found = {name: _Mixtures(name) for name in PAINTED if bare[name].any()}
    behind = [name for name in _BEHIND if name in found]
    for first in range(0, count, _BATCH):
        seeds = range(FIRST_SEED + first, FIRST_SEED + first + _BATCH)
        drawn = _Drawn.of(decoder, seeds, covered=bool(behind))
        places = decoder.layout.texture_coordinates(drawn.traits, drawn.planes)
        palette = decoder.layout.palette(drawn.traits)
        for name, mixtures in found.items():
            counts = drawn.covered < _HIDDEN if name in _BEHIND else drawn.covered >= 0
            for place in places[name]:
                mixtures.add(place, palette, drawn.colours, counts)
    for name, mixtures in found.items():
        paint, opacity = mixtures.solved()
        textures.paints[name][bare[name]] = paint[bare[name]]
        textures.opacities[name][bare[name]] = opacity[bare[name]]
    told = decoder.visibility.weight
    behind = [name for name in behind if not told[PAINTS.index(name)].any()]
    if behind:
        _hide_behind_her(decoder, behind, count // 4)


@torch.no_grad()
def forget_paints(decoder: ConditionedDecoder, names: Sequence[str]) -> None:
    """Take the paints of named textures away, and what a decoder knows of where they are seen."""
    for name in names:
        decoder.textures.paints[name].zero_()
        decoder.textures.opacities[name].zero_()
        decoder.visibility.weight[PAINTS.index(name)] = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Some drawings of girls who look to the left.

    Attributes:
        traits: (n, TRAITS), standardised.
        planes: the layout of them.
        colours: (n, side, side, 3), 0 to 1.
        covered: (n, side, side), how much of a pixel she covers; zeros unless asked for.
    """

    traits: Tensor
    planes: Tensor
    colours: Tensor
    covered: Tensor

    @classmethod
    def of(cls, decoder: ConditionedDecoder, seeds: range, *, covered: bool = True) -> _Drawn:
        side = decoder.layout.side
        drawings = Drawings.empty(len(seeds), side, seeds.start)
        shapes = np.zeros((len(seeds), side, side), np.float32)
        for at, seed in enumerate(seeds):
            drawings.add(seed)
            if covered:
                right = drawings.traits[at, TRAIT["facing"]][0] > 0
                shapes[at] = silhouette(seed, side)[:, :: -1 if right else 1]
        traits = standardised(decoder.layout, torch.from_numpy(drawings.traits))
        return cls(
            traits, decoder.layout(traits),
            torch.from_numpy(drawings.pictures).float() / 255,
            torch.from_numpy(shapes),
        )  # fmt: skip


def _hide_behind_her(decoder: ConditionedDecoder, names: list[str], count: int) -> None:
    """Let a decoder's last maps tell, as well as they can, where she hides paints."""
    seen = decoder.visibility
    size = seen.in_channels * 9 + 1
    left, right = _SEEN_RIDGE * torch.eye(size), torch.zeros(size)
    free = decoder.latent - decoder.layout.centre.numel()
    for first in range(0, count, _BATCH):
        drawn = _Drawn.of(decoder, range(FIRST_SEED + first, FIRST_SEED + first + _BATCH))
        latents = functional.pad(drawn.traits, (0, free))
        for row in range(len(latents)):
            part = slice(row, row + 1)
            _, _, maps = decoder.unpainted(latents[part], drawn.planes[part])
            told = functional.unfold(maps.float(), 3, padding=1)[0].T
            told = functional.pad(told, (0, 1), value=1.0)
            left += told.T @ told
            right -= told.T @ drawn.covered[row].flatten()
    weights = torch.linalg.solve(left, right)
    assert seen.bias is not None
    for name in names:
        seen.weight[PAINTS.index(name)] = weights[:-1].view(-1, 3, 3)
        seen.bias[PAINTS.index(name)] = weights[-1]


class _Mixtures:
    """The normal equations of each place of a texture."""

    def __init__(self, name: str) -> None:
        kinds, _, high, wide = TEXTURES[name]
        self._shape = kinds, high, wide
        self._left = torch.zeros(kinds, high * wide, PALETTE, PALETTE)
        self._right = torch.zeros(kinds, high * wide, PALETTE)
        self._squares = torch.zeros(kinds, high * wide)
        self._count = torch.zeros(kinds, high * wide)

    def add(
        self, place: TextureCoordinates, palette: Tensor, colours: Tensor, counts: Tensor
    ) -> None:
        """Tell what drawings show there.

        Args:
            place: where pixels are in the texture.
            palette: the drawings' own colours.
            colours: (n, side, side, 3) of pixels.
            counts: (n, side, side), of which of them this tells something.
        """
        _, high, wide = self._shape
        column = ((place.u + 1) / 2 * wide).floor().long()
        row = ((place.v + 1) / 2 * high).floor().long()
        inside = counts & (column >= 0) & (column < wide) & (row >= 0) & (row < high)
        for number, kind in enumerate(place.kinds.argmax(1).tolist()):
            if place.kinds[number, kind] < 0.5:
                continue  # it shows none of them
            here = inside[number]
            texels = (row[number] * wide + column[number])[here]
            seen, own = colours[number][here], palette[number]
            pixels = torch.bincount(texels, minlength=high * wide).float()
            sums = torch.zeros(high * wide, 3).index_add_(0, texels, seen)
            self._left[kind] += pixels[:, None, None] * (own @ own.T)
            self._right[kind] += sums @ own.T
            self._squares[kind].index_add_(0, texels, seen.square().sum(1))
            self._count[kind] += pixels

    def solved(self) -> tuple[Tensor, Tensor]:
        """Return paints (kinds, PALETTE, height, width) and opacities (kinds, 1, ...)."""
        kinds, high, wide = self._shape
        left = self._left + _RIDGE * torch.eye(PALETTE)
        paint = torch.linalg.solve(left, self._right)
        explained = torch.einsum("ktp,ktpq,ktq->kt", paint, self._left, paint)
        missed = self._squares - 2 * (paint * self._right).sum(2) + explained
        free = (3 * self._count - PALETTE).clamp(min=1)  # of colours told, less what is fitted
        opacity = torch.exp(-missed.clamp(min=0) / free / _FAR)
        opacity[self._count < _FEWEST] = 0
        paints = paint.view(kinds, high, wide, PALETTE).permute(0, 3, 1, 2).contiguous()
        edged = torch.zeros(kinds, 1, high, wide)  # beyond its edge a texture has no colour
        edged[:, :, 1:-1, 1:-1] = opacity.view(kinds, 1, high, wide)[:, :, 1:-1, 1:-1]
        return paints, edged
