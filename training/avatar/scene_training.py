"""Teaches a decoder to draw the things of scenes, of whose places its layout tells.

    python -m training.avatar.scene_training --state STATE --minutes 15 [--model MODEL] [--resume]
    python -m training.avatar.scene_training --state STATE --model MODEL --out FILE

Only what reads those maps learns, from drawings, of which each scene has as many: in other
trainings most are seen too seldom. What is to be drawn is the drawing's backdrop around the girl as
the decoder draws her already; so her lines stay.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.optim import Adam

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model
from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.features import as_pictures, as_tensor
from ml.checkpoints import commit
from training.avatar.adversarial import (
    ResumableTraining,
    configure,
    train_or_finish,
    training_parser,
)
from training.avatar.conditioned_training import latent_of
from training.avatar.upscaler import gradient_distance
from training.illustrator.drawing import illustrate, silhouette
from training.illustrator.pairs import LARGE, shrunk
from training.illustrator.subject import Scene
from training.illustrator.traits import traits_of

FIRST_SEED = 4_000_000  # none that another training draws or that is measured with
_BATCH, _RATE, _WARM = 8, 2e-3, 20
_SHOWN = 10  # drawings on a sheet, one of each scene


class SceneTraining(ResumableTraining):
    """One training; `advance` does a step of it.

    Attributes:
        model: whose decoder learns.
        step, seconds: how many were done, and the processor's time they took.
    """

    def __init__(self, checkpoint: PortraitCheckpoint, count: int, *, seed: int = 0) -> None:
        """Draw `count` drawings, as many of each scene, and find out what they are drawn from."""
        super().__init__()
        torch.manual_seed(seed)
        model = checkpoint.model
        assert isinstance(model, DefaultVae)
        assert isinstance(model.decoder, ConditionedDecoder)
        self.model = model.eval().requires_grad_(False)
        self._learns = nn.ModuleList(
            module
            for name, module in model.decoder.named_modules()
            if name.endswith("_scene_reader")
        ).requires_grad_(True)
        self._optimiser = Adam(self._learns.parameters(), _RATE, betas=(0.9, 0.99), fused=True)
        self._dice = np.random.default_rng(seed)
        examples = [self._draw(number) for number in range(count)]
        self._true = torch.stack([true for true, _ in examples])
        self._told = torch.stack([told for _, told in examples])

    @torch.no_grad()
    def _draw(self, number: int) -> tuple[Tensor, Tensor]:
        """Return what is to be drawn, (3, core, core), and the latent it is drawn from."""
        scenes = list(Scene)
        seed, scene = FIRST_SEED + number, scenes[number % len(scenes)]
        large = illustrate(seed, LARGE // 2, scene=scene).pixels
        core = self.model.dimensions.core
        small = shrunk(large, core)
        told = latent_of(self.model, small, traits_of(seed, scene=scene))
        covered = 255 * silhouette(seed, LARGE // 2, scene=scene)
        girl = torch.from_numpy(shrunk(covered.astype(np.uint8), core) / np.float32(255))
        true = as_tensor(np.stack([small]))[0]
        return torch.lerp(true, self.model.decode(told[None])[0], girl), told

    def advance(self, done: float) -> dict[str, float]:
        """Do one step; `done` is the share of the training that is over, in [0, 1)."""
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (self.step + 1) / _WARM, max(0.02, 1.5 * (1 - done)))
        chosen = torch.from_numpy(self._dice.integers(len(self._true), size=_BATCH))
        true = self._true[chosen]
        drawn = self.model.decode(self._told[chosen])
        losses = {
            "pixels": (drawn - true).abs().mean(),
            "gradients": gradient_distance(drawn, true),
        }
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        self._optimiser.step()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _parts(self) -> dict[str, Any]:
        return {"learns": self._learns, "optimiser": self._optimiser}

    @torch.no_grad()
    def sheet(self, file: Path) -> None:
        """Draw one drawing of each scene, and the same by the decoder."""
        true, drawn = self._true[:_SHOWN], self.model.decode(self._told[:_SHOWN])
        rows = [np.concatenate(list(as_pictures(each)), 1) for each in (true, drawn)]
        Image.fromarray(np.concatenate(rows)).save(file)

    def finished(self, checkpoint: PortraitCheckpoint) -> PortraitCheckpoint:
        """Return a model like the given one, with what was learned."""
        minutes = f"{self.seconds / 60:.1f}"
        card = {**checkpoint.card, "commit": commit(), "processor minutes for scenes": minutes}
        return replace(checkpoint, model=self.model.eval(), card=card)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for so many minutes of the processor, or put a model together."""
    options = _parser().parse_args(arguments)
    configure(options)
    training = SceneTraining(load_model(options.model), _SHOWN if options.out else options.drawings)
    train_or_finish(training, options, finished=training.finished, sheet=training.sheet)


def _parser() -> argparse.ArgumentParser:
    parser = training_parser("training.avatar.scene_training", __doc__, minutes=15)
    parser.add_argument("--model", type=Path, help="what to begin with; without: what ships")
    parser.add_argument("--drawings", type=int, default=800, help="it learns from")
    return parser


if __name__ == "__main__":
    main()
