"""What colours a decoder's textures are painted in, found from drawings in closed form.

Each pixel of a drawing shows some place of a texture, whose coordinates follow from the traits. So
what is painted there is a mixture of that drawing's own colours, the same mixture in every drawing,
and least squares find it. Where the mixture is right, the paint is opaque; where other things lie
over it, or chance decides what is seen, it is not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.layout import PAINTED, PALETTE, TEXTURES, FaceLayout
from ml.avatar.scenery import TextureCoordinates
from training.avatar.conditioned_training import Drawings, standardised

FIRST_SEED = 5_500_000  # none that another training draws or that is measured with
_RIDGE = 0.5  # that keeps mixtures small of which few pixels tell
_FAR = 0.006  # mean square of what is missed (colours are 0 to 1) at which 1 / e is opaque
_FEWEST = 12  # pixels of a place, for its paint to be seen at all
_BATCH = 25  # drawings at a time


@torch.no_grad()
def fit_paints(decoder: ConditionedDecoder, count: int) -> None:
    """Find the paints and opacities of a decoder, unless it has learned some already.

    Args:
        decoder: whose textures are painted.
        count: how many drawings are looked at.
    """
    layout, textures = decoder.layout, decoder.textures
    if any(opacity.any() for opacity in textures.opacities.values()):
        return
    found = {name: _Mixtures(name) for name in PAINTED}
    for first in range(0, count, _BATCH):
        drawings = Drawings.empty(_BATCH, layout.side, FIRST_SEED)
        for seed in range(first, first + _BATCH):
            drawings.add(FIRST_SEED + seed)
        traits = standardised(layout, torch.from_numpy(drawings.traits))
        _tell(found, layout, traits, torch.from_numpy(drawings.pictures).float() / 255)
    for name, mixtures in found.items():
        paint, opacity = mixtures.solved()
        textures.paints[name].copy_(paint)
        textures.opacities[name].copy_(opacity)


def _tell(found: dict[str, _Mixtures], layout: FaceLayout, traits: Tensor, colours: Tensor) -> None:
    places = layout.texture_coordinates(traits, layout(traits))
    palette = layout.palette(traits)
    for name, mixtures in found.items():
        for place in places[name]:
            mixtures.add(place, palette, colours)


class _Mixtures:
    """The normal equations of each place of a texture."""

    def __init__(self, name: str) -> None:
        kinds, _, high, wide = TEXTURES[name]
        self._shape = kinds, high, wide
        self._left = torch.zeros(kinds, high * wide, PALETTE, PALETTE)
        self._right = torch.zeros(kinds, high * wide, PALETTE)
        self._squares = torch.zeros(kinds, high * wide)
        self._count = torch.zeros(kinds, high * wide)

    def add(self, place: TextureCoordinates, palette: Tensor, colours: Tensor) -> None:
        """Tell what drawings show there: their palettes, and colours (n, side, side, 3)."""
        _, high, wide = self._shape
        column = ((place.u + 1) / 2 * wide).floor().long()
        row = ((place.v + 1) / 2 * high).floor().long()
        inside = (column >= 0) & (column < wide) & (row >= 0) & (row < high)
        for number, kind in enumerate(place.kinds.argmax(1).tolist()):
            if place.kinds[number, kind] < 0.5:
                continue  # it shows none of them
            here = inside[number]
            texels = (row[number] * wide + column[number])[here]
            seen, own = colours[number][here], palette[number]
            counts = torch.bincount(texels, minlength=high * wide).float()
            sums = torch.zeros(high * wide, 3).index_add_(0, texels, seen)
            self._left[kind] += counts[:, None, None] * (own @ own.T)
            self._right[kind] += sums @ own.T
            self._squares[kind].index_add_(0, texels, seen.square().sum(1))
            self._count[kind] += counts

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
