"""Teaches the tempo jury: `python -m ml.music.rhythm.tempo_training --data FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from ml.music.rhythm.tempo import CANDIDATES, JURORS, WEIGHTS, TempoJury, TempoScorer, candidate_bpm
from ml.music.rhythm.tempo_lessons import (
    TempoLessons,
    annotated_lessons,
    annotated_songs,
    written_lessons,
)
from ml.music.rhythm.tempogram import STEPS_AN_OCTAVE

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
        "data": f"GTZAN, {len(songs)} clips with annotated tempo; {WRITTEN} written breaks",
        "recipe": f"{JURORS} scorers, {_EPOCHS} epochs, tempo stretched by {_STRETCH} candidates",
        "answers": "log probability of 216 tempos, 30 to 364 BPM",
    }
    save_file(jury.state_dict(), arguments.out, metadata=card)


if __name__ == "__main__":
    main()
