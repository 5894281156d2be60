"""How well the song model's vector finds the same song and the same soundtrack again.

    python -m benchmarks.song_vector --work DIR [--unheard GAME...]

Songs are heard in halves. Asked with each second half among all first halves: is its own nearest
(R@1)? Asked with whole songs: how many of the nearest five are of the same game (P@5), and the mean
average precision of its game. The parts are fitted without the games that are asked about.
Intervals are bootstrapped over games.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from training.music.coarse_training import load_coarse
from training.music.song_fit import COARSE
from training.music.vector_parts import SHAPES, HeardHalves, fit_parts, joined_halves, read_halves

RESAMPLES = 1_000  # of the bootstrap
NEAREST = 5

Floats = npt.NDArray[np.float32]


def figures(vectors: Floats, groups: npt.NDArray[np.str_]) -> dict[str, npt.NDArray[np.float64]]:
    """Compute R@1, P@5 and average precision of each song.

    Args:
        vectors: (songs, 2, n) of unit length.
        groups: (songs,) the game of each.
    """
    halves = vectors[:, 1] @ vectors[:, 0].T
    same_song = (halves.argmax(axis=1) == np.arange(len(halves))).astype(float)
    whole = vectors.mean(axis=1)
    whole = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    cosines = whole @ whole.T
    np.fill_diagonal(cosines, -2)
    order = np.argsort(-cosines, axis=1)[:, :-1]
    kindred = groups[order] == groups[:, None]
    ranks = np.arange(1, kindred.shape[1] + 1)
    precision = (kindred.cumsum(axis=1) / ranks * kindred).sum(axis=1) / kindred.sum(axis=1).clip(1)
    return {"R@1": same_song, "P@5": kindred[:, :NEAREST].mean(axis=1), "mAP": precision}


def interval(values: npt.NDArray[np.float64], groups: npt.NDArray[np.str_]) -> tuple[float, float]:
    """Bootstrap a mean over games."""
    dice = np.random.default_rng(0)
    of = {game: values[groups == game] for game in np.unique(groups)}
    drawn = [
        np.concatenate([of[game] for game in dice.choice(list(of), len(of))]).mean()
        for _ in range(RESAMPLES)
    ]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def measured(halves: HeardHalves, parts: Sequence[str], games: Sequence[str]) -> list[str]:
    """Fit without some games, ask about them, and return the figures as words."""
    asked = np.isin(halves.groups, games)
    shapes = {name: SHAPES[name] for name in parts}
    fit = fit_parts(halves.of(np.flatnonzero(~asked)), shapes)
    about = halves.of(np.flatnonzero(asked))
    row = []
    for values in figures(joined_halves(fit, about), about.groups).values():
        low, high = interval(values, about.groups)
        row.append(f"{values.mean():.3f} ({low:.3f} to {high:.3f})")
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_vector", description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--unheard", nargs="+", help="games asked about; every second one without")
    options = parser.parse_args(arguments)
    coarse = load_coarse(options.work / f"{COARSE}.safetensors")
    halves = read_halves(options.work / "cache" / "halves.npz", coarse)
    games = options.unheard or sorted(set(halves.groups.tolist()))[::2]
    printed = Table("vector of", "R@1 same song", "P@5 same game", "mAP same game")
    for parts in (list(SHAPES), *([name] for name in SHAPES)):
        printed.add_row(" + ".join(parts), *measured(halves, parts, games))
    Console().print(printed)
    Console().print(f"{int(np.isin(halves.groups, games).sum())} songs of {len(games)} games")


if __name__ == "__main__":
    main()
