"""What training and measuring share: gathering clips, beginning a training, showing a clip."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from torch import Tensor

from ml.music.checkpoint import load_model
from ml.music.model import Music2Vector
from ml.music.spectrograms import spaced_pictures
from training.music.batches import Shuffle
from training.music.clips import (
    SHARED_ARTISTS,
    Clip,
    mel_frames,
    noises,
    read_gtzan,
    read_images,
    read_others,
    read_songs,
)
from training.music.recipes import MusicRecipe
from training.music.seed_batches import SeedShuffle, seed_pictures
from training.music.steps import Draws, MusicTraining
from training.music.teacher import teach


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Where to learn, and from what; its attributes are command-line options.

    Attributes:
        data: holds `gtzan/` and `mel_images/`.
        songs: folders of unlabelled songs.
        others: folders of what is none of the ten genres.
        teacher: musicnn's folder `MSD_musicnn`, if there is one.
        base: weights of the recipe `base` to go on from, if there are any.
        cache: where what was decoded and taught is kept.
        seed: what chance starts from.
        device: `cpu` or `cuda`.
    """

    data: Path
    songs: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    teacher: Path | None = None
    base: Path | None = None
    cache: Path = Path("runs/cache")
    seed: int = 0
    device: str = "cpu"

    @classmethod
    def of(cls, options: argparse.Namespace) -> TrainingData:
        """Take what `add_options` added."""
        said = {field.name: getattr(options, field.name) for field in fields(cls)}
        return cls(**said | {"songs": tuple(options.songs), "others": tuple(options.others)})

    def clips(self) -> list[Clip]:
        """Read the clips of known genre and artist."""
        return read_gtzan(self.data, self.cache)

    def beside(self, pictures: bool = True, shared: bool = False) -> list[Clip]:
        """Read all that is learned from beside the clips.

        Args:
            pictures: mel pictures too.
            shared: also pictures of artists who are among the clips; what is to be measured by
                artist must not know them.
        """
        found = read_images(self.data) if pictures else []
        found = [clip for clip in found if shared or clip.group not in SHARED_ARTISTS]
        found += noises() + read_songs(self.songs, self.cache)
        return found + read_others(self.others, self.cache)

    def begin(
        self,
        recipe: MusicRecipe,
        clips: Sequence[Clip],
        steps: int | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> MusicTraining:
        """Set up a training.

        Args:
            recipe: how to train.
            clips: what to learn from.
            steps: batches to see instead of the recipe's own number.
            progress: told the index of each clip that the teacher begins with.
        """
        shuffle: Draws
        if recipe.dimensions.recipe == "seed":
            frames = [mel_frames(clip, self.cache) for clip in clips]
            seconds = SeedShuffle(frames, [clip.genre for clip in clips], self.seed)
            shuffle, recipe = seconds, replace(recipe, steps=seconds.steps)
        else:
            taught = self.teacher and teach(clips, self.teacher, self.cache, progress)
            shuffle = Shuffle(clips, taught or {}, recipe, self.seed)
        recipe = replace(recipe, steps=steps or recipe.steps)
        base = load_model(self.base).model if self.base else None
        return MusicTraining(recipe, shuffle, self.seed, self.device, base)

    def show(self, model: Music2Vector, clip: Clip, most: int = 60) -> Tensor:
        """Cut a clip into windows as the model listens, (1, at most `most`, ...)."""
        if model.dimensions.recipe == "seed":
            return seed_pictures(mel_frames(clip, self.cache), most)
        return spaced_pictures(clip.columns, most)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `TrainingData.of` reads, and how many threads to use."""
    parser.add_argument("--data", type=Path, required=True, help="holds gtzan/ and mel_images/")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="unlabelled songs")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="of no known genre")
    parser.add_argument("--teacher", type=Path, help="musicnn's folder MSD_musicnn")
    parser.add_argument("--base", type=Path, help="weights of recipe base to go on from")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
