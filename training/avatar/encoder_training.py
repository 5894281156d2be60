"""Teaches a model's encoder to tell the traits of drawings as they are drawn now.

    python -m training.avatar.encoder_training --state STATE --minutes 60 [--model MODEL] [--resume]
    python -m training.avatar.encoder_training --state STATE --model MODEL --out FILE

What `like:` finds in a picture is what the encoder tells, and lessons place their crops by it. It
learns without the decoder, from far more drawings than a decoder has the time for. About half of
them are made blurred, noisy or dull, as posted pictures are. What traits leave open it tells as it
did before, for the decoder has learned to draw from that.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model
from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.features import as_pictures, as_tensor, features
from ml.avatar.traits import KINDS, TRAIT, TRAITS
from ml.checkpoints import commit
from training.avatar.adversarial import (
    ResumableTraining,
    configure,
    train_or_finish,
    training_parser,
)
from training.avatar.conditioned_training import Drawings, standardised, surprise

FIRST_SEED = 7_000_000  # none that another training draws or that is measured with
_BATCH, _RATE, _WARM, _DECAY = 32, 1e-3, 50, 0.5
_KINDS, _FREE = 2.0, 1.0  # weights of losses
_MEMORY = 0.995  # of the moving average
_HELD_OUT, _SHOWN = 1_000_000, 12  # the first seed of sheets, and how many drawings they show


class EncoderTraining(ResumableTraining):
    """One training; `advance` does a step of it.

    Attributes:
        model: whose encoder learns.
        drawings: what it learns from; more may be added between steps.
        step, seconds: how many were done, and the processor's time they took.
    """

    def __init__(
        self, checkpoint: PortraitCheckpoint, drawings: Drawings, *, seed: int = 0
    ) -> None:
        """Begin with a conditioned model, and at least one drawing of its core's side."""
        super().__init__()
        torch.manual_seed(seed)
        model = checkpoint.model
        assert isinstance(model, DefaultVae)
        assert isinstance(model.decoder, ConditionedDecoder)
        self.model, self.drawings = model.eval().requires_grad_(False), drawings
        self._layout = model.decoder.layout
        self._before = copy.deepcopy(model.encoder)
        self._encoder = model.encoder.requires_grad_(True)
        self._averaged = AveragedModel(
            self._encoder, multi_avg_fn=get_ema_multi_avg_fn(_MEMORY), use_buffers=True
        )
        self._optimiser = Adam(self._encoder.parameters(), _RATE, betas=(0.9, 0.99), fused=True)
        self._dice = np.random.default_rng(seed)
        self._kinds = torch.zeros(TRAITS, dtype=torch.bool)
        for name in KINDS:
            self._kinds[TRAIT[name]] = True

    def advance(self, done: float) -> dict[str, float]:
        """Do one step; `done` is the share of the training that is over, in [0, 1)."""
        share = min(1.0, (self.step + 1) / _WARM, max(0.02, (1 - done) / _DECAY))
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * share
        chosen = self._dice.integers(len(self.drawings), size=_BATCH)
        pictures = as_tensor(self.drawings.pictures[chosen])
        mirrored = torch.from_numpy(self._dice.random(_BATCH) < 0.5).view(-1, 1, 1, 1)
        told = standardised(self._layout, torch.from_numpy(self.drawings.traits[chosen]))
        told[:, TRAIT["facing"]] = torch.where(mirrored.flatten(1), 1.0, -1.0)
        clean = torch.where(mirrored, pictures.flip(3), pictures)
        posted = as_posted(clean, self._dice)
        with torch.no_grad():
            before, _ = self._before(clean, features()(clean))
            seen = features()(posted)
        mean, log_variance = self._encoder(posted, seen)
        losses = self._losses(told, before, mean, log_variance)
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        self._optimiser.step()
        self._averaged.update_parameters(self._encoder)
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _losses(
        self, told: Tensor, before: Tensor, mean: Tensor, log_variance: Tensor
    ) -> dict[str, Tensor]:
        kinds, numbers = self._kinds, ~self._kinds
        own, spread = mean[:, :TRAITS], log_variance[:, :TRAITS]
        return {
            "kinds": _KINDS * (told[:, kinds] - own[:, kinds]).square().sum(1).mean() / len(KINDS),
            "numbers": surprise(told[:, numbers], own[:, numbers], spread[:, numbers]),
            "free": _FREE * (before[:, TRAITS:] - mean[:, TRAITS:]).square().mean(),
        }

    def _parts(self) -> dict[str, Any]:
        return {"encoder": self._encoder, "averaged": self._averaged, "optimiser": self._optimiser}

    @torch.no_grad()
    def sheet(self, file: Path) -> None:
        """Draw unseen drawings, and below each what the decoder draws of it as it is told now."""
        shown = Drawings.empty(_SHOWN, self.model.dimensions.core, _HELD_OUT)
        for seed in range(_HELD_OUT, _HELD_OUT + _SHOWN):
            shown.add(seed)
        pictures = as_tensor(shown.pictures)
        mean, _ = self._averaged.module(pictures, features()(pictures))
        drawn = [pictures, self.model.decode(mean)]
        strips = [np.concatenate(list(as_pictures(each)), 1) for each in drawn]
        Image.fromarray(np.concatenate(strips)).save(file)

    def finished(self, checkpoint: PortraitCheckpoint) -> PortraitCheckpoint:
        """Return a model like the given one, with the encoder's moving average."""
        self.model.encoder.load_state_dict(self._averaged.module.state_dict())
        minutes = f"{self.seconds / 60:.1f}"
        card = {**checkpoint.card, "commit": commit(), "processor minutes for the encoder": minutes}
        return replace(checkpoint, model=self.model.requires_grad_(False).eval(), card=card)


def as_posted(pictures: Tensor, dice: np.random.Generator) -> Tensor:
    """Spoil about half of the pictures (n, 3, side, side) in [-1, 1], each in its own way."""
    spoiled = pictures.clone()
    for picture in spoiled:
        if dice.random() < 0.25:  # made small and large again
            side = int(pictures.shape[2] * dice.uniform(0.4, 0.9))
            small = functional.interpolate(
                picture[None], (side, side), mode="bilinear", antialias=True
            )
            picture[:] = functional.interpolate(
                small, pictures.shape[2:], mode="bilinear", align_corners=False
            )[0]
        if dice.random() < 0.25:  # noise, which a codec leaves too
            noise = dice.normal(0, dice.uniform(0.02, 0.12), picture.shape)
            picture += torch.from_numpy(noise.astype(np.float32))
        if dice.random() < 0.15:  # faded
            picture *= float(dice.uniform(0.75, 1))
    return spoiled.clamp(-1, 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for so many minutes of the processor, or put a model together."""
    options = _parser().parse_args(arguments)
    configure(options)
    checkpoint = load_model(options.model)
    drawings = Drawings.empty(options.room, checkpoint.model.dimensions.core, FIRST_SEED)

    def draw_fresh(count: int = options.fresh) -> None:
        for _ in range(count):
            drawings.add(drawings.first_seed + drawings.count)

    training = EncoderTraining(checkpoint, drawings)
    if not options.out:
        draw_fresh(options.first)
    train_or_finish(
        training, options, finished=training.finished, sheet=training.sheet, before=draw_fresh
    )


def _parser() -> argparse.ArgumentParser:
    parser = training_parser("training.avatar.encoder_training", __doc__, minutes=60)
    parser.add_argument("--model", type=Path, help="what to begin with; without: what ships")
    parser.add_argument("--first", type=int, default=1600, help="drawings to begin with")
    parser.add_argument("--fresh", type=int, default=4, help="new drawings a step")
    parser.add_argument("--room", type=int, default=16_000, help="drawings at hand at most")
    return parser


if __name__ == "__main__":
    main()
