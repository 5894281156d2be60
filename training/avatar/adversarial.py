"""What trainings of portraits share: critics, the state to go on from, the loop."""

from __future__ import annotations

import argparse
import ctypes
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim import Adam

from ml.avatar.checkpoint import PortraitCheckpoint, load_model, save_model
from ml.files import write_atomically
from ml.finetuning.vae_training import (
    Discriminator,
    descend,
    discriminator_loss,
    generator_loss,
)
from training.avatar.upscaler import PatchDiscriminator

_LOG = logging.getLogger(__name__)
_SAVE_SECONDS = 180.0
_KEEP = {
    -4: 0,
    -1: 2**31 - 1,
    -2: 64 * 2**20,
}  # mmap_max, trim, top_pad: <malloc.h>


class Critics(nn.ModuleList):
    """One critic of the frozen network's maps, and one of patches of pixels.

    Attributes:
        optimiser: Adam, of both.
    """

    def __init__(self, side: int, width: int) -> None:
        """Begin.

        Args:
            side: px of the pictures that are judged.
            width: channels of the patches' critic.
        """
        super().__init__([Discriminator(side), PatchDiscriminator(width)])
        self.optimiser = Adam(self.parameters(), 4e-4, betas=(0.0, 0.99), fused=True)

    def judge(self, maps: list[Tensor], drawn: Tensor) -> tuple[Tensor, Tensor]:
        """Return what drawn pictures cost that do not pass as true, by maps and by patches."""
        by_maps, by_pixels = self
        self.requires_grad_(False)
        losses = generator_loss(by_maps(maps)), -by_pixels(drawn).mean()
        self.requires_grad_(True)
        return losses

    def learn(
        self, real: list[Tensor], pictures: Tensor, maps: list[Tensor], drawn: Tensor
    ) -> float:
        """Learn to tell true pictures from drawn ones; return the loss by maps."""
        by_maps, by_pixels = self
        loss = discriminator_loss(
            by_maps([x.detach() for x in real]), by_maps([x.detach() for x in maps])
        )
        patches = discriminator_loss([by_pixels(pictures)], [by_pixels(drawn.detach())])
        descend(self.optimiser, loss + 0.5 * patches, self)
        return float(loss.detach())


class ResumableTraining(ABC):
    """A training whose state is a file, from which it goes on.

    Attributes:
        step, seconds: how many steps were done, and the processor's time they took.
    """

    counted: ClassVar[tuple[str, ...]] = ("step", "seconds")  # numbers that the state holds

    def __init__(self) -> None:
        """Begin at the first step."""
        self.step, self.seconds = 0, 0.0

    @abstractmethod
    def advance(self, done: float) -> dict[str, float]:
        """Do one step and return its losses; `done` is the share that is over, in [0, 1)."""

    @abstractmethod
    def _parts(self) -> dict[str, Any]:
        """Return all that has a state, by name."""

    def save(self, file: Path) -> None:
        """Write all that is needed to continue."""
        save_state(file, self._parts(), {name: getattr(self, name) for name in self.counted})

    def restore(self, file: Path) -> None:
        """Continue from what `save` wrote."""
        state = restore_state(file, self._parts())
        for name in self.counted:
            setattr(self, name, state[name])


def save_state(file: Path, parts: Mapping[str, Any], numbers: Mapping[str, float]) -> None:
    """Write the states of named parts, and numbers, into one file."""
    state = {name: part.state_dict() for name, part in parts.items()} | dict(numbers)
    write_atomically(file, lambda partial: torch.save(state, partial))


def restore_state(file: Path, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Restore parts from what `save_state` wrote; return all that the file holds."""
    state: dict[str, Any] = torch.load(file, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return state


def train(
    training: ResumableTraining,
    options: argparse.Namespace,
    *,
    sheet: Callable[[Path], None],
    before: Callable[[], None] = lambda: None,
) -> None:
    """Train until the minutes are over; save the state and a sheet every few of them.

    Args:
        training: what is trained.
        options: `state`, the file, and `minutes` of the processor, in all.
        sheet: draws what the training can do into a file.
        before: is done before each step.
    """
    _keep_memory()
    spent, saved, earlier = time.process_time(), time.monotonic(), training.seconds
    while (done := training.seconds / (60 * options.minutes)) < 1:
        before()
        losses = training.advance(done)
        training.seconds = earlier + time.process_time() - spent
        if training.step % 20 == 0:
            told = " ".join(f"{name} {value:.4f}" for name, value in losses.items())
            _LOG.info("step %d %.1f%%: %s", training.step, 100 * done, told)
        if time.monotonic() - saved > _SAVE_SECONDS:
            saved = time.monotonic()
            training.save(options.state)
            sheet(options.state.with_suffix(f".{training.step:06d}.png"))
    training.save(options.state)
    sheet(options.state.with_suffix(".png"))


def train_or_finish(
    training: ResumableTraining,
    options: argparse.Namespace,
    *,
    finished: Callable[[PortraitCheckpoint], PortraitCheckpoint],
    sheet: Callable[[Path], None],
    before: Callable[[], None] = lambda: None,
) -> None:
    """Train, or with `--out` write the model that the state makes of `--model`.

    Args:
        training: what is trained; it goes on from the state with `--resume`.
        options: those of `training_parser`, and `model`.
        finished: makes a model of the one that the training began with.
        sheet: as for `train`.
        before: as for `train`.
    """
    if options.resume or options.out:
        training.restore(options.state)
    if options.out:
        save_model(finished(load_model(options.model)), options.out)
        return
    train(training, options, sheet=sheet, before=before)


def configure(options: argparse.Namespace) -> None:
    """Have torch use as many threads as asked for, and the log say when something happened."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)


def _keep_memory() -> None:
    """Have glibc keep what is freed.

    A step asks for maps of the same sizes again and again. Where each is given back to the system,
    its pages are cleared anew: a decoder's step took half as long again.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other libraries than glibc have other ways
        for setting, value in _KEEP.items():
            mallopt(setting, value)


def training_parser(
    module: str, description: str | None, *, minutes: float
) -> argparse.ArgumentParser:
    """Return a parser of the options that all trainings of portraits have.

    Args:
        module: that `python -m` runs.
        description: its docstring.
        minutes: of the processor, unless more or fewer are asked for.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--state", type=Path, required=True, help="all that is needed to go on")
    parser.add_argument("--minutes", type=float, default=minutes, help="of the processor, in all")
    parser.add_argument("--resume", action="store_true", help="go on from the state")
    parser.add_argument("--out", type=Path, help="write the model instead of training")
    parser.add_argument("--threads", type=int, default=1, help="that torch may use")
    return parser
