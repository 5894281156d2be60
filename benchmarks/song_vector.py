"""How well the music model's vector finds the same song and the same soundtrack again.

    python -m benchmarks.song_vector --work DIR [--songs DIR... --environment DIR --cache DIR]

Songs are heard in halves (`training.music.song_halves`). Asked with one half of a song, is its
other half the nearest of all songs' (R@1)? Asked with whole songs of games that have five others:
how many of the nearest five are of the same game (P@5), and the mean average precision. Games are
asked about by parts that were fitted on every second other game, all games take part as answers.
With `--environment` (see `benchmarks.peers`) bliss and musly are asked the same of the same sounds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.peers import similarities
from benchmarks.retrieval import Answers, Matrix, figures
from benchmarks.sounds import Song, write_wav
from training.music.coarse_training import load_coarse
from training.music.song_fit import COARSE, STACKED
from training.music.song_halves import halves_of
from training.music.stacked_training import load_stacked
from training.music.tagger_features import sounds_in
from training.music.vector_parts import SHAPES, HeardHalves, fit_parts, joined_halves, read_halves

PEERS = ("bliss", "musly")


def asked_in_turn(halves: HeardHalves) -> list[np.ndarray]:
    """Deal the games to two turns: songs that are asked about in each."""
    games = np.unique(halves.groups)
    return [np.flatnonzero(np.isin(halves.groups, games[turn::2])) for turn in (0, 1)]


def ours(halves: HeardHalves, parts: Sequence[str]) -> list[Answers]:
    """Fit without the games of each turn, and ask about them."""
    shapes = {name: SHAPES[name] for name in parts}
    answers = []
    for asked in asked_in_turn(halves):
        others = np.setdiff1d(np.arange(len(halves.names)), asked)
        vectors = joined_halves(fit_parts(halves.of(others), shapes), halves)
        both = np.concatenate([vectors[:, 0], vectors[:, 1]])
        answers.append(Answers(both @ both.T, asked.astype(np.intp), {}))
    return answers


def theirs(peer: str, halves: HeardHalves, options: argparse.Namespace) -> list[Answers]:
    """Ask a peer about the same halves."""
    files = half_files(halves, options.songs, options.cache)
    among: Matrix = similarities(peer, files, options)
    return [Answers(among, asked.astype(np.intp), {}) for asked in asked_in_turn(halves)]


def half_files(halves: HeardHalves, folders: Sequence[Path], cache: Path) -> list[Path]:
    """Write the halves that were heard where they are not there: first ones, then second ones."""
    places = {(file.parent.name, file.stem): file for file in sounds_in(folders)}
    written: list[list[Path]] = [[], []]
    for group, name in zip(halves.groups.tolist(), halves.names, strict=True):
        wanted = [cache / f"{group}.{name}.{half}.wav" for half in (0, 1)]
        if not all(file.exists() for file in wanted):
            for half, file in zip(halves_of(places[group, name]), wanted, strict=True):
                write_wav(half, file)
        for files, file in zip(written, wanted, strict=True):
            files.append(file)
    return [*written[0], *written[1]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_vector", description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="for the peers")
    parser.add_argument("--environment", type=Path, help="of the peers")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    coarse = load_coarse(options.work / f"{COARSE}.safetensors")
    stacked = load_stacked(options.work / f"{STACKED}.safetensors")
    halves = read_halves(options.work / "cache" / "halves.npz", coarse, stacked)
    songs = [
        Song(Path(name), group)
        for name, group in zip(halves.names, halves.groups.tolist(), strict=True)
    ]
    rows = {
        " + ".join(parts): ours(halves, parts) for parts in (list(SHAPES), *([p] for p in SHAPES))
    }
    if options.environment:
        options.cache.mkdir(parents=True, exist_ok=True)
        rows |= {peer: theirs(peer, halves, options) for peer in PEERS}
    printed = Table(
        "vector of", *(columns := figures(next(iter(rows.values())), songs, cosines=False))
    )
    for name, answers in rows.items():
        found = figures(answers, songs, cosines=False)
        printed.add_row(name, *(str(found[column]) for column in columns))
    Console().print(printed)
    Console().print(f"{len(songs)} songs of {len(set(halves.groups.tolist()))} games")


if __name__ == "__main__":
    main()
