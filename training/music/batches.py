"""Draws training batches: balanced over genres, two views of every song."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from ml.music.hearing import GENRES
from ml.music.spectrograms import COLUMNS, level
from training.music.augmentation import PATCH_COLUMNS, cut, disturb
from training.music.clips import NO_GENRE, OTHER_GENRE, Clip
from training.music.recipes import ENOUGH_CLIPS, MusicRecipe
from training.music.teacher import TeacherTargets, centred


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Views of songs and what is to be said of them.

    Attributes:
        pictures: (views, windows, bands, 16), levelled. View i and view i + views / 2 show the
            same song.
        genres: (views, 10) target shares; even where the song is none of the ten.
        labelled: (views,) whether `genres` is to be learned.
        embeddings: (views, 200) the teacher's.
        tags: (views, 50) the teacher's, as probabilities.
        taught: (views,) whether the teacher heard the song.
    """

    pictures: Tensor
    genres: Tensor
    labelled: Tensor
    embeddings: Tensor
    tags: Tensor
    taught: Tensor

    def to(self, device: str) -> Batch:
        """Move everything to a device."""
        moved = {part.name: getattr(self, part.name).to(device) for part in fields(self)}
        return Batch(**moved)


def mixed(batch: Batch, share: float, dice: torch.Generator) -> Batch:
    """Mix songs of known genre into one another (mixup; Zhang and others, 2018).

    A view stays mostly itself, so that it still belongs to its other half; but what the teacher
    said of it is no longer true.
    """
    if not share:
        return batch
    views = len(batch.labelled)
    struck = (torch.rand(views, generator=dice) < share) & batch.labelled
    partner = batch.labelled.nonzero()[:, 0]
    partner = partner[torch.randint(len(partner), (views,), generator=dice)]
    own = torch.where(struck, 0.6 + 0.4 * torch.rand(views, generator=dice), torch.ones(views))
    pictures = torch.lerp(batch.pictures[partner], batch.pictures, own[:, None, None, None])
    genres = torch.lerp(batch.genres[partner], batch.genres, own[:, None])
    return replace(batch, pictures=pictures, genres=genres, taught=batch.taught & ~struck)


_SILENT = TeacherTargets.nothing()


class Shuffle:
    """Draws batches from clips; a step's batch depends on the seed and the step alone."""

    def __init__(
        self,
        clips: Sequence[Clip],
        teachings: Mapping[int, TeacherTargets],
        recipe: MusicRecipe,
        seed: int,
    ) -> None:
        """Sort the clips.

        Args:
            clips: what to draw from.
            teachings: what the teacher says, by index into `clips`.
            recipe: what a batch is made of, and how far views stray from the recording.
            seed: what chance starts from.
        """
        self._clips, self._teachings, self._seed = clips, centred(teachings), seed
        self._mixture, self._disturbance = recipe.mixture, recipe.disturbance
        self._mixup = recipe.mixup
        self._by_genre: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for index, clip in enumerate(clips):
            self._by_genre[clip.genre][clip.source].append(index)
        self._genres = sorted(genre for genre in self._by_genre if genre >= 0)

    def batch(self, step: int) -> Batch:
        """Draw the batch of one step."""
        dice = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        chosen = self._choose(dice)
        views = [self._view(index, dice) for index in (*chosen, *chosen)]
        windows = torch.stack([windows for windows, _ in views])
        heard = [teaching for _, teaching in views]
        batch = Batch(
            pictures=level(disturb(windows, self._disturbance, dice)),
            genres=torch.stack([_target(self._clips[i].genre) for i in chosen]).repeat(2, 1),
            labelled=torch.tensor([self._clips[i].genre != NO_GENRE for i in chosen]).repeat(2),
            embeddings=torch.stack([teaching.embeddings.mean(0) for teaching in heard]),
            tags=torch.stack([teaching.tags.sigmoid().mean(0) for teaching in heard]),
            taught=torch.tensor([i in self._teachings for i in chosen]).repeat(2),
        )
        return mixed(batch, self._mixup, dice)

    def _choose(self, dice: torch.Generator) -> list[int]:
        mixture = self._mixture
        order = torch.randperm(len(self._genres), generator=dice).tolist()
        genres = [self._genres[order[i % len(order)]] for i in range(mixture.labelled)]
        for kind, count in ((OTHER_GENRE, mixture.others), (NO_GENRE, mixture.unlabelled)):
            genres += [kind] * (count if kind in self._by_genre else 0)
        return [self._pick(genre, dice) for genre in genres]

    def _pick(self, genre: int, dice: torch.Generator) -> int:
        """One clip of a genre, each source as likely as any other (songs: as their number)."""
        sources = self._by_genre[genre]
        if genre == NO_GENRE:
            choice = [index for source in sources.values() for index in source]
        elif len(sources.get("gtzan", [])) >= ENOUGH_CLIPS and len(sources) == 2:
            pictured = float(torch.rand(1, generator=dice)) < self._mixture.pictures
            choice = sources["mel_images" if pictured else "gtzan"]
        else:
            choice = list(sources.values())[_roll(len(sources), dice)]
        return choice[_roll(len(choice), dice)]

    def _view(self, index: int, dice: torch.Generator) -> tuple[Tensor, TeacherTargets]:
        clip, count = self._clips[index], self._mixture.windows
        sway = float(torch.rand(1, generator=dice)) * 2 - 1
        speed = 1 + sway * self._disturbance.tempo
        length = int(COLUMNS * speed) + 1
        teaching = self._teachings.get(index)
        if teaching is None:
            room = max(1, clip.columns.shape[1] - length)
            starts = torch.randint(room, (count,), generator=dice)
            return cut(clip.columns, starts, speed), _SILENT
        order = torch.randperm(len(teaching.patches), generator=dice)[: (count + 1) // 2]
        patches = order[torch.arange(count) % len(order)]
        within = torch.randint(PATCH_COLUMNS - length, (count,), generator=dice)
        starts = teaching.patches[patches] * PATCH_COLUMNS + within
        return cut(clip.columns, starts, speed), teaching.of(order)


def _target(genre: int) -> Tensor:
    if genre < 0:
        return torch.full((len(GENRES),), 1 / len(GENRES))
    return torch.eye(len(GENRES))[genre]


def _roll(sides: int, dice: torch.Generator) -> int:
    return int(torch.randint(sides, (1,), generator=dice))
