"""Which key a passage is in: tonic and mode, from its pitch classes and chords.

Spectral peaks are gathered in pitch classes, in three registers and in the song's own tuning;
chords are read from them frame by frame. What is found is turned to every tonic in turn and scored
by one rule, so that a few hundred annotated songs teach all 24 keys. The rule is fitted by
`training.music.key_training`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.harmony import THIN, surroundings, thinned

SHORTEST_SECONDS = 4.0  # less holds too few chords
QUIETEST = 1e-4  # root mean square; below, what is left is noise
KEYS = 24  # twelve major, twelve minor, each from C upwards

_FFT = 4096  # thinned samples, 0.74 s: tells semitones apart from 90 Hz upwards
_HOP = 1024  # 0.19 s
_REGISTERS = (60.0, 260.0, 700.0, 2_000.0)  # Hz: bass, middle, treble
_BACKGROUND_BINS = 61  # over which a peak's surroundings are averaged, 82 Hz
_SHARPNESS = 14.0  # of the choice between chords
_CHORDS = {"major": (0, 4, 7), "minor": (0, 3, 7), "seventh": (0, 4, 7, 10), "fifth": (0, 7)}

CHANNELS = 2 * 3 + 2 * len(_CHORDS)


def pitch_features(passage: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Gather a passage's pitch classes and chords.

    Args:
        passage: (samples,) float32 in [-1, 1], mono at 22 050 Hz; 20 to 45 s are best.

    Returns:
        (CHANNELS, 12) float32 from C upwards: two summaries of each register, then of each kind of
        chord by its root, as square roots, so that no single note decides; None where the passage
        is silent or shorter than 4 s.

    Raises:
        ValueError: if `passage` is not one-dimensional.
    """
    if passage.ndim != 1:
        raise ValueError(f"expected (samples,), got {passage.shape}")
    loudness = float(np.sqrt(np.mean(np.square(passage)))) if passage.size else 0.0
    if passage.size < SHORTEST_SECONDS * SAMPLE_RATE or loudness < QUIETEST:
        return None
    with torch.inference_mode():
        classes = _pitch_classes(torch.from_numpy(np.ascontiguousarray(passage, np.float32)))
        summed = torch.cat([_register_summaries(classes), _chord_summaries(classes)])
        return summed.clamp_min(0).sqrt().numpy()


def key_scores(features: Tensor, weights: Tensor, mode_bias: Tensor) -> Tensor:
    """Score all keys by one rule.

    Args:
        features: (songs, CHANNELS, 12).
        weights: (2, CHANNELS, 12), for major and minor, from the tonic upwards.
        mode_bias: (songs, 2) or (2,).

    Returns:
        (songs, 24) logits.
    """
    turned = torch.stack([features.roll(-tonic, dims=2) for tonic in range(12)], dim=1)
    scores = torch.einsum("stcp,mcp->smt", turned, weights) + mode_bias.reshape(-1, 2, 1)
    return scores.flatten(1)


def choose_key(likely: npt.NDArray[np.floating[Any]]) -> int:
    """Choose the key that errs least: near keys count for one another, as in MIREX's score.

    Args:
        likely: (24,) probabilities.
    """
    return int((nearness() @ likely).argmax())


@lru_cache(maxsize=1)
def nearness() -> npt.NDArray[np.float64]:
    """Give MIREX's points for each key that is said (row) where another is right (column).

    1 for the key, 0.5 for a fifth above it, 0.3 for its relative, 0.2 for its parallel, else 0.
    """
    tonic, mode = np.arange(KEYS) % 12, np.arange(KEYS) // 12
    apart, same_mode = (tonic[:, None] - tonic) % 12, mode[:, None] == mode
    relative = np.where(mode == 0, 9, 3)
    points = np.where(same_mode & (apart == 0), 1.0, 0.0)
    points += np.where(same_mode & (apart == 7), 0.5, 0.0)
    points += np.where(~same_mode & (apart == relative), 0.3, 0.0)
    points += np.where(~same_mode & (apart == 0), 0.2, 0.0)
    return points


def _pitch_classes(passage: Tensor) -> Tensor:
    """(samples,) to (3, 12, frames): the strength of each pitch class in each register."""
    spectrum = torch.stft(
        thinned(passage),
        _FFT,
        _HOP,
        window=torch.hann_window(_FFT),
        pad_mode="constant",
        return_complex=True,
    )
    # (frames, bins); as `abs`, which takes thrice as long.
    magnitudes = (spectrum.real.square() + spectrum.imag.square()).sqrt().T
    frames, bins, heights = _peaks(magnitudes)
    pitch = 12 * torch.log2(bins * (SAMPLE_RATE / THIN / _FFT) / 440.0) + 9  # 0 is C
    pitch = pitch - _tuning(pitch, heights)
    register = torch.bucketize(bins * (SAMPLE_RATE / THIN / _FFT), torch.tensor(_REGISTERS[1:-1]))
    off = pitch - pitch.round()
    strength = heights * torch.cos(torch.pi * off).square()
    place = (register * 12 + pitch.round().long() % 12) * len(magnitudes) + frames
    classes = torch.zeros(3 * 12 * len(magnitudes)).index_add_(0, place, strength)
    return classes.view(3, 12, len(magnitudes))


def _peaks(magnitudes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Find what stands out of its surroundings: frame, interpolated bin and compressed height."""
    low, high = (
        int(hertz * THIN * _FFT / SAMPLE_RATE) for hertz in (_REGISTERS[0], _REGISTERS[-1])
    )
    around = surroundings(magnitudes, _BACKGROUND_BINS)
    middle, left, right = (
        magnitudes[:, low:high],
        magnitudes[:, low - 1 : high - 1],
        magnitudes[:, low + 1 : high + 1],
    )
    heights = torch.log1p(
        (middle - 1.5 * around[:, low:high]).clamp_min(0) / (around.mean() + 1e-9)
    )
    frames, at = ((middle >= left) & (middle > right) & (heights > 0)).nonzero(as_tuple=True)
    a, b, c = (m[frames, at].clamp_min(1e-9).log() for m in (left, middle, right))
    shift = (0.5 * (a - c) / (a - 2 * b + c).clamp(max=-1e-6)).clamp(-0.5, 0.5)
    return frames, at + low + shift, heights[frames, at]


def _tuning(pitch: Tensor, heights: Tensor) -> Tensor:
    """Find how far a song is out of tune, in semitones from -0.5 to 0.5."""
    turns = torch.polar(heights, 2 * torch.pi * pitch).sum()
    return turns.angle() / (2 * torch.pi)


def _register_summaries(classes: Tensor) -> Tensor:
    """(3, 12, frames) to (6, 12): mean shares of each class, plain and of the loud ones only."""
    total = classes.sum(dim=1, keepdim=True)
    shares = classes / (total + 0.1 * total.mean(dim=2, keepdim=True) + 1e-9)
    loud = (shares - 1 / 12).clamp_min(0).sqrt()
    return torch.cat([shares.mean(dim=2), loud.mean(dim=2)]) * 3


def _chord_summaries(classes: Tensor) -> Tensor:
    """(3, 12, frames) to (8, 12): how often each chord sounds, and how often on its own bass."""
    together = classes.sum(dim=0)
    smooth = functional.avg_pool1d(together[None], 5, stride=1, padding=2)[0]
    bass = functional.avg_pool1d(classes[:1], 5, stride=1, padding=2)[0]
    bass = bass / (bass.amax(dim=0) + 1e-9)
    unit = functional.normalize(smooth.sqrt(), dim=0)
    likeness = torch.einsum("kcp,pf->kcf", _chord_templates(), unit)  # (4, 12, frames)
    likely = (_SHARPNESS * likeness).flatten(0, 1).softmax(dim=0).view_as(likeness)
    weight = together.sum(dim=0)
    weight = weight / (weight.sum() + 1e-9)
    return torch.cat([(likely * weight).sum(dim=2), (likely * bass * weight).sum(dim=2)]) * 3


@lru_cache(maxsize=1)
def _chord_templates() -> Tensor:
    """(4, 12, 12): kind, root, pitch class; of unit length, the notes' fifths sound a little."""
    templates = torch.full((len(_CHORDS), 12, 12), 0.1)
    for kind, notes in enumerate(_CHORDS.values()):
        for root in range(12):
            for note in notes:
                templates[kind, root, (root + note) % 12] = 1.0
    return functional.normalize(templates, dim=2)
