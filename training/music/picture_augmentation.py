"""Disturbs pictures as codecs, pitch, tempo, rooms and noise do."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ml.music.tagger_input import compressed, mel_power

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


_BAND_MEL = 45.245 / 97  # between the taggers' bands, on Slaney's scale
_LINEAR_MEL, _HERTZ_A_MEL = 15.0, 200 / 3  # below 1 kHz Slaney's scale is linear
_LOG_STEP = np.log(6.4) / 27  # and logarithmic above


def band_hertz(bands: int) -> Tensor:
    """Give the middle of each of the taggers' bands in Hz."""
    mel = (torch.arange(bands) + 1) * _BAND_MEL
    above = 1_000 * torch.exp((mel - _LINEAR_MEL) * _LOG_STEP)
    return torch.where(mel < _LINEAR_MEL, mel * _HERTZ_A_MEL, above)


def disturbed_input(picture: Tensor, dice: np.random.Generator) -> Tensor:
    """Disturb what the taggers read of a song, as if its sound had been.

    Args:
        picture: (frames, 96), as from `ml.music.tagger_input`.
        dice: draws level, pitch (a semitone and more), tempo (10 %), dullness and noise.

    Returns:
        (other frames, 96).
    """
    pitched = _in_pitch(picture, float(dice.uniform(-1.3, 1.3)))
    power = mel_power(_in_tempo(pitched, float(np.exp(dice.uniform(-0.1, 0.1)))))
    power = power * 10 ** float(dice.uniform(-1.2, 0.4))
    hertz = band_hertz(power.shape[1])
    if dice.random() < 0.5:  # pink noise
        level = power.mean() * 10 ** float(dice.uniform(-2.5, -0.8))
        grain = torch.from_numpy(dice.gamma(2.0, 0.5, power.shape).astype(np.float32))
        pink = (1 / hertz) / (1 / hertz).mean()
        power = power + level * pink * grain
    if dice.random() < 0.5:  # a dull recording or codec
        fall = (hertz / float(dice.uniform(3_500, 8_000)) - 1).clamp(min=0) * 40
        power = power * torch.pow(10.0, -fall.clamp(max=6))
    return compressed(power)


def _in_pitch(picture: Tensor, semitones: float) -> Tensor:
    """Read each band where its frequency was before."""
    hertz = band_hertz(picture.shape[1])
    before = torch.searchsorted(hertz, hertz * 2 ** (-semitones / 12)).clamp(1, len(hertz) - 1)
    low, high = hertz[before - 1], hertz[before]
    share = ((hertz * 2 ** (-semitones / 12) - low) / (high - low)).clamp(0, 1)
    return picture[:, before - 1] * (1 - share) + picture[:, before] * share


def _in_tempo(picture: Tensor, factor: float) -> Tensor:
    frames = max(1, round(len(picture) / factor))
    return functional.interpolate(picture.T[None], size=frames, mode="linear")[0].T
