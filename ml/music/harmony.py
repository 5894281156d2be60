"""Harmony: which pitches sound together and how they follow one another, in no particular key.

A chord is a sum of arrows on six circles: the Fourier transform of its twelve pitch classes
(Lewin; Quinn, 2006; Amiot, 2016). Their lengths tell fifths from clusters and triads from whole
tones; transposing only turns the arrows. So lengths, angles between neighbouring moments and
angles between bass and treble describe harmony in a way that no change of key can alter.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.excerpts import SAMPLE_RATE

SHORTEST_SECONDS = 4.0  # less holds too few chords
QUIETEST = 1e-4  # root mean square; below, what is left is noise

THIN = 4  # every fourth sample is kept: what lies above 2.3 kHz repeats the partials below
_FFT = 2048  # thinned samples, 0.37 s: tells semitones apart from 90 Hz upwards
_HOP = 512  # 93 ms
_REGISTERS = ((90.0, 250.0), (250.0, 1_500.0))  # Hz: bass, treble
_EDGE = 0.25  # octaves over which a register fades, so that no semitone falls out of it at once
_PITCH_CLASSES = 12
_CIRCLES = 6  # the others mirror these
_BACKGROUND_BINS = 41  # over which a bin's surroundings are averaged, 110 Hz
_LAGS = (2, 5, 11, 21)  # frames between the moments compared: 0.2, 0.5, 1 and 2 s

HARMONY_SIZE = 2 * _CIRCLES * (3 + 2 * len(_LAGS)) + 2 * _CIRCLES


def harmony(passage: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Describe the harmony of a passage.

    Args:
        passage: (samples,) float32 in [-1, 1], mono at 22 050 Hz; 20 to 45 s are best.

    Returns:
        (144,) float32 in -1..1, alike for a passage and its transposition; zeros where it is
        silent or shorter than 4 s. For bass and treble each, on each circle: the mean length of
        the arrows (6), its spread (6), the length of their mean (6), and how far they turn
        within each lag (cosine and sine, 12 a lag); then how treble stands to bass (12).

    Raises:
        ValueError: if `passage` is not one-dimensional.
    """
    if passage.ndim != 1:
        raise ValueError(f"expected (samples,), got {passage.shape}")
    loudness = float(np.sqrt(np.mean(np.square(passage)))) if passage.size else 0.0
    if passage.size < SHORTEST_SECONDS * SAMPLE_RATE or loudness < QUIETEST:
        return np.zeros(HARMONY_SIZE, np.float32)
    with torch.inference_mode():
        arrows = _arrows(torch.from_numpy(np.ascontiguousarray(passage, np.float32)))
        return _statistics(arrows).numpy()


def _arrows(passage: Tensor) -> Tensor:
    """(samples,) to (2, 6, frames) complex, at most of length 1: bass and treble on each circle."""
    spectrum = torch.stft(
        thinned(passage), _FFT, _HOP, window=_window(), pad_mode="constant", return_complex=True
    )
    power = spectrum.real.square() + spectrum.imag.square()
    classes = _classes() @ _tones(power.sqrt())  # (24, frames)
    classes = classes.unflatten(0, (len(_REGISTERS), _PITCH_CLASSES))
    # What is faint beside the whole passage is no chord.
    floor = 0.05 * classes.sum(dim=1, keepdim=True).mean(dim=2, keepdim=True)
    shares = classes / (classes.sum(dim=1, keepdim=True) + floor + 1e-9)
    return torch.einsum("kp,rpt->rkt", _circles(), shares.to(torch.complex64))


def thinned(passage: Tensor) -> Tensor:
    """Keep every fourth of (samples,) at 22 050 Hz, and what lies below 2.3 kHz."""
    kernel = _low_pass()
    count = (len(passage) - kernel.numel()) // THIN + 1
    rows = passage[: THIN * (count + len(kernel) - 1)].view(-1, THIN)
    # The taps of one output lie on a diagonal of these products: a quarter of a convolution's time.
    products = kernel @ rows.T
    taps = products.as_strided((len(kernel), count), (products.stride(0) + 1, 1))
    return taps.sum(dim=0)


def surroundings(rows: Tensor, bins: int) -> Tensor:
    """Average (frames, n) over an odd number of neighbouring bins; beyond the ends lies nothing."""
    half = bins // 2
    sums = functional.pad(rows.double(), (half + 1, half)).cumsum(dim=1)
    averages: Tensor = ((sums[:, bins:] - sums[:, :-bins]) / bins).to(rows.dtype)
    return averages


def _tones(magnitudes: Tensor) -> Tensor:
    """Keep what stands out of its surroundings: tones, and neither drums nor noise."""
    rows = magnitudes.T
    around = surroundings(rows, _BACKGROUND_BINS)
    return torch.log1p((rows - 1.5 * around).clamp_min(0) / (around.mean() + 1e-9)).T


def _statistics(arrows: Tensor) -> Tensor:
    lengths = arrows.abs()
    power = lengths.square().mean(dim=2) + 1e-6
    values = [lengths.mean(dim=2), lengths.std(dim=2), arrows.mean(dim=2).abs()]
    for lag in _LAGS:
        turn = (arrows[..., lag:] * arrows[..., :-lag].conj()).mean(dim=2) / power
        values += [turn.real, turn.imag]
    bass, treble = arrows
    between = (treble * bass.conj()).mean(dim=1) / power.prod(dim=0).sqrt()
    values += [between.real, between.imag]
    return torch.cat([value.flatten() for value in values]).clamp(-1, 1)


@lru_cache(maxsize=1)
def _circles() -> Tensor:
    """(6, 12): where each pitch class points on each circle."""
    turns = torch.outer(torch.arange(1, _CIRCLES + 1), torch.arange(_PITCH_CLASSES))
    return torch.exp(-2j * torch.pi * turns / _PITCH_CLASSES)


@lru_cache(maxsize=1)
def _classes() -> Tensor:
    """(24, bins): how much of each bin counts for each pitch class, of bass and of treble."""
    hertz = torch.arange(_FFT // 2 + 1) * SAMPLE_RATE / THIN / _FFT
    pitch = 12 * torch.log2(hertz.clamp(min=1.0) / 440.0)
    apart = (pitch - torch.arange(_PITCH_CLASSES)[:, None] + 6) % 12 - 6
    near = torch.exp(-0.5 * (apart / 0.35).square())  # songs a little out of tune count too
    octave = hertz.clamp(min=1.0).log2()
    registers = []
    for low, high in _REGISTERS:
        inside = (octave - math.log2(low)).minimum(math.log2(high) - octave)
        registers.append((inside / _EDGE).sigmoid() * near)
    return torch.cat(registers)


@lru_cache(maxsize=1)
def _window() -> Tensor:
    return torch.hann_window(_FFT)


@lru_cache(maxsize=1)
def _low_pass() -> Tensor:
    """A windowed sinc that ends at 2.3 kHz: 48 taps as (12, 4), in the order of samples."""
    t = torch.arange(12 * THIN) - 23.5
    kernel = torch.sinc(2 * 2300 / SAMPLE_RATE * t) * torch.hamming_window(len(t), periodic=False)
    return (kernel / kernel.sum()).view(-1, THIN)
