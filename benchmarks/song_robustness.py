"""Whether a song keeps its family in changed copies of it, and which witness changes it.

    python -m benchmarks.song_robustness --cache FILE [--model FILE] [--songs N] FOLDER...
    python -m benchmarks.song_robustness --data DIR --work DIR

Thirty seconds of N songs are heard as they are, after mp3 at 32 kbit/s, in other pitch and tempo,
in noise and quieter (see `training.music.changed_songs`). Counted is how often the likeliest family
stays the same; how often it is at least one of those that are said of the song unchanged; and how
often one witness alone would have changed it, the other two hearing the song unchanged. What was
heard is stored in the cache, to ask other heads of the same networks. Songs are those of
`benchmarks.song_wild`, which says what is true of them; intervals are bootstrapped over them.

With `--data` and `--work` the songs are GTZAN's clips, in five folds by artist: each is judged by
heads that learned neither from it nor from its copies. They are fitted with and without changed
copies, which `training.music.changed_songs` stored in WORK/cache.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.song_wild import TRUE, kind_of
from ml.music.heads import FamilyRule, Floats, label_witness, sigmoid
from ml.music.song_checkpoint import load_song_model
from ml.music.song_model import family_witnesses
from ml.music.taxonomy import FAMILIES, TEN_GENRES
from training.music.changed_songs import ChangedSongs, hear_changed, read_changed
from training.music.song_fit import (
    FAMILY_GENRES,
    FAMILY_TAGS,
    OTHERS,
    THRESHOLDS,
    genre_table,
)
from training.music.song_table import ChangedSounds, SongTable
from training.music.song_training import (
    fit_families,
    fit_family_tags,
    fit_genres,
    fit_scale,
    label_slice,
    out_of_fold,
)
from training.music.sound_changes import CHANGES
from training.music.tagger_features import sounds_in

WITNESS_NAMES = ("genre", "label", "tag")
Witnesses = tuple[Floats, Floats, Floats]


MOVES = ("electronic", "folk")  # families whose witnesses are looked at one by one
RESAMPLES = 1_000  # of the bootstrap


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSongs:
    """Songs, the rule that judges them, and what the witnesses say of each kind of copies.

    Attributes:
        rule: weighs the witnesses.
        copies: the witnesses' words, of the songs unchanged first.
        true: what may be said of each song first; empty where that is not known.
    """

    rule: FamilyRule
    copies: list[Witnesses]
    true: Sequence[Sequence[str]] = ()

    def likeliest(self, at: int) -> npt.NDArray[np.int64]:
        """Likeliest family of each song in one kind of copies: (songs,)."""
        return np.asarray(self.rule(*self.copies[at]).argmax(axis=1))

    def one_of_those_said(self, at: int) -> npt.NDArray[np.bool_]:
        """Whether the likeliest family is sure of the song unchanged, or the same: (songs,)."""
        plain, found = self.rule(*self.copies[0]), self.likeliest(at)
        sure = sigmoid(plain[np.arange(len(plain)), found]) >= THRESHOLDS["family_sure"]
        return np.asarray(sure | (found == plain.argmax(axis=1)))

    def first_said(self, at: int) -> str:
        """Tell how often what is said first is right, nothing is said, and it is wrong."""
        if not self.true:
            return "–"
        odds = self.rule(*self.copies[at])
        sure = sigmoid(odds.max(axis=1)) >= THRESHOLDS["family_sure"]
        first = [FAMILIES[found] for found in odds.argmax(axis=1)]
        right = np.array([name in true for name, true in zip(first, self.true, strict=True)])
        shares = (sure & right).mean(), (~sure).mean(), (sure & ~right).mean()
        return ", ".join(f"{share:.2f}" for share in shares)

    def moved_by(self, witness: int, at: int) -> npt.NDArray[np.bool_]:
        """Whether one witness alone makes another family the likeliest: (songs,)."""
        heard = list(self.copies[0])
        heard[witness] = self.copies[at][witness]
        return np.asarray(self.rule(*heard).argmax(axis=1) != self.likeliest(0))


def table_of(changes: Sequence[str], songs: JudgedSongs) -> Table:
    """Count over all songs; `changes` names the copies, the first unchanged."""
    moved_by = [f"moved by {name}" for name in WITNESS_NAMES]
    said = "right, unsaid, wrong"
    printed = Table("copy", "likeliest the same", "95 %", "one of those said", said, *moved_by)
    printed.add_row("as it is", "", "", "", songs.first_said(0))
    for at, change in list(enumerate(changes))[1:]:
        same = songs.likeliest(at) == songs.likeliest(0)
        low, high = np.quantile(resampled(same.astype(float)), [0.025, 0.975])
        moved = [songs.moved_by(witness, at).mean() for witness in range(len(WITNESS_NAMES))]
        printed.add_row(
            change,
            f"{same.mean():.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{songs.one_of_those_said(at).mean():.2f}",
            songs.first_said(at),
            *(f"{share:.2f}" for share in moved),
        )
    return printed


def moves_of(changes: Sequence[str], songs: JudgedSongs) -> Table:
    """List how far labels and tags move for some families: the mean over songs, in log odds."""
    heard = [f"{witness}, {family}" for family in MOVES for witness in WITNESS_NAMES[1:]]
    printed = Table("copy", *heard)
    for at, change in list(enumerate(changes))[1:]:
        moves = [
            songs.copies[at][witness][:, column] - songs.copies[0][witness][:, column]
            for column in map(FAMILIES.index, MOVES)
            for witness in (1, 2)
        ]
        printed.add_row(change, *(f"{move.mean():+.2f}" for move in moves))
    return printed


def resampled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bootstrap a mean."""
    dice = np.random.default_rng(0)
    return np.array([dice.choice(values, len(values)).mean() for _ in range(RESAMPLES)])


def of_model(
    model: Path | None, songs: ChangedSongs, true: Sequence[Sequence[str]] = ()
) -> JudgedSongs:
    """Judge songs by a model's own heads."""
    checkpoint = load_song_model(model)
    copies = [family_witnesses(checkpoint, copy) for copy in songs.rows.transpose(1, 0, 2)]
    return JudgedSongs(checkpoint.families, copies, true)


def held_out_clips(table: SongTable, copies: ChangedSounds, names: Sequence[str]) -> JudgedSongs:
    """Judge GTZAN's clips by heads that learned from other artists.

    Args:
        table: what is learned from.
        copies: what is asked about; of them the songs that are in the table.
        names: of FMA's labels, in the network's order.
    """
    rows, folds = table.gtzan(), table.songs.folds
    logits = out_of_fold(table, FAMILY_GENRES)
    temperature = fit_scale(logits, table.songs.labels[rows])
    said, own = np.zeros((len(rows), len(FAMILIES)), np.float32), copies.rows >= 0
    clips = copies.features[own].transpose(1, 0, 2)
    genres = np.zeros((*clips.shape[:2], logits.shape[1]), np.float32)
    tags = np.zeros((*clips.shape[:2], len(FAMILIES)), np.float32)
    for fold in np.unique(folds[rows]):
        asked, inside = rows[folds[rows] == fold], folds[copies.rows[own]] == fold
        head = fit_genres(table, FAMILY_GENRES, np.setdiff1d(rows, asked))
        others = table.changed and table.changed.without(asked)
        steady = fit_family_tags(replace(table, changed=others), FAMILY_TAGS)
        said[folds[rows] == fold] = steady(table.features[asked])
        genres[:, inside] = head(clips[:, inside]) / temperature
        tags[:, inside] = steady(clips[:, inside])
    rule = fit_families(table, rows, logits / temperature, said, names)
    labels = [label_witness(copy[:, label_slice(table, names)], names) for copy in clips]
    true = [[TEN_GENRES[label]] for label in table.songs.labels[copies.rows[own]]]
    return JudgedSongs(rule, list(zip(genres, labels, tags, strict=True)), true)


def print_clips(data: Path, work: Path, model: Path | None) -> None:
    """Count over GTZAN's clips."""
    names, ships = load_song_model(model).labels, genre_table(data, work)
    without = {name: count for name, count in OTHERS.items() if name != "changed"}
    assert ships.changed is not None, "work/cache has no changed copies"
    for title, table in (("without", genre_table(data, work, without)), ("with", ships)):
        clips = held_out_clips(table, ships.changed, names)
        Console().print(f"{len(clips.true)} clips, learned {title} changed copies:")
        Console().print(table_of(["", *CHANGES], clips))


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear and count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_robustness")
    parser.add_argument("folders", type=Path, nargs="*", help="needed where the cache is not there")
    parser.add_argument("--cache", type=Path, help="where what is heard is stored")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--model", type=Path, help="the weights; without it those that ship")
    parser.add_argument("--songs", type=int, default=12)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if options.data and options.work:
        print_clips(options.data, options.work, options.model)
        return
    if not options.cache:
        parser.error("either --cache, or --data and --work")
    files = [file for file in sounds_in(options.folders) if kind_of(file)]
    if not options.cache.exists():
        chosen = np.unique(np.linspace(0, len(files) - 1, options.songs).round().astype(int))
        hear_changed([files[at] for at in chosen], options.cache, options.model)
    songs = read_changed(options.cache)
    kinds = {file.stem: str(kind_of(file)) for file in files}
    true = [TRUE[kinds[name]] for name in songs.names if name in kinds]
    found = of_model(options.model, songs, true if len(true) == len(songs.names) else ())
    Console().print(table_of(songs.changes, found))
    Console().print(moves_of(songs.changes, found))
    counts = np.bincount(found.likeliest(0), minlength=len(FAMILIES))
    named = ", ".join(f"{FAMILIES[at]} {counts[at]}" for at in np.argsort(-counts) if counts[at])
    Console().print(f"{len(songs.names)} songs, likeliest unchanged: {named}")


if __name__ == "__main__":
    main()
