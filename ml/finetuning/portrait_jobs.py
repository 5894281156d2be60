"""A training from its folder of pictures to its file of weights, whatever the recipe."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Protocol

import numpy as np
from PIL import Image

from ml.avatar.checkpoint import PortraitCheckpoint, PortraitModelError, load_model, save_model
from ml.avatar.density import Density, fit
from ml.avatar.image_tensors import Pictures, files_in, read_pictures
from ml.avatar.model import DefaultVae
from ml.finetuning.distribution_matching import DistributionMatching
from ml.finetuning.events import State
from ml.finetuning.portrait_lesson import PortraitLesson
from ml.finetuning.portrait_sheets import drawn, redrawn, write_sheet
from ml.finetuning.recipes import LESSON, Name, PortraitRecipe, SeedRecipe
from ml.finetuning.time_budget import UNBOUNDED, TimeBudget
from ml.finetuning.upscaler_training import UpscalerTraining
from ml.finetuning.vae_training import VaeTraining
from training.avatar.seed_training import SeedTraining

_LOG = logging.getLogger(__name__)

LEAST = 24  # pictures; with fewer no recipe learns anything
VERSION = "1"
_SAVE_EVERY = 120.0  # seconds
# Shares of a limited time that the VAE-GAN, the upscaler and the polishing have.
_SHARES = 0.7, 0.15, 0.15
_SMOOTHING = 0.95


class TooFew(Exception):
    """The folder holds too few pictures; the message says how many."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What someone wants trained.

    Attributes:
        pictures: a folder of square crops.
        recipe: which.
        out: where the weights go; its resume file and sheets lie beside it.
        allowed: what it may take.
        base: weights to go on from; a lesson takes the shipped ones where None.
        resume: whether to go on from the resume file, if there is one.
        seed: what chance starts from.
        side: px of portraits; None goes by the pictures.
        steps: instead of the recipe's own number.
        device: `cpu` or `cuda`.
        name: of the model.
        commit: of the program.
    """

    pictures: Path
    recipe: Name
    out: Path
    allowed: TimeBudget = UNBOUNDED
    base: Path | None = None
    resume: bool = False
    seed: int = 0
    side: int | None = None
    steps: int | None = None
    device: str = "cpu"
    name: str = "portraits"
    commit: str = "unknown"


class Stage(Protocol):
    """A part of a training."""

    @property
    def step(self) -> int:
        """How many are done."""

    @property
    def done(self) -> float:
        """The share that is done, 0 to 1."""

    def steps(self) -> Iterator[dict[str, float]]:
        """Train to the end; yields the parts of the loss after every step."""


class TrainingJob(ABC):
    """One training with all that surrounds it."""

    def __init__(self, asked: TrainingConfig) -> None:
        self.out, self.resume = asked.out, asked.out.with_suffix(".resume")
        self._asked, self._files = asked, files_in(asked.pictures)
        if len(self._files) < LEAST:
            raise TooFew(f"{len(self._files)} pictures, and {LEAST} is the least")
        self._sheet: Path | None = None
        self._losses: dict[str, float] = {}
        asked.out.parent.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def steps(self) -> Iterator[State]:
        """Train to the end, saving and drawing a sheet now and then."""

    @abstractmethod
    def save(self) -> None:
        """Keep what is needed to go on."""

    @abstractmethod
    def finish(self) -> dict[str, float]:
        """Write the weights; returns figures, by name."""

    @abstractmethod
    def draw_sheet(self) -> list[Pictures]:
        """Draw the rows of a sheet."""

    def _stage(self, stage: Stage, before: float, share: float) -> Iterator[State]:
        """Run a stage.

        Args:
            stage: what is run.
            before: the share of the whole that is done when it begins.
            share: the share of the whole that it is.
        """
        begun, already = time.monotonic(), stage.done
        saved = begun
        for parts in stage.steps():
            self._remember(parts)
            now, done = time.monotonic(), stage.done
            if now - saved > _SAVE_EVERY or done >= 1:
                self.save()
                self._draw(stage.step)
                saved = time.monotonic()
            # What is left of later stages is guessed from how this one goes.
            pace = (now - begun) / max(1e-9, done - already) / share
            left = pace * (1 - before - share * done) if done > already else None
            steps = round(stage.step / max(done, 1e-9) / share)
            yield State(
                round(steps * (before + share * done)), steps, left, self._losses, self._sheet
            )

    def _remember(self, parts: dict[str, float]) -> None:
        kept = _SMOOTHING
        self._losses = {
            name: kept * self._losses.get(name, value) + (1 - kept) * value
            for name, value in parts.items()
        }

    def _draw(self, step: int) -> None:
        folder = self.out.with_suffix(".sheets")
        self._sheet = folder / f"{step:06d}.png"
        write_sheet(self.draw_sheet(), self._sheet)

    def _card(self, **more: str) -> dict[str, str]:
        asked = self._asked
        return {
            "name": asked.name,
            "version": VERSION,
            "recipe": asked.recipe,
            "pictures": str(len(self._files)),
            "seed": str(asked.seed),
            "commit": asked.commit,
            "processor minutes": f"{time.process_time() / 60:.1f}",
            **more,
        }


class DefaultJob(TrainingJob):
    """The VAE-GAN, then the upscaler, then decoder and upscaler together."""

    def __init__(self, asked: TrainingConfig) -> None:
        super().__init__(asked)
        recipe = PortraitRecipe()
        recipe = replace(recipe, steps=asked.steps or recipe.steps)
        base = _base(asked.base, asked.device) if asked.base else None
        side = asked.side or _side_of(self._files)
        sized = base.dimensions if base else replace(recipe.dimensions, side=side)
        recipe = replace(recipe, dimensions=sized)
        pictures = read_pictures(asked.pictures, sized.core)
        allowed = asked.allowed.share(_SHARES[0])
        self._training = VaeTraining(recipe, pictures, asked.seed, asked.device, base, allowed)
        if asked.resume and self.resume.exists():
            self._training.restore(self.resume)
        self._shown = _spread(pictures)
        self._density: Density | None = None

    def steps(self) -> Iterator[State]:
        """Train to the end, saving and drawing a sheet now and then."""
        first, second, third = _SHARES
        yield from self._stage(self._training, 0.0, first)
        model, recipe, asked = self._training.model, self._training.recipe, self._asked
        finishing = UpscalerTraining(
            model,
            self._files,
            min(recipe.finishing, asked.steps or recipe.finishing),
            asked.seed,
            allowed=asked.allowed.share(second),
        )
        yield from self._stage(finishing, first, second)
        # The encoder, and with it the density, stays as it is from here.
        self._density = fit(self._training.encoded(), recipe.parts, spread=recipe.spread)
        polishing = DistributionMatching(
            model,
            self._density,
            self._files,
            min(recipe.polishing, asked.steps or recipe.polishing),
            asked.seed,
            recipe.neighbours,
            allowed=asked.allowed.share(third),
        )
        yield from self._stage(polishing, first + second, third)

    def save(self) -> None:
        """Keep what is needed to go on."""
        self._training.save(self.resume)

    def finish(self) -> dict[str, float]:
        """Write the weights; returns figures, by name."""
        assert self._density is not None
        card = self._card(steps=str(self._training.step))
        save_model(PortraitCheckpoint(self._training.model.cpu(), self._density, card), self.out)
        self.resume.unlink(missing_ok=True)
        return {}

    def draw_sheet(self) -> list[Pictures]:
        """Draw pictures, the same drawn again, and portraits."""
        model, density = self._training.model, self._density or self._training.density
        rows = [self._shown, redrawn(model, self._shown)]
        return [*rows, drawn(model, density)] if density else rows


class LessonJob(TrainingJob):
    """A fine-tuning of trained weights on few pictures."""

    def __init__(self, asked: TrainingConfig) -> None:
        super().__init__(asked)
        base = _base(asked.base, asked.device)
        recipe = replace(
            LESSON,
            steps=asked.steps or LESSON.steps,
            polishing=min(asked.steps or LESSON.polishing, LESSON.polishing),
        )

        def begin() -> PortraitLesson:
            return PortraitLesson(
                recipe, self._files, asked.seed, base, asked.device, asked.allowed
            )

        self._lesson = begin()
        self._began = drawn(*self._lesson.best)
        if asked.resume and self.resume.exists():
            try:
                self._lesson.restore(self.resume)
            except (OSError, RuntimeError, EOFError, KeyError, UnpicklingError):
                # A lesson takes less than an hour, and nobody sits beside it to begin it again.
                _LOG.warning("%s is damaged: the lesson begins anew", self.resume, exc_info=True)
                self._lesson = begin()

    def steps(self) -> Iterator[State]:
        """Train until it gets no better, saving and drawing a sheet now and then."""
        yield from self._stage(self._lesson, 0.0, 1.0)

    def save(self) -> None:
        """Keep what is needed to go on."""
        self._lesson.save(self.resume)

    def finish(self) -> dict[str, float]:
        """Write the best weights; the figures are kernel distances to the kept pictures."""
        model, density = self._lesson.best
        before, best = self._lesson.distances[0], min(self._lesson.distances)
        card = self._card(
            steps=str(self._lesson.step),
            base=self._asked.base.name if self._asked.base else "shipped",
            **{"kernel distance before": f"{before:.4f}", "kernel distance": f"{best:.4f}"},
        )
        save_model(PortraitCheckpoint(model.cpu(), density, card), self.out)
        self.resume.unlink(missing_ok=True)
        return {"distance_before": before, "distance": best}

    def draw_sheet(self) -> list[Pictures]:
        """Draw portraits as they were at the beginning, and by the best model so far.

        None of the lesson's own pictures: who looks on need not be whom they were given to.
        """
        return [self._began, drawn(*self._lesson.best)]


class SeedJob(TrainingJob):
    """The blog's recipe."""

    def __init__(self, asked: TrainingConfig) -> None:
        super().__init__(asked)
        recipe = SeedRecipe()
        if asked.steps:
            recipe = replace(recipe, epochs=1, iterations=asked.steps, batch=8)
        pictures = read_pictures(asked.pictures, recipe.dimensions.core)
        self._training = SeedTraining(recipe, pictures, asked.seed, asked.device, asked.allowed)
        if asked.resume and self.resume.exists():
            self._training.restore(self.resume)
        self._shown = _spread(pictures)

    def steps(self) -> Iterator[State]:
        """Train to the end, saving and drawing a sheet now and then."""
        yield from self._stage(self._training, 0.0, 1.0)

    def save(self) -> None:
        """Keep what is needed to go on."""
        self._training.save(self.resume)

    def finish(self) -> dict[str, float]:
        """Write the weights, and the blog's comparison beside them."""
        training = self._training
        model = training.model.eval()
        if training.alone is not None:
            rows = [training.alone, drawn(model, training.density)]
            write_sheet(rows, self.out.with_suffix(".comparison.png"))
        started = "ImageNet" if training.imagenet else "untrained"
        card = self._card(steps=str(training.step), start=started)
        save_model(PortraitCheckpoint(model.cpu(), training.density, card), self.out)
        self.resume.unlink(missing_ok=True)
        return {}

    def draw_sheet(self) -> list[Pictures]:
        """Draw pictures, the same drawn again, and portraits."""
        model = self._training.model.eval()
        rows = [self._shown, redrawn(model, self._shown), drawn(model, self._training.density)]
        return rows if self._training.alone is None else [*rows, self._training.alone]


def prepare(asked: TrainingConfig) -> TrainingJob:
    """Read the pictures and set the training up.

    Raises:
        TooFew: there are fewer than 24 pictures.
        ModelError: the base cannot be used.
        OSError: a picture or the folder cannot be read.
    """
    jobs: dict[Name, Callable[[TrainingConfig], TrainingJob]] = {
        "default": DefaultJob,
        "lesson": LessonJob,
        "seed": SeedJob,
    }
    return jobs[asked.recipe](asked)


def _base(file: Path | None, device: str) -> DefaultVae:
    model = load_model(file, device).model
    if not isinstance(model, DefaultVae):
        raise PortraitModelError("the base is of the seed's recipe, which nothing goes on from")
    return model


def _side_of(files: list[Path]) -> int:
    edges = []
    for file in files[:50]:
        with Image.open(file) as picture:
            edges.append(min(picture.size))
    return 512 if np.median(edges) >= 512 else 256


def _spread(pictures: Pictures) -> Pictures:
    chosen: Pictures = pictures[np.linspace(0, len(pictures) - 1, 8).astype(int)]
    return chosen
