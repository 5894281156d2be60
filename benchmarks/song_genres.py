"""How well the music model hears the ten genres, on artists that it did not learn from.

    python -m benchmarks.song_genres --data DIR --work DIR

Five folds by artist over GTZAN's train and valid, seed 0. `--work` is where `training.music` has
put what the taggers and the picture networks heard; neither has ever learned from GTZAN. Intervals
are bootstrapped over artists, each drawn with all of its songs, within its genre.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import f1_score

from ml.music.heads import Floats, sigmoid, softmax
from ml.music.taxonomy import TEN_GENRES
from training.music.song_fit import GENRES, genre_table
from training.music.song_table import TAGGED, SongTable, fit_linear
from training.music.song_training import (
    GenreRecipe,
    calibration_error,
    fit_platt,
    fit_scale,
    fold_heads,
    genre_tags,
    held_out,
    out_of_fold,
)

SHOWN = 0.5  # least probability of a tag that is shown
ROWS = {
    "MSD alone": GenreRecipe(readers=(("msd", 1.0, 0.8),)),
    "MTT alone": GenreRecipe(readers=(("mtt", 1.0, 0.8),)),
    "picture networks alone": GenreRecipe(readers=(("pictures", 1.0, 0.3),)),
    "MSD and MTT": GenreRecipe(readers=(("tagged", 1.0, 0.8),)),
    "MSD, MTT and pictures": GenreRecipe(readers=(("taggers", 1.0, 0.75), ("pictures", 0.2, 0.6))),
    "MSD and MTT with their pools": GENRES,
}

# How much a named song and a twin count; a twin is the sound rebuilt of a song of which there is a
# clip (`training.music.rebuild --of heard`).
COUNTS = ((0, 0), (0.1, 0), (0.25, 0), (0.5, 0), (0, 0.1), (0, 0.25), (0.25, 0.25), (0.25, 1))
RESAMPLES = 1_000  # of the bootstrap


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_genres", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args(arguments)
    everything = genre_table(options.data, options.work, {"named": 1.0, "twins": 1.0})
    table = counting(everything, *COUNTS[0])
    printed = Table("what reads", "accuracy", "macro F1", "95 %", "clips", "rebuilt", "songs")
    for name, recipe in ROWS.items():
        printed.add_row(name, *row_of(table, out_of_fold(table, recipe)))
    only = clips_only(table)
    printed.add_row(
        "MSD and MTT, clips alone", *row_of(only, out_of_fold(only, ROWS["MSD and MTT"]))
    )
    printed.add_row("MSD and MTT by logistic regression (probe)", *row_of(table, regression(table)))
    ships = genre_table(options.data, options.work)
    logits = out_of_fold(ships, GENRES)
    printed.add_row("the same, learned from twins and copies (ships)", *row_of(ships, logits))
    Console().print(printed)
    if everything.others is not None:
        Console().print(beside(everything))
    Console().print(calibration_of(table, logits))
    Console().print(calibration_of_tags(table))
    Console().print(by_genre(table, logits))


def counting(table: SongTable, named: float, twins: float) -> SongTable:
    """Let a table's other sounds count so much; those that count nothing are left out."""
    if (others := table.others) is None:
        return table
    counts = np.where(table.songs.folds[others.rows] < 0, named, twins)
    return replace(table, others=replace(others, counts=counts).of(counts > 0))


def beside(everything: SongTable) -> Table:
    """List what is gained by learning from named songs and twins too, by the recipe that ships."""
    others, rows = everything.others, everything.gtzan()
    assert others is not None  # the caller asked
    folds = everything.songs.folds
    twins = others.of(folds[others.rows] >= 0)
    labels, clips = everything.songs.labels[rows], everything.songs.has_audio[rows]
    printed = Table(
        "named", "twins", "accuracy", "macro F1", "clips", "clips, evenly", "rebuilt", "twins right"
    )
    for named, twin in COUNTS:
        heads = fold_heads(counting(everything, named, twin), GENRES)
        guesses = held_out(heads, everything.features[rows], folds[rows]).argmax(axis=1)
        right = guesses == labels
        evenly = [right[clips & (labels == genre)].mean() for genre in np.unique(labels[clips])]
        heard = held_out(heads, twins.features, folds[twins.rows]).argmax(axis=1)
        figures = (
            right.mean(),
            macro_f1(guesses, labels),
            right[clips].mean(),
            np.mean(evenly),
            right[~clips].mean(),
            (heard == everything.songs.labels[twins.rows]).mean(),
        )
        printed.add_row(f"{named:g}", f"{twin:g}", *(f"{figure:.3f}" for figure in figures))
    return printed


def row_of(table: SongTable, logits: Floats) -> list[str]:
    """Return the figures of one row as words."""
    rows = table.gtzan()
    guesses, true = logits.argmax(axis=1), table.songs.labels[rows]
    artists = np.array([table.songs.artists[row] for row in rows])
    low, high = interval(guesses, true, artists)
    right, clips = guesses == true, table.songs.has_audio[rows]
    return [
        f"{right.mean():.3f}",
        f"{macro_f1(guesses, true):.3f}",
        f"{low:.3f} to {high:.3f}",
        f"{right[clips].mean():.3f}",
        f"{right[~clips].mean():.3f}" if (~clips).any() else "–",
        str(len(rows)),
    ]


def regression(table: SongTable) -> Floats:
    """Answer as a plain logistic regression on both taggers does, the README's probe."""
    rows = table.gtzan()
    folds, labels = table.songs.folds[rows], table.songs.labels
    features = table.features[:, :TAGGED]
    logits = np.zeros((len(rows), len(TEN_GENRES)), np.float32)
    for fold in np.unique(folds):
        learn = rows[folds != fold]
        logits[folds == fold] = fit_linear(features[learn], labels[learn])(
            features[rows[folds == fold]]
        )
    return logits


def clips_only(table: SongTable) -> SongTable:
    """Leave out what was rebuilt from pictures."""
    return replace(table, rows=table.rows[table.songs.has_audio[table.rows]])


def macro_f1(guesses: np.ndarray, genres: np.ndarray) -> float:
    """Mean over the genres that occur of each one's F1."""
    return float(f1_score(genres, guesses, labels=sorted(set(genres)), average="macro"))


def interval(guesses: np.ndarray, genres: np.ndarray, artists: np.ndarray) -> tuple[float, float]:
    """Bootstrap macro F1 over artists, each drawn with all of its songs, within its genre."""
    dice = np.random.default_rng(0)
    songs_of = {artist: np.flatnonzero(artists == artist) for artist in sorted(set(artists))}
    by_genre: dict[int, list[str]] = {}
    for artist, songs in songs_of.items():
        by_genre.setdefault(int(genres[songs[0]]), []).append(artist)
    scores = []
    for _ in range(RESAMPLES):
        drawn = [a for group in by_genre.values() for a in dice.choice(group, len(group))]
        songs = np.concatenate([songs_of[artist] for artist in drawn])
        scores.append(macro_f1(guesses[songs], genres[songs]))
    return float(np.quantile(scores, 0.025)), float(np.quantile(scores, 0.975))


def calibration_of(table: SongTable, logits: Floats) -> str:
    """Say how honest the shares are, the temperature of each fold fitted on the other four."""
    rows = table.gtzan()
    folds, true = table.songs.folds[rows], table.songs.labels[rows]
    shares = np.zeros_like(logits)
    for fold in np.unique(folds):
        scale = fit_scale(logits[folds != fold], true[folds != fold])
        shares[folds == fold] = softmax(logits[folds == fold] / scale)
    first = calibration_error(shares.max(axis=1), shares.argmax(axis=1) == true)
    each = calibration_error(shares.ravel(), (true[:, None] == np.arange(len(TEN_GENRES))).ravel())
    return f"calibration error (ECE): first answer {first:.3f}, all ten {each:.3f}"


def calibration_of_tags(table: SongTable) -> str:
    """Say how honest the tags are that mean a genre, each fold's scale fitted on the other four."""
    rows = table.gtzan()
    odds, true = genre_tags(table, rows)
    stated, folds = np.zeros_like(odds), table.songs.folds[rows]
    for fold in np.unique(folds):
        slope, offset = fit_platt(odds[folds != fold], true[folds != fold])
        stated[folds == fold] = sigmoid(slope * odds[folds == fold] + offset)
    error = calibration_error(stated.ravel(), true.ravel())
    shown = stated >= SHOWN
    return (
        f"tags that mean a genre: calibration error {error:.3f}; {shown.sum()} shown, stated "
        f"{stated[shown].mean():.2f}, true {true[shown].mean():.2f}"
    )


def by_genre(table: SongTable, logits: Floats) -> Table:
    """List what each genre is taken for."""
    true, guesses = table.songs.labels[table.gtzan()], logits.argmax(axis=1)
    printed = Table("genre", "songs", "right", "taken for")
    for index, genre in enumerate(TEN_GENRES):
        taken = np.bincount(guesses[true == index], minlength=len(TEN_GENRES))
        wrong = [
            f"{TEN_GENRES[other]} {taken[other]}"
            for other in np.argsort(-taken)
            if other != index and taken[other]
        ]
        printed.add_row(
            genre, str(taken.sum()), f"{taken[index] / taken.sum():.2f}", ", ".join(wrong)
        )
    return printed


if __name__ == "__main__":
    main()
