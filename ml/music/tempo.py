"""Tempo: onset strength, its tempogram, and which tempo people tap to.

A hundred frames a second; every candidate is scored by what repeats at its multiples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.harmony import THIN, thinned

HOP_SAMPLES = 220  # 10 ms
FRAME_RATE = SAMPLE_RATE / HOP_SAMPLES  # Hz, about 100

# Drums: short windows, the whole range.
_DRUM_FFT = 512  # 23 ms
_DRUM_BANDS = 40  # Slaney's mel scale, 60 Hz to 11 025 Hz
_DRUM_EDGES = (0, 5, 12, 20, 30, 40)  # where the five groups of bands begin and end
_KICK_BINS = slice(1, 4)  # 43 to 129 Hz

# Pitches: long windows over the sound below 2.3 kHz, for music without drums.
_PITCH_FFT = 512  # 93 ms
_PITCH_HOP = 2 * HOP_SAMPLES // THIN  # 20 ms
_PITCH_BINS = slice(6, 200)  # 65 Hz to 2.15 kHz
_PITCH_EDGES = (0, 30, 90, 194)
_BEFORE_AFTER = 6  # pitch frames compared on both sides of a change, 120 ms

CURVES = 10  # five groups of drum bands, their mean, three of pitches, change of harmony


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """Onset strengths of one passage, all at `FRAME_RATE`.

    Attributes:
        curves: (10, frames) float32, from 0: five groups of bands from low to high, their
            mean, three groups of pitches from low to high, change of harmony.
        kit: (3, frames) float32, from 0: where kicks, snares and hats are heard best.
    """

    curves: Tensor
    kit: Tensor


def onset_strength(passage: Tensor) -> Onsets:
    """Hear where things begin.

    The growth of a logarithmic spectrum over 20 ms, as the spectral flux with a maximum filter
    of Böck and Widmer (2013) that forgives vibrato.

    Args:
        passage: (samples,) float32 mono at 22 050 Hz, at least one FFT (512 samples) long.
    """
    drums = _magnitudes(passage, _DRUM_FFT, HOP_SAMPLES)
    kick = _growth(_compress(drums[_KICK_BINS]), lag=2).mean(dim=0)
    bands = _growth(_compress(_mel() @ drums), lag=2)
    groups = _group(bands, _DRUM_EDGES)
    pitches = _pitch_curves(passage)
    pitches = functional.interpolate(pitches[None], size=groups.shape[1], mode="linear")[0]
    curves = torch.cat([groups, groups.mean(dim=0, keepdim=True), pitches])
    return Onsets(curves, torch.stack([kick, groups[1:3].mean(dim=0), groups[4]]))


def _pitch_curves(passage: Tensor) -> Tensor:
    """(samples,) to (4, frames of 20 ms): growth in three ranges, change of harmony."""
    partials = _magnitudes(thinned(passage), _PITCH_FFT, _PITCH_HOP)[_PITCH_BINS]
    # Half of the reference is the moment's own loudness, so that quiet passages count too.
    here = partials.mean(dim=0, keepdim=True)
    partials = torch.log1p(20 * partials / (here + here.mean() + 1e-8))
    growth = _group(_growth(partials, lag=3), _PITCH_EDGES)
    return torch.cat([growth, _change_of_harmony(partials)])


def _change_of_harmony(partials: Tensor) -> Tensor:
    """(bins, frames) to (1, frames): cosine distance between what was and what comes."""
    width = _BEFORE_AFTER
    total = functional.pad(partials.cumsum(dim=1), (1, 0))
    smooth = functional.normalize(total[:, width:] - total[:, :-width], dim=0)
    change = 1 - (smooth[:, :-width] * smooth[:, width:]).sum(dim=0)
    return functional.pad(change, (width - 1, width))[None]


def _magnitudes(wave: Tensor, fft: int, hop: int) -> Tensor:
    window = torch.hann_window(fft)
    spectrum = torch.stft(wave, fft, hop, window=window, pad_mode="constant", return_complex=True)
    squares = torch.view_as_real(spectrum).square()  # half the time of abs()
    return (squares[..., 0] + squares[..., 1]).sqrt()  # (fft // 2 + 1, frames)


def _compress(bands: Tensor) -> Tensor:
    return torch.log1p(10 * bands / (bands.mean() + 1e-8))


def _growth(bands: Tensor, lag: int) -> Tensor:
    """How far each band rises above itself and its neighbours `lag` frames ago."""
    before = functional.max_pool1d(bands.T[None], 3, stride=1, padding=1)[0].T
    rise = (bands[:, lag:] - before[:, :-lag]).clamp_min(0)
    return functional.pad(rise, (lag // 2, lag - lag // 2))


def _group(bands: Tensor, edges: tuple[int, ...]) -> Tensor:
    groups = [bands[low:high].mean(dim=0) for low, high in pairwise(edges)]
    return torch.stack(groups)


@lru_cache(maxsize=1)
def _mel() -> Tensor:
    banks: Tensor = melscale_fbanks(
        _DRUM_FFT // 2 + 1, 60.0, SAMPLE_RATE / 2, _DRUM_BANDS, SAMPLE_RATE, "slaney", "slaney"
    )
    return banks.T.contiguous()  # (bands, bins)


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


WEIGHTS = Path(__file__).with_name("tempo.safetensors")

JURORS = 3
FIRST = 2 * STEPS_AN_OCTAVE  # the slowest candidate, 30 BPM
CANDIDATES = int(3.6 * STEPS_AN_OCTAVE)  # up to 364 BPM
_NEARBY = 2  # candidates on each side that count as the same tempo, 2.3 %
_RATIOS = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4, 6, 8)
_PRIOR_BUMPS = 12


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo and how sure it is.

    Attributes:
        bpm: beats a minute, 30 to 364.
        confidence: probability 0..1 of this tempo within 2.3 %, as the scorer sees it.
    """

    bpm: float
    confidence: float


class TempoScorer(nn.Module):
    """Scores the candidates of a tempogram, all by the same rule.

    A convolution reads the shape of each peak; then one small perceptron sees, for every
    candidate, the tempogram at its half, its double, its triplets and so on. Because the rule is
    the same at every tempo, a few hundred songs teach it. What is left of absolute tempo is a
    smooth prior: people tap between 50 and 200.
    """

    _bumps: Tensor

    def __init__(self, width: int = 24, dropout: float = 0.3) -> None:
        super().__init__()
        self.peaks = nn.Conv1d(2 * CURVES, width // 2, 5, padding=2)
        self.relations = nn.Conv1d(width // 2 * len(_RATIOS), width, 1)
        self.score = nn.Conv1d(width, 1, 1)
        self.prior = nn.Parameter(torch.zeros(_PRIOR_BUMPS))
        self.dropout = nn.Dropout1d(dropout)
        self.register_buffer("_bumps", _bumps(), persistent=False)

    def forward(self, tempograms: Tensor) -> Tensor:
        """Score every candidate.

        Args:
            tempograms: (batch, 20, 421).

        Returns:
            (batch, 216) log probabilities over `candidate_bpm()`.
        """
        if tempograms.shape[1:] != (2 * CURVES, POINTS):
            raise ValueError(f"expected (batch, 20, 421), got {tuple(tempograms.shape)}")
        peaks = functional.relu(self.peaks(tempograms))
        margin = 3 * STEPS_AN_OCTAVE  # an eighth and the eightfold reach three octaves
        peaks = functional.pad(peaks, (margin, margin))
        starts = [FIRST + margin + _steps(ratio) for ratio in _RATIOS]
        related = torch.cat([peaks[..., at : at + CANDIDATES] for at in starts], dim=1)
        hidden = functional.relu(self.relations(self.dropout(related)))
        scores = self.score(self.dropout(hidden))[:, 0] + self.prior @ self._bumps
        return functional.log_softmax(scores, dim=1)


def candidate_bpm() -> Tensor:
    """Tempos that are scored, rising: (216,) float32."""
    places = torch.arange(FIRST, FIRST + CANDIDATES)
    return SLOWEST_BPM * 2.0 ** (places / STEPS_AN_OCTAVE)


def pick_tempo(log_probabilities: Tensor) -> Tempo:
    """Take the likeliest tempo, finer than the candidates are spaced.

    Args:
        log_probabilities: (216,) over `candidate_bpm()`.
    """
    chances = log_probabilities.exp()
    around = chances.unfold(0, 2 * _NEARBY + 1, 1)
    best = int(around.sum(dim=1).argmax())
    weights = around[best]
    octaves = candidate_bpm()[best : best + weights.numel()].log2()
    bpm = 2.0 ** float((octaves * weights).sum() / weights.sum())
    return Tempo(bpm, float(weights.sum()))


class TempoJury(nn.Module):
    """Several scorers that learned from different beginnings; their mean errs less than each."""

    def __init__(self, scorers: int = JURORS) -> None:
        super().__init__()
        self.scorers = nn.ModuleList(TempoScorer() for _ in range(scorers))

    def forward(self, tempograms: Tensor) -> Tensor:
        """Score like a `TempoScorer`: (batch, 20, 421) to (batch, 216) log probabilities."""
        votes = torch.stack([scorer(tempograms) for scorer in self.scorers])
        return votes.mean(dim=0).log_softmax(dim=1)


def listen_for_tempo(tempogram: Tensor) -> Tempo:
    """Tell the tempo of one tempogram, (20, 421), with the weights that are shipped."""
    with torch.inference_mode():
        return pick_tempo(_jury()(tempogram[None])[0])


@lru_cache(maxsize=1)
def _jury() -> TempoJury:
    jury = TempoJury()
    jury.load_state_dict(load_file(WEIGHTS))
    return jury.eval()


def _steps(ratio: float) -> int:
    return round(STEPS_AN_OCTAVE * float(torch.tensor(ratio).log2()))


def _bumps() -> Tensor:
    """(12, 216): overlapping bells over the candidates, for a prior that cannot be jagged."""
    centres = torch.linspace(0, 1, _PRIOR_BUMPS)[:, None]
    places = torch.linspace(0, 1, CANDIDATES)[None]
    return torch.exp(-(((places - centres) * _PRIOR_BUMPS) ** 2) / 1.5)
