"""Which tempo people tap to: every candidate is scored by what repeats at its multiples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from ml.music.rhythm.onsets import CURVES, POINTS, SLOWEST_BPM, STEPS_AN_OCTAVE

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
