"""What the teacher says of each clip, computed once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
import torch
from torch import Tensor

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.clips import Clip, whole
from ml.music.teacher import EMBEDDING, PATCH_SAMPLES, TAGS, TEACHER_RATE, Teacher

PATCH_SECONDS = 3
MOST_PATCHES = 10  # of a song; the teacher is slow


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """What the teacher says of one clip.

    Attributes:
        patches: (n,) which of the clip's three-second patches it heard.
        embeddings: (n, 200) float32.
        tags: (n, 50) float32 logits.
    """

    patches: Tensor
    embeddings: Tensor
    tags: Tensor

    def of(self, chosen: Tensor) -> Teaching:
        """Return what was said of some of the patches."""
        return Teaching(self.patches[chosen], self.embeddings[chosen], self.tags[chosen])

    @staticmethod
    def nothing() -> Teaching:
        """Return what stands for a clip that the teacher did not hear."""
        return Teaching(torch.zeros(1), torch.zeros(1, EMBEDDING), torch.zeros(1, TAGS))


def teach(
    clips: Sequence[Clip],
    checkpoint: Path,
    cache: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[int, Teaching]:
    """Ask the teacher about every clip that is a recording.

    Args:
        clips: the clips; pictures are left out.
        checkpoint: musicnn's folder `MSD_musicnn`.
        cache: where answers are kept.
        progress: told the index of each clip as it begins.

    Returns:
        The answers by index into `clips`.
    """
    teacher: Teacher | None = None
    answers = {}
    for index, clip in enumerate(clips):
        progress(index)
        if clip.path is None:
            continue
        kept = kept_at(cache, clip.path)
        if not kept.exists():
            teacher = teacher or Teacher(checkpoint)
            _ask(teacher, clip.path, kept)
        with np.load(kept) as stored:
            answers[index] = Teaching(
                torch.from_numpy(stored["patches"]).long(),
                torch.from_numpy(stored["embeddings"]).float(),
                torch.from_numpy(stored["tags"]).float(),
            )
    return answers


def centred(answers: Mapping[int, Teaching]) -> dict[int, Teaching]:
    """Move the teacher's embeddings so that each of their numbers has mean 0 and spread 1."""
    if not answers:
        return {}
    everything = torch.cat([teaching.embeddings for teaching in answers.values()])
    mean, spread = everything.mean(0), everything.std(0, unbiased=False).clamp(min=1e-3)
    return {
        index: replace(teaching, embeddings=(teaching.embeddings - mean) / spread)
        for index, teaching in answers.items()
    }


def kept_at(cache: Path, path: Path) -> Path:
    """Say where the answer about a file is kept."""
    key = hashlib.sha256(f"{path.resolve()} {path.stat().st_size}".encode()).hexdigest()
    return cache / "teacher" / f"{key[:24]}.npz"


def _ask(teacher: Teacher, path: Path, kept: Path) -> None:
    wave = whole(path)
    length = PATCH_SECONDS * SAMPLE_RATE
    count = max(1, len(wave) // length)
    patches = np.arange(0, count, max(1, -(-count // MOST_PATCHES)))
    heard = np.zeros((len(patches), PATCH_SAMPLES), np.float32)
    for row, patch in enumerate(patches):
        piece = soxr.resample(
            wave[patch * length : (patch + 1) * length], SAMPLE_RATE, TEACHER_RATE
        )
        heard[row, : len(piece)] = piece[:PATCH_SAMPLES]
    embeddings, tags = teacher(torch.from_numpy(heard))
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, patches=patches, embeddings=embeddings.half().numpy(), tags=tags.half().numpy())
