"""Draws the seed recipe's batches: single seconds of clips, as 224 by 224 pictures."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ml.music.hearing import GENRES
from ml.music.spectrograms import square
from training.music.batches import Batch
from training.music.recipes import SEED_BATCH, SEED_EPOCHS, SEED_WINDOWS
from training.music.teacher import EMBEDDING, TAGS

FRAMES = 51  # a second of 20 ms


class SeedShuffle:
    """Goes through all clips in a new order each epoch, a few random seconds of each."""

    def __init__(self, frames: Sequence[Tensor], genres: Sequence[int], seed: int) -> None:
        """Take the clips.

        Args:
            frames: (128, n) in dB of each clip, 20 ms a frame.
            genres: index of each clip's genre.
            seed: what chance starts from.
        """
        self._frames, self._genres, self._seed = frames, torch.tensor(genres), seed
        self._batches = -(-len(frames) * SEED_WINDOWS // SEED_BATCH)

    @property
    def steps(self) -> int:
        """Batches in all epochs."""
        return SEED_EPOCHS * self._batches

    def batch(self, step: int) -> Batch:
        """Draw the batch of one step."""
        epoch, turn = divmod(step, self._batches)
        order = torch.Generator().manual_seed(self._seed * 1_000_003 + epoch)
        clips = torch.randperm(len(self._frames) * SEED_WINDOWS, generator=order)
        chosen = clips[turn * SEED_BATCH : (turn + 1) * SEED_BATCH] % len(self._frames)
        dice = torch.Generator().manual_seed((self._seed + 1) * 1_000_003 + step)
        windows = torch.stack([self._second(int(index), dice) for index in chosen])
        count = len(chosen)
        return Batch(
            pictures=square(windows.unsqueeze(1)),
            genres=functional.one_hot(self._genres[chosen], len(GENRES)).float(),
            labelled=torch.ones(count, dtype=torch.bool),
            embeddings=torch.zeros(count, EMBEDDING),
            tags=torch.zeros(count, TAGS),
            taught=torch.zeros(count, dtype=torch.bool),
        )

    def _second(self, index: int, dice: torch.Generator) -> Tensor:
        frames = self._frames[index]
        start = int(torch.randint(max(1, frames.shape[1] - FRAMES), (1,), generator=dice))
        return frames[:, start : start + FRAMES].float()


def seed_pictures(frames: Tensor, most: int = 60) -> Tensor:
    """Cut a clip as listening does, (1, windows, 224, 224)."""
    room = frames.shape[1] - FRAMES
    starts = torch.linspace(0, max(0, room), max(1, min(most, room))).long().tolist()
    windows = torch.stack([frames[:, start : start + FRAMES].float() for start in starts])
    return square(windows.unsqueeze(0))
