"""What the tempo scorer learns from: songs with an annotated tempo, and written breaks."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.music.breaks import Groove, Score, make_break
from ml.music.rhythm.onsets import onset_strength
from ml.music.rhythm.tempogram import tempogram

PASSAGE_SECONDS = 30.0

# Tempo ranges in which each groove is really played, BPM.
_GROOVE_RANGES: dict[Groove, tuple[float, float]] = {
    "four_on_the_floor": (100, 160),
    "rock": (75, 180),
    "hop": (68, 110),
    "break": (130, 240),
}


@dataclass(frozen=True, slots=True, eq=False)
class TempoLessons:
    """Tempograms with their tempo.

    Attributes:
        tempograms: (songs, 20, 421) float32.
        bpm: (songs,) float32.
    """

    tempograms: Tensor
    bpm: Tensor

    def of(self, songs: Tensor) -> TempoLessons:
        """Take some of the songs, by index."""
        return TempoLessons(self.tempograms[songs], self.bpm[songs])

    def __add__(self, other: TempoLessons) -> TempoLessons:
        """Join two sets."""
        return TempoLessons(
            torch.cat([self.tempograms, other.tempograms]), torch.cat([self.bpm, other.bpm])
        )


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedSong:
    """A song whose tempo somebody tapped.

    Attributes:
        track, genre, artist: as in the manifest.
        bpm: the annotated tempo.
        passage: (samples,) float32 at 22 050 Hz, at most 30 s.
    """

    track: str
    genre: str
    artist: str
    bpm: float
    passage: npt.NDArray[np.float32]


def annotated_songs(folder: Path) -> list[AnnotatedSong]:
    """Read a folder of clips.

    Args:
        folder: holds manifest.csv (track, genre, artist, bpm) and `genre/track.*`.
    """
    with (folder / "manifest.csv").open(newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["bpm"]]
    return [_annotated_song(folder, row) for row in rows]


def _annotated_song(folder: Path, row: dict[str, str]) -> AnnotatedSong:
    path = next((folder / row["genre"]).glob(f"{row['track']}.*"))
    plan = ExcerptPlan(windows=1, passage_seconds=PASSAGE_SECONDS)
    passage = read_excerpts(path, plan).passage
    return AnnotatedSong(row["track"], row["genre"], row["artist"], float(row["bpm"]), passage)


def annotated_lessons(songs: Sequence[AnnotatedSong]) -> TempoLessons:
    """Turn songs into lessons, in their order."""
    return TempoLessons(
        torch.stack([_tempogram(song.passage) for song in songs]),
        torch.tensor([song.bpm for song in songs]),
    )


def written_lessons(count: int, seed: int) -> TempoLessons:
    """Write and play breaks of every groove, whose tempos no annotator had to guess."""
    rng = np.random.default_rng(seed)
    scores = [_random_score(rng) for _ in range(count)]
    return TempoLessons(
        torch.stack([_tempogram(make_break(score).wave) for score in scores]),
        torch.tensor([score.bpm for score in scores]),
    )


def _random_score(rng: np.random.Generator) -> Score:
    grooves = list(_GROOVE_RANGES)
    groove = grooves[rng.integers(len(grooves))]
    slowest, fastest = _GROOVE_RANGES[groove]
    bpm = float(np.exp(rng.uniform(np.log(slowest), np.log(fastest))))
    return Score(
        seed=int(rng.integers(1 << 31)),
        bpm=bpm,
        bars=int(30 * bpm / 240) + 1,  # 30 s
        groove=groove,
        hats=int(rng.choice([4, 8, 8, 16])),
        edited=float(rng.uniform()),
        cuts=int(rng.integers(1, 6)),
        ghosts=int(rng.integers(0, 8)),
        swing=float(rng.choice([0.0, 0.0, rng.uniform(0, 0.6)])),
        backing=float(rng.uniform(0, 0.8)),
    )


def _tempogram(passage: npt.NDArray[np.float32]) -> Tensor:
    wave = torch.from_numpy(passage[: int(PASSAGE_SECONDS * SAMPLE_RATE)])
    return tempogram(onset_strength(wave).curves)
