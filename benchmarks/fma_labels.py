"""How well the coarse network hears FMA's genres and labels, on blocks of ids that it never saw.

    python -m benchmarks.fma_labels --data DIR --work DIR

Blocks of 500 ids are dealt to five folds, seed 0; the network learned from four. The baseline, in
the same run, is a logistic regression on the VGGish vectors of the same songs (C 0.01,
standardised). Kindred: how many of a song's nearest ten, by cosine and among the held-out songs of
other blocks, share a label that is no top genre with it. Intervals are bootstrapped over blocks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
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

RESAMPLES = 200  # of the bootstrap
NEAREST = 10
STRENGTH = 0.01

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


def network_answers(file: Path) -> FmaAnswers:
    """Read what the network answered; its labels, evened out, are the vector for kindred songs."""
    said = load_file(file)
    even = (said["labels"] - said["labels"].mean(axis=0)) / said["labels"].std(axis=0)
    return FmaAnswers(said["fma"], said["labels"], even)


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
        "kindred": kindred(fma, held, answers.vectors),
    }


def kindred(fma: FmaSongs, held: npt.NDArray[np.int64], vectors: Floats) -> float:
    """Share of the nearest ten songs of other blocks that have a sub-genre in common."""
    fine = [c for c, name in enumerate(fma.label_names) if name not in fma.genre_names]
    labels = fma.labels[held][:, fine].astype(np.float32)
    unit = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    blocks = fma.ids[held] // BLOCK
    cosines = unit @ unit.T
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
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    fma = read_fma(options.data / "fma_small", options.work / "cache")
    folds = fma.folds()
    learn, held = np.flatnonzero(folds != options.fold), np.flatnonzero(folds == options.fold)
    file = options.work / f"coarse-{options.fold}-{options.seed}-fma.safetensors"
    rows = {
        "logistic regression on VGGish": vggish_answers(fma, learn, held),
        "coarse network, pictures alone": network_answers(file),
    }
    printed = Table("who", "eight genres", "95 %", "ROC-AUC", "average precision", "kindred")
    for name, answers in rows.items():
        found = measures(fma, held, answers)
        right = answers.genres.argmax(axis=1) == fma.genres[held]
        low, high = interval(fma.ids[held] // BLOCK, right)
        printed.add_row(
            name,
            f"{found['eight genres']:.3f}",
            f"{low:.3f} to {high:.3f}",
            f"{found['ROC-AUC']:.3f}",
            f"{found['average precision']:.3f}",
            f"{found['kindred']:.3f}",
        )
    Console().print(printed)
    Console().print(f"{len(held)} songs of held-out blocks, {fma.labels.shape[1]} labels")


if __name__ == "__main__":
    main()
