"""How often the model admits that it is not sure: of songs it should know, and of what it cannot.

    python -m benchmarks.refusal --answers runs/genre/default-answers.safetensors \
        --weights FILE --others DIR...

Known genres are judged from cross-validated answers (`benchmarks.genre`), each song by a model
that never heard its artist. The others, of none of the ten genres, must be of folders that the
weights were not trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import ExcerptPlan
from ml.music.inference import MusicModel
from training.music.calibration import HeldOutAnswers, calibration_error, fit_sure, fit_temperature
from training.music.clips import AUDIO_SUFFIXES

FOLDS = 5  # the threshold is fitted on four fifths of the answers and judged on the last


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refusal")
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--others", type=Path, nargs="*", default=[])
    parser.add_argument("--shortest", type=float, default=2.0, help="seconds")
    options = parser.parse_args(arguments)
    stored = load_file(options.answers)
    table = Table("what", "not sure", "of", "right where sure", "calibration error")
    table.add_row("known genres, unseen artists", *known(stored["logits"], stored["genres"]))
    music_model = MusicModel.load(options.weights)
    for folder in options.others:
        table.add_row(folder.name, *strangers(music_model, folder, options.shortest))
    Console().print(table)


def known(logits: torch.Tensor, genres: torch.Tensor) -> list[str]:
    """Judge each part of the answers by what was fitted on the other parts."""
    part = torch.randperm(len(genres), generator=torch.Generator().manual_seed(0)) % FOLDS
    shares = torch.zeros_like(logits)
    sure = torch.zeros(len(genres))
    for at in range(FOLDS):
        rest = HeldOutAnswers(logits[part != at], genres[part != at])
        temperature = fit_temperature(rest)
        shares[part == at] = (logits[part == at] / temperature).softmax(dim=1)
        sure[part == at] = fit_sure(rest, temperature)
    confidence, guesses = shares.max(dim=1)
    named = confidence >= sure
    right = (guesses == genres)[named].float().mean()
    return [
        f"{1 - named.float().mean():.3f}",
        str(len(genres)),
        f"{right:.3f}",
        f"{calibration_error(shares, genres):.3f}",
    ]


def strangers(music_model: MusicModel, folder: Path, shortest: float) -> list[str]:
    """Listen to everything in a folder and count what is not named."""
    refused = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in AUDIO_SUFFIXES:
            continue
        try:
            excerpts = read_excerpts(path, ExcerptPlan())
        except AudioError:
            continue
        if excerpts.seconds >= shortest:
            refused.append(music_model.hear([excerpts])[0].genre is None)
    return [f"{np.mean(refused):.3f}" if refused else "", str(len(refused)), "", ""]


if __name__ == "__main__":
    main()
