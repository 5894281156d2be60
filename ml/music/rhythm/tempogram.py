"""How strongly the onsets of a passage repeat at every tempo."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from ml.music.rhythm.onsets import FRAME_RATE

SLOWEST_BPM = 7.5  # a bar of four beats at 30 BPM
STEPS_AN_OCTAVE = 60  # 1.2 % each
OCTAVES = 7  # up to 960 BPM: sixteenths at 240
POINTS = OCTAVES * STEPS_AN_OCTAVE + 1

_WINDOW_FRAMES = int(12 * FRAME_RATE)  # short enough for a tempo that drifts
_WINDOW_HOP = _WINDOW_FRAMES // 4
_LONGEST_LAG = int(0.8 * _WINDOW_FRAMES)  # beyond, too little overlaps
_FFT = 4096
_MEAN_FRAMES = 51  # 0.5 s, the level against which an onset stands out


def tempo_axis() -> Tensor:
    """Tempos of the tempogram's points in BPM, rising: (421,) float32."""
    return SLOWEST_BPM * 2.0 ** (torch.arange(POINTS) / STEPS_AN_OCTAVE)


def tempogram(curves: Tensor) -> Tensor:
    """Measure periodicity on a logarithmic axis of tempo.

    The spectrum answers a tempo's multiples, the autocorrelation its fractions (Peeters, 2007);
    together they tell a beat from its double and its half.

    Args:
        curves: (channels, frames) onset strength at `FRAME_RATE`.

    Returns:
        (2 * channels, 421) float32 over `tempo_axis()`: spectral magnitudes, scaled to a
        standard deviation of 1 over all channels, then autocorrelations in [-4, 4].
    """
    windows = _windows(_standing_out(curves))  # (channels, windows, frames)
    squares = torch.view_as_real(torch.fft.rfft(windows, _FFT)).square()
    spectrum = squares[..., 0] + squares[..., 1]
    lags = torch.fft.irfft(spectrum)[..., : _FFT // 2]
    lags = (lags / (lags[..., :1] + 1e-8)).mean(dim=1)
    magnitudes = _read(spectrum.sqrt().mean(dim=1), _frequencies())
    correlations = _read(lags, _lags()) * (_lags() <= _LONGEST_LAG)
    return torch.cat([magnitudes / (magnitudes.std() + 1e-8), 4 * correlations])


def _standing_out(curves: Tensor) -> Tensor:
    half = _MEAN_FRAMES // 2
    padded = functional.pad(curves[None], (half, half), mode="replicate")
    centred = curves - functional.avg_pool1d(padded, _MEAN_FRAMES, stride=1)[0]
    return centred / (centred.std(dim=1, keepdim=True) + 1e-6)


def _windows(curves: Tensor) -> Tensor:
    missing = _WINDOW_FRAMES - curves.shape[1]
    if missing > 0:
        curves = functional.pad(curves, (0, missing))
    return curves.unfold(1, _WINDOW_FRAMES, _WINDOW_HOP) * torch.hann_window(_WINDOW_FRAMES)


def _read(rows: Tensor, places: Tensor) -> Tensor:
    """Interpolate (channels, bins) at fractional bins."""
    places = places.clamp(0, rows.shape[1] - 2)
    low = places.long()
    share = places - low
    return rows[:, low] * (1 - share) + rows[:, low + 1] * share


@lru_cache(maxsize=1)
def _frequencies() -> Tensor:
    return tempo_axis() / 60 / FRAME_RATE * _FFT


@lru_cache(maxsize=1)
def _lags() -> Tensor:
    return 60 * FRAME_RATE / tempo_axis()
