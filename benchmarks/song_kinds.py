"""How often speech, noise, tones and single sounds are called music, and music is refused.

    python -m benchmarks.song_kinds --data DIR --work DIR

Five folds: clips of speech and music in turn, songs of one artist together, synthesised sounds of
every maker in turn. Each sound is judged by a head that did not learn from its fold; what is added
to music's logit, and the temperature, are two numbers fitted on the other folds' answers.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ml.music.heads import Floats, softmax
from ml.music.hearing import KINDS
from training.music.kind_sounds import KindSounds, read_kind_sounds
from training.music.song_fit import genre_table
from training.music.song_training import (
    calibration_error,
    fit_kinds,
    fit_scale,
    music_allowance,
)


def honest(logits: Floats, sounds: KindSounds) -> Floats:
    """Turn logits into probabilities by what is fitted on the other folds: (sounds, 4)."""
    likely = np.zeros_like(logits)
    for fold in np.unique(sounds.folds):
        known = sounds.folds != fold
        favoured = logits.copy()
        favoured[:, 0] += music_allowance(logits[known], sounds.kinds[known])
        scale = fit_scale(favoured[known], sounds.kinds[known])
        likely[~known] = softmax(favoured[~known] / scale)
    return likely


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_kinds", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args(arguments)
    sounds = read_kind_sounds(options.work / "cache", genre_table(options.data, options.work))
    _, logits = fit_kinds(sounds.features, sounds.kinds, sounds.folds)
    likely = honest(logits, sounds)
    found = likely.argmax(axis=1)
    printed = Table("kind", "sounds", *(f"called {kind}" for kind in KINDS))
    for index, kind in enumerate(KINDS):
        called = np.bincount(found[sounds.kinds == index], minlength=len(KINDS))
        printed.add_row(kind, str(called.sum()), *map(str, called))
    Console().print(printed)
    music = sounds.kinds == 0
    Console().print(f"not music, called music: {(found[~music] == 0).mean():.3f}")
    Console().print(f"music, refused: {(found[music] != 0).mean():.3f}")
    error = calibration_error(likely.max(axis=1), found == sounds.kinds)
    Console().print(f"calibration error (ECE): {error:.3f}")
    wrong = [
        name for name, right in zip(sounds.names, found == sounds.kinds, strict=True) if not right
    ]
    Console().print("wrong:", ", ".join(wrong[:40]))


if __name__ == "__main__":
    main()
