"""Fine-tunes a trained model on few pictures, and knows when to stop.

Three guards against learning two hundred pictures by heart: the encoder stays as it is; pictures
are changed each time they are shown; and a tenth is never shown, but decides which weights are
kept.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ml.avatar.density import Density, fit
from ml.avatar.features import feature_vectors
from ml.avatar.measures import Vectors, kernel_distance
from ml.avatar.model import Portraitist
from ml.avatar.pictures import Pictures, as_pictures
from ml.avatar.recipes import Recipe
from ml.avatar.training import Training

_KEPT = 0.1  # share of the pictures that is never shown
_LEAST_KEPT = 12
_SAMPLES = 64  # portraits drawn for each look
# Looks without a better one before it stops: the distance to a dozen pictures swings, and stands
# still for a while before the discriminator begins to help.
_PATIENCE = 12


class Lesson:
    """One fine-tuning; `steps` advances it and ends early once it gets no better.

    Attributes:
        training: what is advanced.
        best: the best model so far and its density; what it began from, before the first look.
        distances: the kernel distance to the kept pictures at each look; the first is of what
            it began from.
    """

    def __init__(
        self,
        recipe: Recipe,
        pictures: Pictures,
        seed: int,
        base: Portraitist,
        device: str,
        seconds: float,
        every: int = 50,
    ) -> None:
        """Begin.

        Args:
            recipe: of the fine-tuning; its dimensions are those of `base`.
            pictures: (n, core, core, 3), n of at least 24.
            seed: what chance starts from; also decides which pictures are kept back.
            base: the model to go on from.
            device: `cpu` or `cuda`.
            seconds: that it may take.
            every: steps between two looks.
        """
        kept = max(_LEAST_KEPT, round(_KEPT * len(pictures)))
        shuffled = pictures[np.random.default_rng(seed).permutation(len(pictures))]
        recipe = replace(recipe, dimensions=base.dimensions)
        self.training = Training(recipe, shuffled[kept:], seed, device, base, seconds)
        self._kept: Vectors = feature_vectors(shuffled[:kept])
        self._parts, self._spread = recipe.parts, recipe.spread
        self._every, self._stale = every, 0
        self.distances: list[float] = []
        self.best: tuple[Portraitist, Density]
        self._look()

    @property
    def step(self) -> int:
        """How many are done."""
        return self.training.step

    @property
    def done(self) -> float:
        """The share that is done, 0 to 1."""
        return 1.0 if self._stale >= _PATIENCE else self.training.done

    def steps(self) -> Iterator[dict[str, float]]:
        """Train until the end, or until the kept pictures say that it gets no better.

        Yields:
            the parts of the loss, and `distance`, that to the kept pictures when last looked.
        """
        for parts in self.training.steps():
            if self.step % self._every == 0:
                self._look()
            if self.done >= 1:
                self._look()
            yield {**parts, "distance": self.distances[-1]}
            if self._stale >= _PATIENCE:
                return

    def save(self, file: Path) -> None:
        """Write all that is needed to go on; a half-written file never takes the place."""
        self.training.save(file)

    def restore(self, file: Path) -> None:
        """Go on from where `save` was called, and look at what was learned until then.

        Raises:
            OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError: the file cannot be
                used; a lesson that met one of these is spoilt.
        """
        self.training.restore(file)
        self._look()

    @torch.inference_mode()
    def _look(self) -> None:
        model = self.training.model
        density = fit(self.training.encoded(), self._parts, spread=self._spread)
        latents = torch.from_numpy(np.stack([density.draw(seed) for seed in range(_SAMPLES)]))
        device = next(model.parameters()).device
        drawn = np.concatenate([as_pictures(model.decode(z[None].to(device))) for z in latents])
        distance = kernel_distance(feature_vectors(drawn), self._kept)
        if not self.distances or distance < min(self.distances):
            self.best, self._stale = (copy.deepcopy(model), density), 0
        else:
            self._stale += 1
        self.distances.append(distance)
