"""Fits, after training, what turns a network's answers into honest ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

VECTOR = 128  # numbers in a whitened vector, at most
_SHRINK = 0.3  # of the whitening towards plain scaling: rare directions are mostly noise


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutAnswers:
    """What a model said of clips that it was not trained on.

    Attributes:
        logits: (clips, 10).
        genres: (clips,) the right indices; negative for songs of none of the ten.
    """

    logits: Tensor
    genres: Tensor


def fit_temperature(answers: HeldOutAnswers) -> float:
    """Find the temperature under which the answers' probabilities are right on average."""
    known = answers.genres >= 0
    logits, genres = answers.logits[known], answers.genres[known]
    warmth = torch.exp(torch.linspace(-2.0, 2.0, 401))
    losses = [functional.cross_entropy(logits / float(t), genres) for t in warmth]
    return float(warmth[int(torch.stack(losses).argmin())])


def fit_sure(answers: HeldOutAnswers, temperature: float, wrong: float = 0.1) -> float:
    """Find the least probability at which a named genre is wrong at most `wrong` of the time.

    Never more than half: a genre more likely than all others together is named.
    """
    known = answers.genres >= 0
    shares, guesses = (answers.logits[known] / temperature).softmax(dim=1).max(dim=1)
    order = shares.argsort(descending=True)
    right = (guesses == answers.genres[known])[order].float()
    mistakes = 1 - right.cumsum(0) / torch.arange(1, len(right) + 1)
    kept = (mistakes <= wrong).nonzero()
    least = float(shares[order][int(kept[-1])]) if len(kept) else 0.5
    return min(0.5, max(0.2, least))


def whiten(vectors: Tensor, size: int = VECTOR) -> tuple[Tensor, Tensor]:
    """Fit PCA-whitening, so that unrelated songs point in unrelated directions.

    Args:
        vectors: (songs, n) of a corpus.
        size: numbers to keep.

    Returns:
        The centre (n,) and the whitening (n, at most `size`).
    """
    centre = vectors.mean(dim=0)
    _, spread, axes = torch.linalg.svd(vectors - centre, full_matrices=False)
    keep = min(size, len(spread) - 1, vectors.shape[1])
    variance = spread.square() / max(1, len(vectors) - 1)
    shrunk = (1 - _SHRINK) * variance[:keep] + _SHRINK * variance[:keep].mean()
    return centre, (axes[:keep].T / shrunk.sqrt()).contiguous()


def calibration_error(shares: Tensor, genres: Tensor, bins: int = 10) -> float:
    """Expected calibration error of the most likely genre.

    Args:
        shares: (songs, genres) probabilities.
        genres: (songs,) the right indices.
        bins: equal parts of [0, 1].

    Returns:
        The mean distance between confidence and accuracy, bins weighted by their songs.
    """
    confidence, guesses = shares.max(dim=1)
    right = (guesses == genres).float()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gaps = [
        (confidence[bin_of == at].mean() - right[bin_of == at].mean()).abs() * (bin_of == at).sum()
        for at in bin_of.unique()
    ]
    return float(torch.stack(gaps).sum() / len(genres))


def fit_likeness(same: Tensor, unrelated: Tensor) -> tuple[float, float]:
    """Fit how a cosine becomes the probability that two excerpts are of one song.

    Args:
        same: cosines of pairs of one song.
        unrelated: cosines of pairs of two; both kinds count as equally likely beforehand.

    Returns:
        Slope and offset of the log odds.
    """
    line = torch.tensor([10.0, -4.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        yes = functional.softplus(-(line[0] * same + line[1])).mean()
        no = functional.softplus(line[0] * unrelated + line[1]).mean()
        (yes + no).backward()
        return yes + no

    optimiser.step(loss)
    slope, offset = line.detach().tolist()
    return slope, offset


def macro_f1(answers: HeldOutAnswers) -> float:
    """Mean over the genres that occur of each one's F1."""
    guesses = answers.logits.argmax(dim=1)
    scores = []
    for genre in answers.genres.unique():
        said, is_so = guesses == genre, answers.genres == genre
        scores.append(2 * (said & is_so).sum() / (said.sum() + is_so.sum()))
    return float(torch.stack(scores).mean())
