"""Cuts windows out of clips for training, each song's in its own pitch, speed and sound."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.mel import FLOOR_DB, MEL_BANDS
from ml.music.spectrograms import COLUMNS, RANGE_DB

PATCH_COLUMNS = 50  # 3 s: the teacher's patch

_TOP_HZ = 11_025.0
_MEL_BREAK_HZ, _MEL_BREAK = 1_000.0, 15.0  # Slaney's scale: a line, then a logarithm
_LINEAR, _LOGARITHMIC = 200.0 / 3.0, 0.06875177742094912


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far training strays from the recordings; all at zero leaves them as they are.

    Attributes:
        tempo: largest change of speed, as a share.
        semitones: largest change of pitch.
        equaliser_db: spread of a smooth random curve over frequency.
        low_pass: share of songs that lose what lies above a random frequency.
        noise: share of songs in pink noise.
        hidden_bands: most neighbouring bands hidden in half of the songs.
        hidden_columns: most neighbouring columns hidden in a third of the windows.
    """

    tempo: float = 0.0
    semitones: float = 0.0
    equaliser_db: float = 0.0
    low_pass: float = 0.0
    noise: float = 0.0
    hidden_bands: int = 0
    hidden_columns: int = 0


def cut(columns: Tensor, starts: Tensor, speed: float = 1.0) -> Tensor:
    """Cut windows of 16 columns, played faster or slower.

    Args:
        columns: (bands, n) in dB.
        starts: (windows,) first column of each.
        speed: columns passed in the time of one.

    Returns:
        (windows, bands, 16) float32.
    """
    last = columns.shape[1] - 1
    at = (starts.unsqueeze(1) + torch.arange(COLUMNS) * speed).clamp(0, last)
    low = at.floor().long()
    share = (at - low).unsqueeze(0)
    left, right = columns[:, low].float(), columns[:, (low + 1).clamp(max=last)].float()
    return torch.lerp(left, right, share.expand_as(left)).transpose(0, 1)


def disturb(windows: Tensor, how: Augmentation, dice: torch.Generator) -> Tensor:
    """Change the sound of songs as rooms, codecs and players do.

    Args:
        windows: (songs, windows, bands, columns) in dB.
        how: how much.
        dice: what chance is drawn from.
    """
    songs = windows.shape[0]
    if how.semitones:
        shift = (torch.rand(songs, generator=dice) * 2 - 1) * how.semitones
        windows = _transpose(windows, shift)
    if how.equaliser_db:
        knots = torch.randn(songs, 1, 6, generator=dice) * how.equaliser_db
        curve = functional.interpolate(knots, size=MEL_BANDS, mode="linear", align_corners=True)
        windows = windows + curve.unsqueeze(3)
    windows = _low_pass(windows, how.low_pass, dice)
    windows = _add_noise(windows, how.noise, dice)
    return _hide(windows, how, dice)


def _transpose(windows: Tensor, semitones: Tensor) -> Tensor:
    centres = _band_centres()
    source = centres.unsqueeze(0) / 2 ** (semitones.unsqueeze(1) / 12)
    at = (_bands_of(source)).clamp(0, MEL_BANDS - 1)
    low = at.floor().long().clamp(max=MEL_BANDS - 2)
    share = (at - low)[:, None, :, None]
    pick = low[:, None, :, None].expand(-1, windows.shape[1], -1, windows.shape[3])
    return torch.lerp(windows.gather(2, pick), windows.gather(2, pick + 1), share)


def _low_pass(windows: Tensor, share: float, dice: torch.Generator) -> Tensor:
    songs = windows.shape[0]
    struck = torch.rand(songs, 1, generator=dice) < share
    cut_at = torch.randint(MEL_BANDS * 5 // 8, MEL_BANDS, (songs, 1), generator=dice)
    gone = (struck & (torch.arange(MEL_BANDS) >= cut_at))[:, None, :, None]
    return windows.masked_fill(gone, FLOOR_DB)


def _add_noise(windows: Tensor, share: float, dice: torch.Generator) -> Tensor:
    songs = windows.shape[0]
    struck = torch.rand(songs, 1, 1, 1, generator=dice) < share
    loudest = windows.amax(dim=(1, 2, 3), keepdim=True)
    below = 5 + 40 * torch.rand(songs, 1, 1, 1, generator=dice)
    pink = -10 * torch.log10(_band_centres() / _band_centres()[0])
    flicker = torch.randn(windows.shape, generator=dice) * 2
    noise = loudest - below + pink[:, None] + flicker
    # Powers add: 10 log10(10^(a/10) + 10^(b/10)) without leaving dB.
    ten = 10 / torch.log(torch.tensor(10.0))
    return torch.where(struck, torch.logaddexp(windows / ten, noise / ten) * ten, windows)


def _hide(windows: Tensor, how: Augmentation, dice: torch.Generator) -> Tensor:
    """SpecAugment (Park and others, 2019), with the song's mean as the filler."""
    songs, count, bands, columns = windows.shape
    hidden = torch.zeros(windows.shape, dtype=torch.bool)
    if how.hidden_bands:
        struck = torch.rand(songs, 1, generator=dice) < 0.5
        span = _spans(songs, bands, how.hidden_bands, dice) & struck
        hidden |= span[:, None, :, None]
    if how.hidden_columns:
        struck = torch.rand(songs * count, 1, generator=dice) < 0.3
        span = _spans(songs * count, columns, how.hidden_columns, dice) & struck
        hidden |= span.view(songs, count, 1, columns)
    seen = windows.maximum(windows.amax(dim=(1, 2, 3), keepdim=True) - RANGE_DB)
    return torch.where(hidden, seen.mean(dim=(1, 2, 3), keepdim=True), windows)


def _spans(count: int, size: int, longest: int, dice: torch.Generator) -> Tensor:
    length = torch.randint(1, longest + 1, (count, 1), generator=dice)
    start = (torch.rand(count, 1, generator=dice) * (size - length)).long()
    at = torch.arange(size)
    return (at >= start) & (at < start + length)


def _mel_of(hertz: Tensor) -> Tensor:
    curved = _MEL_BREAK + torch.log(hertz.clamp(min=1.0) / _MEL_BREAK_HZ) / _LOGARITHMIC
    return torch.where(hertz < _MEL_BREAK_HZ, hertz / _LINEAR, curved)


def _bands_of(hertz: Tensor) -> Tensor:
    """At which band, fractions allowed, a frequency lies."""
    return _mel_of(hertz) / _mel_of(torch.tensor(_TOP_HZ)) * (MEL_BANDS + 1) - 1


def _band_centres() -> Tensor:
    mel = torch.arange(1, MEL_BANDS + 1) / (MEL_BANDS + 1) * _mel_of(torch.tensor(_TOP_HZ))
    curved = _MEL_BREAK_HZ * torch.exp((mel - _MEL_BREAK) * _LOGARITHMIC)
    return torch.where(mel < _MEL_BREAK, mel * _LINEAR, curved)
