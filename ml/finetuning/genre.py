"""A genre lesson, in a process of its own.

    python -m ml.finetuning.genre --songs FILE --out FILE

It takes seconds on one core, so being cut off costs no more than beginning again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ml.finetuning import genre_events as events
from ml.finetuning.genre_fit import FOLDS, Trial, calibrated, fit, interval, macro_f1, try_out
from ml.finetuning.genre_head import LessonDataError, LessonSongs, softmax


def main(arguments: Sequence[str] | None = None) -> int:
    """Teach; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        songs = LessonSongs.load(options.songs)
    except LessonDataError:
        events.failed(events.DAMAGED)
        return 1
    if min(Counter(songs.labels.tolist()).values(), default=0) < 2 or len(songs.genres) < 2:
        events.failed(events.TOO_LITTLE)
        return 1

    def show(fold: int, folds: int, unseen: float) -> None:
        events.progress(fold, folds + 1, {"unseen": unseen})

    trial = try_out(songs, show)
    head = calibrated(fit(songs), trial, songs)
    head = replace(head, card=card_of(songs, trial, head.temperature, head.sure))
    head.save(options.out)
    events.progress(FOLDS + 1, FOLDS + 1, {})
    events.done(head.card)
    return 0


def card_of(songs: LessonSongs, trial: Trial, temperature: float, sure: float) -> dict[str, Any]:
    """Say what was learned from and how well it does on songs held out."""
    count = len(songs.genres)
    guesses = trial.logits.argmax(axis=1)
    named = softmax(trial.logits / temperature)[:, :-1].max(axis=1) >= sure
    right = guesses == songs.labels
    return {
        "ear": songs.music_model,
        "songs": len(songs.labels),
        "makers": len(np.unique(songs.makers)),
        "genres": {
            genre: int((songs.labels == index).sum()) for index, genre in enumerate(songs.genres)
        },
        "right": {
            genre: float(right[songs.labels == index].mean())
            for index, genre in enumerate(songs.genres)
        },
        "score": macro_f1(guesses, songs.labels, count),
        "interval": interval(guesses, songs.labels, count),
        "score_before": macro_f1(trial.before, songs.labels, count),
        "by_maker": trial.by_maker,
        "named": float(named.mean()),
        "named_right": float(right[named].mean()) if named.any() else None,
        "sure": sure,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.finetuning.genre", description=__doc__)
    parser.add_argument("--songs", type=Path, required=True, help="what `LessonSongs` wrote")
    parser.add_argument("--out", type=Path, required=True, help="where the head goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
