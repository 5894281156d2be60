"""Disturbs coarse pictures as codecs, pitch, rooms and noise do."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_EQUALISER_DB = 4.0  # standard deviation at three points of the spectrum
_MOST_SHIFT = 2  # bands, about a semitone
_NEPERS = 0.23  # of power in a decibel


def disturbed(pictures: Tensor, dice: np.random.Generator) -> Tensor:
    """Disturb pictures, each in its own way.

    Args:
        pictures: (batch, bands, columns) in dB, from -80 to 0.
        dice: draws the disturbances.

    Returns:
        As many of the same size, the loudest point of each at 0 dB again.
    """
    count, bands, _ = pictures.shape
    tilts = torch.from_numpy(dice.normal(0, _EQUALISER_DB, (count, 3)).astype(np.float32))
    curve = functional.interpolate(tilts[:, None], size=bands, mode="linear", align_corners=True)
    equalised = pictures + curve.transpose(1, 2)
    out = torch.stack([_disturbed_one(picture, dice) for picture in equalised])
    return (out - out.amax(dim=(1, 2), keepdim=True)).clamp(min=-80)


def _disturbed_one(picture: Tensor, dice: np.random.Generator) -> Tensor:
    picture = picture.roll(int(dice.integers(-_MOST_SHIFT, _MOST_SHIFT + 1)), dims=0)
    if dice.random() < 0.3:  # a dull recording or codec
        top = int(dice.integers(len(picture) // 2, len(picture)))
        fall = torch.zeros(len(picture), 1)
        fall[top:] = 60 * float(dice.random())
        picture = picture - fall
    if dice.random() < 0.3:  # a floor of noise
        floor = picture.amax() - float(dice.uniform(30, 70))
        picture = torch.logaddexp(picture * _NEPERS, floor * _NEPERS) / _NEPERS
    return picture


def masked(pictures: Tensor, dice: np.random.Generator, widest: int = 14) -> Tensor:
    """Hide up to two stretches of bands of each picture: (batch, bands, columns) in dB."""
    hidden = torch.zeros(pictures.shape[:2], dtype=torch.bool)
    for row in hidden:
        for _ in range(2):
            height = int(dice.integers(widest + 1))
            first = int(dice.integers(pictures.shape[1] - height))
            row[first : first + height] = True
    return torch.where(hidden[:, :, None], pictures.mean(), pictures)
