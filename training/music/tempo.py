"""Train the tempo scorers on annotated songs and synthetic breaks."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file
from torch import Tensor

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.music.tempo import (
    CANDIDATES,
    JURORS,
    STEPS_AN_OCTAVE,
    WEIGHTS,
    TempoJury,
    TempoScorer,
    candidate_bpm,
    onset_strength,
    tempogram,
)
from training.music.breaks import Groove, Score, make_break

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


WRITTEN = 60  # breaks beside the annotated songs; more of them pull the songs' octaves up
_EPOCHS = 40
_BATCH = 32
_PEAK_RATE = 5e-3
_WEIGHT_DECAY = 1e-2
_STRETCH = 12  # standard deviation of the random tempo change, in candidates: 15 %
_BLUR = 1.2  # candidates, so that a near miss costs little


def teach_jury(lessons: TempoLessons, epochs: int = _EPOCHS) -> TempoJury:
    """Fit every scorer of a jury on the same lessons."""
    jury = TempoJury()
    for seed in range(JURORS):
        jury.scorers[seed] = teach_scorer(lessons, seed, epochs)
    return jury.eval()


def teach_scorer(lessons: TempoLessons, seed: int, epochs: int = _EPOCHS) -> TempoScorer:
    """Fit a scorer.

    Every song is heard a little faster or slower each time: on the logarithmic axis that is a
    shift.

    Args:
        lessons: songs to learn from.
        seed: of the first weights, the order and the stretches.
        epochs: passes over the songs.
    """
    torch.manual_seed(seed)
    scorer = TempoScorer()
    batches = -(-len(lessons.bpm) // _BATCH)
    optimiser = torch.optim.AdamW(scorer.parameters(), weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _PEAK_RATE, total_steps=epochs * batches
    )
    for _ in range(epochs):
        for songs in torch.split(torch.randperm(len(lessons.bpm)), _BATCH):
            loss = _loss(scorer, lessons.of(songs))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return scorer.eval()


def _loss(scorer: TempoScorer, lessons: TempoLessons) -> Tensor:
    shifts = (torch.randn(len(lessons.bpm)) * _STRETCH).round().clamp(-30, 30)
    stretched = [
        picture.roll(int(shift), dims=-1)
        for picture, shift in zip(lessons.tempograms, shifts, strict=True)
    ]
    wanted = _targets(lessons.bpm * 2 ** (shifts / STEPS_AN_OCTAVE))
    found: Tensor = scorer(torch.stack(stretched))
    return -(wanted * found).sum(dim=1).mean()


def _targets(bpm: Tensor) -> Tensor:
    """(songs,) to (songs, 216): a narrow bell at each true tempo, summing to 1."""
    places = (bpm / candidate_bpm()[0]).log2() * STEPS_AN_OCTAVE
    distance = torch.arange(CANDIDATES) - places.clamp(0, CANDIDATES - 1)[:, None]
    return (-0.5 * (distance / _BLUR) ** 2).softmax(dim=1)


def main() -> None:
    """Teach the jury that is shipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="clips with manifest.csv")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    songs = annotated_songs(arguments.data)
    jury = teach_jury(annotated_lessons(songs) + written_lessons(WRITTEN, seed=0))
    card = {
        "data": f"GTZAN train and valid, {len(songs)} clips; {WRITTEN} written breaks",
        "recipe": f"{JURORS} scorers, {_EPOCHS} epochs, tempo stretched by {_STRETCH} candidates",
        "answers": "log probability of 216 tempos, 30 to 364 BPM",
    }
    save_file(jury.state_dict(), arguments.out, metadata=card)


if __name__ == "__main__":
    main()
