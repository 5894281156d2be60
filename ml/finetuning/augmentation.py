"""Changes to pictures that leave them what they are; gradients pass (DiffAugment, 2020)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_SHIFT = 1 / 24  # of the side, at most
_LIGHT = 0.12  # added to [-1, 1], at most
_COLOUR = 0.2  # of saturation and contrast, at most


def augmented(pictures: Tensor, dice: torch.Generator, strength: float = 1.0) -> Tensor:
    """Mirror, shift and tint each picture in its own way.

    Real and drawn pictures both pass through here before they are told apart, so that few real
    ones cannot be learned by heart, and the decoder is not blamed for the changes.

    Args:
        pictures: (n, 3, side, side) in [-1, 1].
        dice: what chance comes from.
        strength: 0 mirrors only; 1 shifts and tints as far as is good for few pictures.

    Returns:
        pictures of the same shape, in [-1, 1].
    """
    pictures = _mirrored(pictures, dice)
    return _tinted(_shifted(pictures, dice, strength), dice, strength).clamp(-1, 1)


def _mirrored(pictures: Tensor, dice: torch.Generator) -> Tensor:
    chosen = torch.rand(len(pictures), 1, 1, 1, generator=dice) < 0.5
    return torch.where(chosen.to(pictures.device), pictures.flip(3), pictures)


def _shifted(pictures: Tensor, dice: torch.Generator, strength: float) -> Tensor:
    side = pictures.shape[-1]
    most = round(side * _SHIFT * strength)
    padded = functional.pad(pictures, (most, most, most, most), mode="replicate")
    # By whole pixels: anything else would blur what the decoder is to draw sharply.
    corners = torch.randint(0, 2 * most + 1, (len(pictures), 2), generator=dice).tolist()
    cut = [
        picture[:, top : top + side, left : left + side]
        for picture, (top, left) in zip(padded, corners, strict=True)
    ]
    return torch.stack(cut)


def _tinted(pictures: Tensor, dice: torch.Generator, strength: float) -> Tensor:
    chances = 2 * torch.rand(3, len(pictures), 1, 1, 1, generator=dice) - 1
    light, colour, contrast = strength * chances.to(pictures.device)
    pictures = pictures + _LIGHT * light
    grey = pictures.mean(dim=1, keepdim=True)
    pictures = grey + (1 + _COLOUR * colour) * (pictures - grey)
    middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
    tinted: Tensor = middle + (1 + _COLOUR * contrast) * (pictures - middle)
    return tinted
