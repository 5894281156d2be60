"""What one song costs, step by step.

    python -m benchmarks.song_speed --weights FILE SONG...

Warm, the best of several rounds, in milliseconds. Decoding is done in this process, sixty windows
of one second and a passage, which are as many seconds as twenty windows of three; in the bot
several children divide it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import ExcerptPlan
from ml.music.harmony import harmony
from ml.music.key import pitch_features
from ml.music.picture_network import answers_together, passage_pictures
from ml.music.rhythm import PASSAGE_SECONDS, analyse
from ml.music.song_checkpoint import load_song_model
from ml.music.song_model import MusicModel
from training.music.tagger_features import patches_of
from training.music.whole_songs import excerpts_of, whole_song

ROUNDS = 5


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the shortest of several runs, in milliseconds."""
    work()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return 1_000 * min(took)


def steps(model: MusicModel, file: Path, weights: Path | None) -> dict[str, Callable[[], object]]:
    """List what is measured of one song, by name."""
    song, checkpoint = whole_song(file), load_song_model(weights)
    plan = ExcerptPlan(windows=60, passage_seconds=PASSAGE_SECONDS)
    patches = patches_of(song.windows.reshape(-1))
    pictures = passage_pictures(song.passage)
    few = excerpts_of(song.windows.reshape(-1), windows=4)

    def without_gradients(work: Callable[[], object]) -> Callable[[], object]:
        return torch.inference_mode()(work)

    return {
        "decoding": lambda: read_excerpts(file, plan),
        "input of the taggers": lambda: patches_of(song.windows.reshape(-1)),
        f"MSD, {len(patches)} windows": without_gradients(lambda: checkpoint.msd(patches)),
        f"MTT, {len(patches)} windows": without_gradients(lambda: checkpoint.mtt(patches)),
        "coarse picture": lambda: passage_pictures(song.passage),
        "picture networks": without_gradients(
            lambda: answers_together(checkpoint.coarse, checkpoint.stacked, pictures)
        ),
        "rhythm": lambda: analyse(song.passage),
        "harmony": lambda: harmony(song.passage),
        "pitches": lambda: pitch_features(song.passage),
        f"all but decoding, {len(song.windows)} windows": lambda: model.hear(song),
        "all but decoding, 4 windows": lambda: model.hear(few),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_speed", description=__doc__)
    parser.add_argument("songs", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model = MusicModel.load(options.weights)
    printed = Table("step", *(file.name[:20] for file in options.songs))
    columns = [steps(model, file, options.weights) for file in options.songs]
    for names in zip(*columns, strict=True):
        row = [
            best(column[name], options.rounds) for column, name in zip(columns, names, strict=True)
        ]
        printed.add_row(names[0], *(f"{took:.0f}" for took in row))
    Console().print(printed)


if __name__ == "__main__":
    main()
