"""How well the picture networks hear FMA's genres and labels, on blocks of ids they never saw.

    python -m benchmarks.fma_labels --data DIR --work DIR

Blocks of 500 ids are dealt to five folds, seed 0; the networks learned from four. The baseline, in
the same run, is a logistic regression on the VGGish vectors of the same songs (C 0.01,
standardised). Kindred: how many of a song's nearest ten among the held-out songs, by cosine, share
a label that is no top genre with it; once among all, once among songs of other blocks, so that an
album does not find itself. Intervals are bootstrapped over blocks.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from training.music.coarse_pictures import BLOCK, FmaSongs, read_fma
from training.music.song_fit import COARSE, STACKED, picture_answers

RESAMPLES = 200  # of the bootstrap
NEAREST = 10
STRENGTH = 0.01
# What the vector for kindred songs is made of, and how much each counts.
KINDRED = {"labels": 1.0, "vector": 0.5, "vggish": 0.5}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FmaAnswers:
    """Answers for the held-out songs, in one order.

    Attributes:
        genres: (songs, 8) scores.
        labels: (songs, labels) scores.
        vectors: (songs, n), for cosines.
    """

    genres: Floats
    labels: Floats
    vectors: Floats


def vggish_answers(
    fma: FmaSongs, learn: npt.NDArray[np.int64], held: npt.NDArray[np.int64]
) -> FmaAnswers:
    """Fit the baseline on the training blocks and answer for the held-out ones."""
    centre, scale = fma.vggish[learn].mean(axis=0), fma.vggish[learn].std(axis=0) + 1e-6
    even = (fma.vggish - centre) / scale
    genres = LogisticRegression(C=STRENGTH, max_iter=300).fit(even[learn], fma.genres[learn])
    labels = [
        LogisticRegression(C=STRENGTH, max_iter=100)
        .fit(even[learn], fma.labels[learn, column])
        .decision_function(even[held])
        for column in range(fma.labels.shape[1])
    ]
    return FmaAnswers(
        genres.decision_function(even[held]), np.stack(labels, axis=1), fma.vggish[held]
    )


def network_answers(said: Mapping[str, Floats]) -> FmaAnswers:
    """Take what networks answered; all of it, evened out, is the vector for kindred songs."""
    even = [
        (said[name] - said[name].mean(axis=0)) / (said[name].std(axis=0) + 1e-6) * share
        for name, share in KINDRED.items()
    ]
    return FmaAnswers(said["fma"], said["labels"], np.concatenate(even, axis=1))


def measures(fma: FmaSongs, held: npt.NDArray[np.int64], answers: FmaAnswers) -> dict[str, float]:
    """Compute all figures on the given songs."""
    true = fma.labels[held]
    several = [column for column in range(true.shape[1]) if 0 < true[:, column].sum() < len(true)]
    auc = [roc_auc_score(true[:, c], answers.labels[:, c]) for c in several]
    precision = [average_precision_score(true[:, c], answers.labels[:, c]) for c in several]
    return {
        "eight genres": float((answers.genres.argmax(axis=1) == fma.genres[held]).mean()),
        "ROC-AUC": float(np.mean(auc)),
        "average precision": float(np.mean(precision)),
        "kindred": kindred(fma, held, answers.vectors, albums=True),
        "in other blocks": kindred(fma, held, answers.vectors, albums=False),
    }


def kindred(fma: FmaSongs, held: npt.NDArray[np.int64], vectors: Floats, *, albums: bool) -> float:
    """Share of the nearest ten songs that have a sub-genre in common.

    Args:
        fma: all songs.
        held: those asked about, and among.
        vectors: theirs.
        albums: whether songs of the same block count too.
    """
    fine = [c for c, name in enumerate(fma.label_names) if name not in fma.genre_names]
    labels = fma.labels[held][:, fine].astype(np.float32)
    unit = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    blocks = fma.ids[held] // BLOCK
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    if not albums:
        cosines[blocks[:, None] == blocks[None]] = -2
    asked = labels.any(axis=1)
    nearest = np.argsort(-cosines[asked], axis=1)[:, :NEAREST]
    common = (labels[asked] @ labels.T) > 0
    return float(np.take_along_axis(common, nearest, axis=1).mean())


def interval(blocks: npt.NDArray[np.int64], right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Bootstrap the share of right answers over blocks."""
    dice = np.random.default_rng(0)
    of = {block: np.flatnonzero(blocks == block) for block in np.unique(blocks)}
    drawn = [
        right[np.concatenate([of[block] for block in dice.choice(list(of), len(of))])].mean()
        for _ in range(RESAMPLES)
    ]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fma_labels", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args(arguments)
    fma = read_fma(options.data / "fma_small", options.work / "cache")
    folds = fma.folds()
    learn, held = np.flatnonzero(folds != 0), np.flatnonzero(folds == 0)
    alone = {
        stem: load_file(options.work / f"{stem}-fma.safetensors") for stem in (COARSE, STACKED)
    }
    rows = {
        "logistic regression on VGGish": vggish_answers(fma, learn, held),
        "filters of a dictionary": network_answers(alone[COARSE]),
        "learned filters": network_answers(alone[STACKED]),
        "both together": network_answers(picture_answers(options.work, "fma")),
    }
    names = ("eight genres", "95 %", "ROC-AUC", "average precision", "kindred", "in other blocks")
    printed = Table("who", *names)
    for who, answers in rows.items():
        found = measures(fma, held, answers)
        right = answers.genres.argmax(axis=1) == fma.genres[held]
        low, high = interval(fma.ids[held] // BLOCK, right)
        words = {name: f"{value:.3f}" for name, value in found.items()}
        words["95 %"] = f"{low:.3f} to {high:.3f}"
        printed.add_row(who, *(words[name] for name in names))
    Console().print(printed)
    Console().print(f"{len(held)} songs of held-out blocks, {fma.labels.shape[1]} labels")


if __name__ == "__main__":
    main()
