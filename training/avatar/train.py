"""Train portraits from nothing: `python -m training.avatar.train --recipe default|seed ...`.

`default` is the best we can make: the VAE-GAN, the upscaler, then distribution matching. `seed` is
what the blog did, to the letter. Both take `--pictures DIR --out FILE`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from ml.avatar.checkpoint import PortraitCheckpoint, save_model
from ml.avatar.features import Pictures, read_pictures
from ml.avatar.latents import Density, PortraitModelError, fit
from ml.avatar.measures import drawn, redrawn, write_sheet
from ml.finetuning import portrait_training
from ml.finetuning.distribution_matching import DistributionMatching
from ml.finetuning.events import Done
from ml.finetuning.portrait_training import TrainingConfig, load_base
from ml.finetuning.stages import PlannedStage, Stage
from ml.finetuning.vae_training import PortraitRecipe, VaeTraining
from training.avatar.seed_training import SeedRecipe, SeedTraining
from training.avatar.upscaler_training import UpscalerTraining

_VAE, _UPSCALER, _MATCHING = 0.7, 0.15, 0.15  # shares of a limited time
_SHOWN = 8  # pictures on a sheet


class DefaultTraining:
    """The VAE-GAN, then the upscaler, then decoder and upscaler together."""

    restarts = False  # it takes hours, which nobody wants to lose unasked

    def __init__(self, config: TrainingConfig, files: list[Path]) -> None:
        """Read the pictures.

        Raises:
            PortraitModelError: the base cannot be used.
            OSError: a picture cannot be read.
        """
        recipe = PortraitRecipe()
        base = load_base(config.base, config.device).model if config.base else None
        if base and base.dimensions.recipe == "conditioned":
            raise PortraitModelError("training.avatar.conditioned_training goes on with this base")
        side = config.side or _side_of(files)
        dimensions = base.dimensions if base else replace(recipe.dimensions, side=side)
        steps = config.steps
        self._recipe = replace(
            recipe,
            dimensions=dimensions,
            steps=steps or recipe.steps,
            upscaler_steps=min(steps or recipe.upscaler_steps, recipe.upscaler_steps),
            matching_steps=min(steps or recipe.matching_steps, recipe.matching_steps),
        )
        self._config, self._files = config, files
        pictures = read_pictures(config.pictures, dimensions.core)
        self._shown = _spread(pictures)
        self._vae = VaeTraining(self._recipe, pictures, config.seed, config.device, base)
        self._density: Density | None = None

    def parts(self) -> Sequence[PlannedStage]:
        """Return its stages."""
        return [
            PlannedStage(_VAE, lambda: self._vae),
            PlannedStage(_UPSCALER, self._upscale),
            PlannedStage(_MATCHING, self._match),
        ]

    def sheet(self) -> list[Pictures]:
        """Draw pictures, the same drawn again, and portraits."""
        model, density = self._vae.model, self._density or self._vae.density
        rows = [self._shown, redrawn(model, self._shown)]
        return [*rows, drawn(model, density)] if density else rows

    def finish(self) -> Done:
        """Write the weights."""
        assert self._density is not None  # fitted when the last stage began
        config = self._config
        card = config.card(len(self._files), steps=str(self._vae.trained))
        save_model(PortraitCheckpoint(self._vae.model.cpu(), self._density, card), config.out)
        return Done(config.out)

    def _upscale(self) -> Stage:
        return UpscalerTraining(
            self._vae.model, self._files, self._recipe.upscaler_steps, self._config.seed
        )

    def _match(self) -> Stage:
        recipe = self._recipe
        # The encoder, and with it the density, stays as it is from here.
        self._density = fit(self._vae.encoded(), recipe.parts, spread=recipe.spread)
        return DistributionMatching(
            self._vae.model,
            self._density,
            self._files,
            recipe.matching_steps,
            self._config.seed,
            recipe.neighbours,
        )


class BlogTraining:
    """The blog's recipe."""

    restarts = False  # it takes hours, which nobody wants to lose unasked

    def __init__(self, config: TrainingConfig, files: list[Path]) -> None:
        """Read the pictures.

        Raises:
            OSError: a picture cannot be read.
        """
        recipe = SeedRecipe()
        if config.steps:
            recipe = replace(recipe, epochs=1, iterations=config.steps, batch=8)
        self._config, self._pictures = config, len(files)
        pictures = read_pictures(config.pictures, recipe.dimensions.core)
        self._training = SeedTraining(recipe, pictures, config.seed, config.device)
        self._shown = _spread(pictures)

    def parts(self) -> Sequence[PlannedStage]:
        """Return its stages."""
        return self._training.parts()

    def sheet(self) -> list[Pictures]:
        """Draw pictures, the same drawn again, and portraits."""
        model = self._training.model.eval()
        rows = [self._shown, redrawn(model, self._shown), drawn(model, self._training.density)]
        return rows if self._training.alone is None else [*rows, self._training.alone]

    def finish(self) -> Done:
        """Write the weights, and the blog's comparison beside them."""
        training, config = self._training, self._config
        model = training.model.eval()
        if training.alone is not None:
            rows = [training.alone, drawn(model, training.density)]
            write_sheet(rows, config.out.with_suffix(".comparison.png"))
        card = config.card(self._pictures, start="ImageNet" if training.imagenet else "untrained")
        save_model(PortraitCheckpoint(model.cpu(), training.density, card), config.out)
        return Done(config.out)


RECIPES: dict[str, type[DefaultTraining | BlogTraining]] = {
    "default": DefaultTraining,
    "seed": BlogTraining,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; return 0 when it was done or stopped on request, 1 when it failed."""
    parser = argparse.ArgumentParser(
        prog="python -m training.avatar.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--recipe", choices=list(RECIPES), default="default")
    parser.add_argument("--side", type=int, help="px of portraits; by the pictures, 256 or 512")
    portrait_training.add_options(parser)
    options = parser.parse_args(arguments)
    return portrait_training.main(options, RECIPES[options.recipe], options.recipe)


def _side_of(files: list[Path]) -> int:
    edges = []
    for file in files[:50]:
        with Image.open(file) as picture:
            edges.append(min(picture.size))
    return 512 if np.median(edges) >= 512 else 256


def _spread(pictures: Pictures) -> Pictures:
    chosen: Pictures = pictures[np.linspace(0, len(pictures) - 1, _SHOWN).astype(int)]
    return chosen


if __name__ == "__main__":
    sys.exit(main())
