"""How well the music model hears keys, on artists that it did not learn from.

    python -m benchmarks.song_key --data DIR --work DIR [--songs 200]

GTZAN's train and valid with Lerch's annotations, five folds by artist. The genre that leans
towards major or minor is the music model's own, of heads that did not learn from the artist. The
baseline, in the same run and on the same clips: librosa's chroma_cqt, averaged, and the 24 profiles
of Krumhansl and Kessler (1982) by correlation. Intervals are bootstrapped over artists.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.heads import Floats, softmax
from ml.music.key import choose_key
from ml.music.taxonomy import TEN_GENRES
from training.music.key_songs import key_songs, read_pitches
from training.music.key_training import held_out_keys, mirex_points
from training.music.song_fit import GENRES, genre_table
from training.music.song_training import calibration_error, fit_scale, out_of_fold
from training.music.tagger_features import passage_of

RESAMPLES = 1_000  # of the bootstrap
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

Keys = npt.NDArray[np.int64]


def krumhansl(passage: npt.NDArray[np.float32]) -> int:
    """Find the key whose profile correlates best with the mean chroma."""
    chroma = librosa.feature.chroma_cqt(y=passage, sr=SAMPLE_RATE).mean(axis=1)
    profiles = [np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)]
    return int(np.argmax([np.corrcoef(chroma, profile)[0, 1] for profile in profiles]))


def interval(points: npt.NDArray[np.float64], artists: Sequence[str]) -> tuple[float, float]:
    """Bootstrap the mean over artists."""
    dice = np.random.default_rng(0)
    names = np.array(artists)
    of = {artist: np.flatnonzero(names == artist) for artist in sorted(set(artists))}
    drawn = [
        points[np.concatenate([of[artist] for artist in dice.choice(list(of), len(of))])].mean()
        for _ in range(RESAMPLES)
    ]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_key", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--songs", type=int, default=1_000, help="of the baseline, which is slow")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    table = genre_table(options.data, options.work)
    shares = np.zeros((len(table.songs.names), len(TEN_GENRES)), np.float32)
    logits = out_of_fold(table, GENRES)
    shares[table.gtzan()] = softmax(logits / fit_scale(logits, table.songs.labels[table.gtzan()]))
    pitches = read_pitches([options.work / "cache" / "pitch_clips.npz"])
    songs, rows = key_songs(table.songs, pitches, shares)
    true = songs.keys.numpy()
    scores = held_out_keys(songs, table.songs.folds[rows])
    artists = np.array([table.songs.artists[row] for row in rows])
    printed = Table("who", "clips", "MIREX weighted", "95 %", "key right")
    likely = honest(scores, true, table.songs.folds[rows])
    chosen = np.array([choose_key(song) for song in likely])
    printed.add_row("music model", *row_of(chosen, true, artists))
    heard = np.arange(len(rows))
    heard = np.random.default_rng(0).permutation(heard)[: options.songs]
    found = np.array(
        [
            krumhansl(passage_of(clip_of(options.data, table.songs.names[rows[at]])))
            for at in track(heard, "librosa")
        ]
    )
    same = artists[heard]
    printed.add_row("librosa chroma and Krumhansl", *row_of(found, true[heard], same))
    printed.add_row("music model, the same clips", *row_of(chosen[heard], true[heard], same))
    Console().print(printed)
    error = calibration_error(likely[np.arange(len(rows)), chosen], chosen == true)
    Console().print(f"calibration error (ECE) of the confidence: {error:.3f}")


def honest(scores: Floats, true: Keys, folds: npt.NDArray[np.int64]) -> Floats:
    """Turn logits into probabilities, the temperature of each fold fitted on the others."""
    likely = np.zeros_like(scores)
    for fold in np.unique(folds):
        scale = fit_scale(scores[folds != fold], true[folds != fold])
        likely[folds == fold] = softmax(scores[folds == fold] / scale)
    return likely


def clip_of(data: Path, track_name: str) -> Path:
    """Say where a clip of GTZAN lies."""
    return data / "gtzan" / track_name.partition(".")[0] / f"{track_name}.opus"


def row_of(found: Keys, true: Keys, artists: npt.NDArray[np.str_]) -> list[str]:
    """Return a row's figures as words."""
    points = mirex_points(found, true)
    low, high = interval(points, artists.tolist())
    return [
        str(len(true)),
        f"{points.mean():.3f}",
        f"{low:.3f} to {high:.3f}",
        f"{(found == true).mean():.3f}",
    ]


if __name__ == "__main__":
    main()
