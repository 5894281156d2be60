"""Run a training of portraits from the command line: pictures in, weights and events out."""

from __future__ import annotations

import argparse
import logging
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch

from ml.avatar.checkpoint import DefaultVae, load_model
from ml.avatar.features import Pictures, files_in
from ml.avatar.latents import PortraitModelError, TraitBank
from ml.avatar.measures import write_sheet
from ml.checkpoints import ModelFileError, commit
from ml.finetuning.events import (
    Done,
    Failed,
    JsonLines,
    ProgressBar,
    Reporter,
    Stopped,
    TrainingProgress,
    code_of,
)
from ml.finetuning.stages import Advance, CheckpointError, PlannedStage, TimeBudget, run_stages

_LOG = logging.getLogger(__name__)

LEAST_PICTURES = 24  # with fewer no recipe learns anything
VERSION = "1"  # of the models


class TooFewPicturesError(Exception):
    """The folder holds too few pictures; the message says how many."""

    code = "too_little"


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What is trained.

    Attributes:
        pictures: a folder of square crops.
        out: where the weights go; checkpoint and sheets lie beside it.
        budget: what it may take.
        base: weights to continue from.
        resume: whether to continue from the checkpoint, if there is one.
        seed: of random numbers.
        side: px of portraits; None goes by the pictures.
        steps: instead of the recipe's own number.
        device: `cpu` or `cuda`.
        name: of the model.
        recipe: for the card.
    """

    pictures: Path
    out: Path
    budget: TimeBudget = field(default_factory=TimeBudget)
    base: Path | None = None
    resume: bool = False
    seed: int = 0
    side: int | None = None
    steps: int | None = None
    device: str = "cpu"
    name: str = "portraits"
    recipe: str = "default"

    def card(self, pictures: int, **more: str) -> dict[str, str]:
        """Describe the training for the model's card."""
        return {
            "name": self.name,
            "version": VERSION,
            "recipe": self.recipe,
            "pictures": str(pictures),
            "seed": str(self.seed),
            "commit": commit(),
            "processor minutes": f"{time.process_time() / 60:.1f}",
            **more,
        }


class PortraitTraining(Protocol):
    """A recipe at work on some pictures."""

    restarts: bool  # whether a damaged checkpoint makes it begin anew instead of failing

    def parts(self) -> Sequence[PlannedStage]:
        """Return its stages, all of them at their beginning."""

    def sheet(self) -> list[Pictures]:
        """Draw the rows of a sheet."""

    def finish(self) -> Done:
        """Write the weights."""


Begin = Callable[[TrainingConfig, list[Path]], PortraitTraining]


def run_training(config: TrainingConfig, begin: Begin, reporter: Reporter) -> None:
    """Train until it is done, or until someone asks this process to end.

    Raises:
        TooFewPicturesError: there are fewer than 24.
        PortraitModelError: the base cannot be used.
        CheckpointError: the checkpoint cannot be used, and the training does not begin anew.
        OSError: a picture or the folder cannot be read or written.
        FloatingPointError: it diverged.
    """
    files = files_in(config.pictures)
    if len(files) < LEAST_PICTURES:
        raise TooFewPicturesError(f"{len(files)} pictures, and {LEAST_PICTURES} is the least")
    config.out.parent.mkdir(parents=True, exist_ok=True)
    training = begin(config, files)
    checkpoint = config.out.with_suffix(".resume")
    if not _run(training, config, checkpoint, reporter):
        reporter.report(Stopped(checkpoint))
        return
    done = training.finish()
    checkpoint.unlink(missing_ok=True)
    reporter.report(done)


def _run(
    training: PortraitTraining, config: TrainingConfig, checkpoint: Path, reporter: Reporter
) -> bool:
    stop_requests: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stop_requests.append(number))
    sheet: Path | None = None

    def each(advance: Advance) -> None:
        nonlocal sheet
        if advance.saved:
            sheet = config.out.with_suffix(".sheets") / f"{advance.step:06d}.png"
            write_sheet(training.sheet(), sheet)
        left = None if advance.seconds_left is None else round(advance.seconds_left)
        reporter.report(TrainingProgress(advance.step, advance.steps, left, advance.losses, sheet))

    def run(*, resume: bool) -> bool:
        return run_stages(
            training.parts(),
            config.budget,
            checkpoint,
            resume=resume,
            each=each,
            stop=lambda: bool(stop_requests),
        )

    try:
        return run(resume=config.resume)
    except CheckpointError:
        if not training.restarts:
            raise
        _LOG.warning("%s is damaged: the training begins anew", checkpoint, exc_info=True)
    return run(resume=False)


def main(options: argparse.Namespace, begin: Begin, recipe: str) -> int:
    """Train as the parsed options say; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    torch.set_num_threads(options.threads)
    config = TrainingConfig(
        pictures=options.pictures,
        out=options.out,
        budget=TimeBudget(
            math.inf if options.minutes is None else 60 * options.minutes,
            time.process_time if options.processor_time else time.monotonic,
        ),
        base=options.base,
        resume=options.resume,
        seed=options.seed,
        side=getattr(options, "side", None),
        steps=options.steps,
        device=options.device,
        name=options.name,
        recipe=recipe,
    )
    with JsonLines() if options.events else ProgressBar() as reporter:
        try:
            run_training(config, begin, reporter)
        except (
            TooFewPicturesError,
            ModelFileError,
            CheckpointError,
            OSError,
            FloatingPointError,
        ) as error:
            reporter.report(Failed(code_of(error), str(error)))
            return 1
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all trainings of portraits have."""
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of square crops")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write")
    parser.add_argument("--minutes", type=float, help="end after so long; fewer steps are done")
    parser.add_argument(
        "--processor-time", action="store_true", help="count the minutes of the processor instead"
    )
    parser.add_argument("--base", type=Path, help="weights to continue from")
    parser.add_argument("--resume", action="store_true", help="continue where it was interrupted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--events", action="store_true", help="JSON lines instead of a bar")
    parser.add_argument("--steps", type=int, help="instead of the recipe's own number")
    parser.add_argument("--name", default="portraits", help="what the model is called")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)


@dataclass(frozen=True, slots=True, eq=False)
class BaseCheckpoint:
    """Weights to continue from, and what can be chosen of their portraits."""

    model: DefaultVae
    choices: TraitBank | None


def load_base(file: Path | None, device: str) -> BaseCheckpoint:
    """Load weights to continue from; None takes the shipped ones.

    Raises:
        PortraitModelError: they cannot be used.
    """
    checkpoint = load_model(file, device)
    model = checkpoint.model
    if not isinstance(model, DefaultVae):
        raise PortraitModelError("the base is of the seed recipe, which nothing continues from")
    return BaseCheckpoint(model, checkpoint.choices)
