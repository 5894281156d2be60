"""The seed recipe: Music2Vector as the post describes it, to the letter, by one command.

    python -m training.music.seed --data DATA --out FILE [--held-out FOLD]

Single seconds of GTZAN's clips become 224 by 224 mel pictures; five convolutions, dropout on the
input, every convolution's output pooled and joined into the feature vector, the genre read from
that vector joined with the last convolution. With `--held-out` one of five folds by artist is left
out, and how many of its songs are named rightly is printed and stands in the card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from ml import checkpoints
from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.finetuning.stages import mixed_precision
from ml.music.taxonomy import TEN_GENRES
from training.music.mel import log_mel
from training.music.ten_genres import read_ten_genres

SIDE = 224  # of a picture
RANGE_DB = 80.0  # what lies further below a second's loudest point is not seen
FRAMES = 51  # a second of 20 ms
WIDTHS = (8, 16, 32, 64, 64)  # channels of each convolution, which halves both sides
INPUT_DROPOUT = 0.2
EPOCHS = 50
BATCH = 32  # seconds, one of each clip in an epoch
RATE = 1e-3
HEARD = 60  # seconds of a song that are listened to
_FORMAT = "music2vector-seed-1"
_CLIP_SECONDS = 60.0


class SeedModelError(checkpoints.ModelFileError):
    """The weights cannot be used; the message says which file and why."""

    code = "seed_model_file"
    holds = "a Music2Vector of the seed recipe"


class SeedAnswer(NamedTuple):
    """What the network says of single seconds.

    Attributes:
        genres: (seconds, 10) logits.
        vector: (seconds, 184) joined pools.
    """

    genres: Tensor
    vector: Tensor


class SeedMusic2Vector(nn.Module):
    """Genre and features of single seconds."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        """Build it; the post says no widths, and ours are what two cores can train."""
        super().__init__()
        self.input_dropout = nn.Dropout(INPUT_DROPOUT)
        before = (1, *widths[:-1])
        self.convolutions = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(read, out, 3, 2, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
            )
            for read, out in zip(before, widths, strict=True)
        )
        last = widths[-1] * (SIDE // 2 ** len(widths)) ** 2
        self.classify = nn.Linear(sum(widths) + last, len(TEN_GENRES))

    def forward(self, pictures: Tensor) -> SeedAnswer:
        """Look at seconds.

        Args:
            pictures: (seconds, 224, 224) in 0..1.

        Raises:
            ValueError: if they have other sides.
        """
        if pictures.ndim != 3 or pictures.shape[1:] != (SIDE, SIDE):
            raise ValueError(f"expected (n, {SIDE}, {SIDE}), got {tuple(pictures.shape)}")
        x, pools = self.input_dropout(pictures.unsqueeze(1)), []
        for convolution in self.convolutions:
            x = convolution(x)
            pools.append(x.mean(dim=(2, 3)))
        vector = torch.cat(pools, dim=1)
        return SeedAnswer(self.classify(torch.cat([vector, x.flatten(1)], dim=1)), vector)


@dataclass(frozen=True, slots=True, eq=False)
class SeedClip:
    """A clip to learn from.

    Attributes:
        frames: (128, n) float16 in dB, 20 ms a frame.
        genre: index into `TEN_GENRES`.
        fold: of five, by artist.
    """

    frames: Tensor
    genre: int
    fold: int


def square(frames: Tensor) -> Tensor:
    """Render seconds as the post's pictures.

    Args:
        frames: (seconds, bands, frames) in dB.

    Returns:
        (seconds, 224, 224) in 0..1, each second's loudest point at 1.
    """
    loudest = frames.amax(dim=(1, 2), keepdim=True)
    shade = (frames - loudest).clamp(min=-RANGE_DB) / RANGE_DB + 1.0
    sides = (SIDE, SIDE)
    wide = functional.interpolate(shade.unsqueeze(1), sides, mode="bilinear", align_corners=False)
    return wide.squeeze(1)


def train(
    clips: Sequence[SeedClip], *, seed: int = 0, epochs: int = EPOCHS, device: str = "cpu"
) -> Iterator[SeedMusic2Vector]:
    """Train on clips; yields the model, ready to listen, after every epoch."""
    torch.manual_seed(seed)
    model = SeedMusic2Vector().to(device)
    optimiser = AdamW(model.parameters(), RATE, weight_decay=0.0)
    batches = -(-len(clips) // BATCH)
    schedule = OneCycleLR(optimiser, RATE, total_steps=epochs * batches, pct_start=0.15)
    dice = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        model.train()
        for chosen in torch.randperm(len(clips), generator=dice).split(BATCH):
            batch = [clips[index] for index in chosen.tolist()]
            pictures = square(torch.stack([_second(clip.frames, dice) for clip in batch]))
            genres = torch.tensor([clip.genre for clip in batch], device=device)
            with mixed_precision(device):
                said = model(pictures.to(device)).genres
            optimiser.zero_grad(set_to_none=True)
            functional.cross_entropy(said.float(), genres).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
        yield model.eval()


@torch.inference_mode()
def hear(model: SeedMusic2Vector, frames: Tensor) -> tuple[Tensor, Tensor]:
    """Listen to a song.

    Args:
        model: ready to listen.
        frames: (128, n) in dB, 20 ms a frame; sixty seconds of it, evenly spaced, are heard.

    Returns:
        (10,) probabilities and the song's (184,) vector: the means over its seconds.
    """
    room = max(0, frames.shape[1] - FRAMES)
    starts = torch.linspace(0, room, max(1, min(HEARD, room))).long().tolist()
    seconds = torch.stack([frames[:, start : start + FRAMES].float() for start in starts])
    said = model(square(seconds))
    return said.genres.softmax(dim=1).mean(dim=0), said.vector.mean(dim=0)


def frames_of(wave: npt.NDArray[np.float32]) -> Tensor:
    """Turn (samples,) mono sound at 22 050 Hz into (128, n) in dB, at least one second."""
    padded = np.pad(wave, (0, max(0, SAMPLE_RATE - len(wave))))
    return log_mel(torch.from_numpy(padded).unsqueeze(0))[0]


def save(model: SeedMusic2Vector, card: dict[str, str], file: Path) -> None:
    """Write weights and card into one safetensors file."""
    arrays = {name: tensor.cpu().numpy() for name, tensor in model.state_dict().items()}
    checkpoints.save(file, _FORMAT, arrays, {"card": json.dumps(card)})


def load(file: Path) -> SeedMusic2Vector:
    """Read weights.

    Raises:
        SeedModelError: the file is missing, damaged, or something else.
    """

    def build(stored: checkpoints.StoredModel) -> SeedMusic2Vector:
        model = SeedMusic2Vector()
        arrays = stored.arrays.items()
        model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays})
        return model.eval()

    return checkpoints.load(file, _FORMAT, build, SeedModelError)


def read_clips(data: Path) -> list[SeedClip]:
    """Read GTZAN's clips that have sound, with their folds."""
    songs, plan = read_ten_genres(data), ExcerptPlan(passage_seconds=_CLIP_SECONDS)
    clips = []
    for row in track(np.flatnonzero(songs.has_audio).tolist(), "reading"):
        name, genre = songs.names[row], int(songs.labels[row])
        file = data / "gtzan" / TEN_GENRES[genre] / f"{name}.opus"
        frames = frames_of(read_excerpts(file, plan).passage).half()
        clips.append(SeedClip(frames, genre, int(songs.folds[row])))
    return clips


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.music.seed", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds gtzan/ and the pictures")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write")
    parser.add_argument("--held-out", type=int, choices=range(5), help="fold not to learn from")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    clips = read_clips(options.data)
    known = [clip for clip in clips if clip.fold != options.held_out]
    epochs = train(known, seed=options.seed, epochs=options.epochs, device=options.device)
    *_, model = track(epochs, "training", options.epochs)
    model = model.cpu()
    card = {"recipe": "seed", "seed": str(options.seed), "clips": str(len(known))}
    card["commit"] = checkpoints.commit()
    asked = [clip for clip in clips if clip.fold == options.held_out]
    if asked:
        right = [int(hear(model, clip.frames)[0].argmax()) == clip.genre for clip in asked]
        card["right on unseen artists"] = f"{np.mean(right):.3f} of {len(asked)} clips"
    save(model, card, options.out)
    Console().print(card)


def _second(frames: Tensor, dice: torch.Generator) -> Tensor:
    start = int(torch.randint(max(1, frames.shape[1] - FRAMES), (1,), generator=dice))
    return frames[:, start : start + FRAMES].float()


if __name__ == "__main__":
    main()
