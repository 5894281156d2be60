"""Fine-tune the shipped portrait model on a server's art, and stop when it gets no better.

    python -m ml.finetuning.portraits --pictures DIR --out FILE

First the VAE-GAN continues with the new pictures; then decoder and upscaler learn their
distribution. Three guards against overfitting two hundred pictures: the encoder stays as it is;
pictures are augmented; and a tenth is held out and decides which weights are kept.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, save_model
from ml.avatar.features import Pictures, as_pictures, feature_vectors, read_picture, resized
from ml.avatar.inference import PortraitModel
from ml.avatar.latents import Density, TraitBank, fit
from ml.avatar.measures import SEEDS, Vectors, drawn, kernel_distance, write_sheet
from ml.finetuning import portrait_training
from ml.finetuning.crop_training import CropTraining
from ml.finetuning.distribution_matching import DistributionMatching
from ml.finetuning.events import Done, PortraitCard
from ml.finetuning.portrait_training import BaseCheckpoint, TrainingConfig, load_base
from ml.finetuning.stages import Losses, Pace, PlannedStage, Stage
from ml.finetuning.vae_training import PortraitRecipe, VaeTraining

_HELD_OUT = 0.1  # share of the pictures
_LEAST_HELD_OUT = 12
_SIDE = 256  # px at which portraits are compared
_SAMPLES = 64  # portraits drawn for each measurement
_MEASURE_EVERY = 100  # steps
_FINE_TUNING = 0.6  # share of the time that the VAE-GAN has; distribution matching has the rest
# Measurements without a better one before the VAE-GAN ends: the distance to a dozen pictures
# swings, and stands still for a while before the discriminator begins to help.
_PATIENCE = 8

LESSON = PortraitRecipe(
    steps=3000,
    batch=8,
    rate=6e-4,
    discriminator_rate=4e-4,
    average=0.99,
    start=0.1,
    coarse=0.0,
    augmentation=1.0,
    parts=1,
    spread=0.95,
    upscaler_steps=0,
    matching_steps=400,
    neighbours=0.0,
    frozen=("encoder", "upscaler"),
)
"""Fine-tuning on few pictures: half an hour on two cores.

The rates are as high as from nothing: at a third of them the style of before, its ears and colours,
was still in every portrait after 260 steps on 60 crops. Most of what is learned comes once the
discriminator helps.
"""


class Validation:
    """Compares portraits with the pictures held out, and remembers the best model.

    Attributes:
        best: the best model so far and its density; what it began from, before any measurement.
        distances: the kernel distance of each measurement; the first is of what it began from.
        stale: measurements since the best one.
        density: returns what portraits are drawn from.
    """

    def __init__(
        self,
        held_out: Vectors,
        density: Callable[[], Density | TraitBank],
        model: DefaultVae,
    ) -> None:
        """Measure `model`, which the training begins from.

        Args:
            held_out: the frozen network's vectors of the pictures held out.
            density: returns what portraits are drawn from.
            model: what the training begins from.
        """
        self._held_out, self.density = held_out, density
        self.distances: list[float] = []
        self.stale = 0
        self.best: tuple[DefaultVae, Density | TraitBank]
        self.measure(model)

    @torch.inference_mode()
    def measure(self, model: DefaultVae) -> None:
        """Measure a model, and remember a copy of it where it is the best so far."""
        density = self.density()
        latents = torch.from_numpy(np.stack([density.draw(seed) for seed in range(_SAMPLES)]))
        device = next(model.parameters()).device
        portraits = [model.portraits(latent[None].to(device)) for latent in latents]
        vectors = feature_vectors(
            np.concatenate([as_pictures(resized(portrait, _SIDE)) for portrait in portraits])
        )
        distance = kernel_distance(vectors, self._held_out)
        if not self.distances or distance < min(self.distances):
            self.best, self.stale = (copy.deepcopy(model), density), 0
        else:
            self.stale += 1
        self.distances.append(distance)

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        model, density = self.best
        if isinstance(density, TraitBank):
            fitted = [density.rows]
        else:
            fitted = [density.shares, density.means, density.factors]
        return {
            "distances": list(self.distances),
            "stale": self.stale,
            "best": model.state_dict(),
            "density": [torch.from_numpy(numbers) for numbers in fitted],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError: it is of another training.
        """
        model = copy.deepcopy(self.best[0])
        model.load_state_dict(state["best"])
        numbers, density = [tensor.numpy() for tensor in state["density"]], self.best[1]
        if isinstance(density, TraitBank):
            (rows,) = numbers
            self.best = model, TraitBank(rows, density.options)
        else:
            shares, means, factors = numbers
            self.best = model, Density(shares, means, factors, density.spread)
        self.distances, self.stale = list(state["distances"]), state["stale"]


class ValidatedStage:
    """A stage whose model is measured every so many steps, which counts as its time."""

    def __init__(
        self,
        stage: Stage,
        model: Callable[[], DefaultVae],
        validation: Validation,
        *,
        patience: float = math.inf,
    ) -> None:
        """Run `stage` until `patience` measurements of its `model` brought nothing better."""
        self._stage, self._model, self._validation = stage, model, validation
        self._patience = patience
        self.name, self.steps = stage.name, stage.steps

    @property
    def converged(self) -> bool:
        """Whether it gets no better."""
        return self._validation.stale >= self._patience

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss, and the distance last measured."""
        losses = self._stage.step(pace)
        if pace.last or (pace.step + 1) % _MEASURE_EVERY == 0:
            self._validation.measure(self._model())
        return {**losses, "distance": self._validation.distances[-1]}

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        return {"stage": self._stage.save(), "validation": self._validation.save()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned, or from a checkpoint of version 0.1.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another training.
        """
        if "validation" in state:
            self._stage.restore(state["stage"])
            self._validation.restore(state["validation"])
        else:
            self._stage.restore(state)
            self._validation.measure(self._model())


class PortraitLesson:
    """A fine-tuning of trained weights on few pictures."""

    restarts = True  # it takes less than an hour, and nobody sits beside it to begin it again

    def __init__(
        self,
        config: TrainingConfig,
        files: Sequence[Path],
        *,
        before: Path | None = None,
        comparison: Path | None = None,
    ) -> None:
        """Read the base and hold pictures out.

        Args:
            config: of the training.
            files: square pictures, at least 24.
            before: the model that portraits are compared with at the end; None: the base.
            comparison: where a sheet of portraits before and after goes; None: nowhere.

        Raises:
            PortraitModelError: the base cannot be used.
            OSError: a picture cannot be read.
        """
        self._config, self._pictures = config, len(files)
        self._before, self._comparison = before or config.base, comparison
        base = load_base(config.base, config.device)
        self._base, self._drawings = base.model, base.choices
        self._choices = _choices_of(base)
        self._recipe = replace(
            LESSON,
            dimensions=self._base.dimensions,
            steps=config.steps or LESSON.steps,
            matching_steps=min(config.steps or LESSON.matching_steps, LESSON.matching_steps),
        )
        count = max(_LEAST_HELD_OUT, round(_HELD_OUT * len(files)))
        order = np.random.default_rng(config.seed).permutation(len(files))
        mixed = [files[index] for index in order]
        self._trained_on = mixed[count:]
        self._held_out: Vectors = feature_vectors(_read(mixed[:count], _SIDE))
        self._vae: CropTraining | VaeTraining
        self._validation: Validation
        self._began: Pictures

    def parts(self) -> Sequence[PlannedStage]:
        """Return its stages, all of them at their beginning."""
        config, recipe = self._config, self._recipe
        pictures = _read(self._trained_on, recipe.dimensions.core)
        vae = self._first_stage(pictures)
        validation = Validation(self._held_out, partial(_drawn_from, vae), vae.model)
        self._vae, self._validation = vae, validation
        self._began = drawn(*validation.best)

        def match() -> Stage:
            model, density = validation.best
            validation.density = lambda: density  # what decoder and upscaler learn with stays
            told = torch.from_numpy(density.rows) if isinstance(density, TraitBank) else None
            # The best stays as it is until a measurement finds a better one.
            matching = DistributionMatching(
                copy.deepcopy(model),
                density,
                self._trained_on,
                recipe.matching_steps,
                config.seed,
                recipe.neighbours,
                latents=None if told is None else told.to(config.device),
            )
            return ValidatedStage(matching, lambda: matching.model, validation)

        fine_tuning = ValidatedStage(vae, lambda: vae.model, validation, patience=_PATIENCE)
        return [
            PlannedStage(_FINE_TUNING, lambda: fine_tuning),
            PlannedStage(1 - _FINE_TUNING, match),
        ]

    def _first_stage(self, pictures: Pictures) -> CropTraining | VaeTraining:
        config, recipe = self._config, self._recipe
        if self._drawings is None:  # the base knows no traits
            return VaeTraining(recipe, pictures, config.seed, config.device, self._base)
        return CropTraining(
            recipe, pictures, config.seed, self._base, self._drawings, config.device
        )

    def sheet(self) -> list[Pictures]:
        """Draw portraits as they were at the beginning, and by the best model so far.

        None of the lesson's own pictures: who looks on need not be whom they were given to.
        """
        return [self._began, drawn(*self._validation.best)]

    def finish(self) -> Done:
        """Write the best weights, and draw with them as they are in the file.

        Raises:
            PortraitModelError: they cannot be drawn with.
        """
        config, (model, density) = self._config, self._validation.best
        before, best = self._validation.distances[0], min(self._validation.distances)
        card = config.card(
            self._pictures,
            steps=str(self._vae.trained),
            base=config.base.name if config.base else "shipped",
            **{"kernel distance before": f"{before:.4f}", "kernel distance": f"{best:.4f}"},
        )
        saved = PortraitCheckpoint(model.cpu(), density, card, choices=self._choices)
        save_model(saved, config.out)
        written = PortraitModel.load(config.out)
        if self._comparison is not None:
            models = PortraitModel.load(self._before), written
            rows = [each.draw(each.latents(SEEDS)) for each in models]
            write_sheet(rows, self._comparison, icons=True)
        return Done(config.out, PortraitCard(written.name, self._pictures, best, before))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fine-tune; return 0 when it was done or stopped on request, 1 when it failed."""
    parser = argparse.ArgumentParser(
        prog="python -m ml.finetuning.portraits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    portrait_training.add_options(parser)
    parser.add_argument("--before", type=Path, help="compare with this model instead of the base")
    parser.add_argument("--comparison", type=Path, help="draw portraits before and after here")
    options = parser.parse_args(arguments)
    begin = partial(PortraitLesson, before=options.before, comparison=options.comparison)
    return portrait_training.main(options, begin, "lesson")


def _drawn_from(stage: CropTraining | VaeTraining) -> Density | TraitBank:
    if isinstance(stage, CropTraining):
        return stage.bank()
    return fit(stage.encoded(), stage.recipe.parts, spread=stage.recipe.spread)


def _choices_of(base: BaseCheckpoint) -> TraitBank | None:
    """Return what a lesson's portraits can still be told: style and scene are the server's own."""
    if base.choices is None:
        return None
    options = {group: base.choices.options[group] for group in ("mood", "ears")}
    return replace(base.choices, options=options)


def _read(files: Sequence[Path], side: int) -> Pictures:
    return np.stack([read_picture(file, side) for file in files])


if __name__ == "__main__":
    sys.exit(main())
