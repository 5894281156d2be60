"""Fine-tunes a trained model on few pictures, and knows when to stop.

First the VAE-GAN goes on with the new pictures; then, as at the end of the default recipe, decoder
and upscaler learn what the pictures have in common as a crowd. Three guards against learning two
hundred pictures by heart: the encoder stays as it is; pictures are changed each time they are
shown; and a tenth is never shown, but decides which weights are kept.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ml.avatar.density import Density, fit
from ml.avatar.features import feature_vectors
from ml.avatar.image_tensors import Pictures, as_pictures, read_picture, resized
from ml.avatar.model import DefaultVae
from ml.finetuning.distribution_matching import DistributionMatching
from ml.finetuning.measures import Vectors, kernel_distance
from ml.finetuning.recipes import PortraitRecipe
from ml.finetuning.time_budget import TimeBudget
from ml.finetuning.vae_training import VaeTraining

_KEPT = 0.1  # share of the pictures that is never shown
_LEAST_KEPT = 12
_SIDE = 256  # px at which portraits are looked at
_SAMPLES = 64  # portraits drawn for each look
_LEARNING = 0.6  # share of the time that the VAE-GAN has; the polishing has what is left
# Looks without a better one before the VAE-GAN ends: the distance to a dozen pictures swings, and
# stands still for a while before the discriminator begins to help.
_PATIENCE = 12


class PortraitLesson:
    """One fine-tuning; `steps` advances it.

    Attributes:
        training: of the VAE-GAN, which comes first and ends early once it gets no better.
        best: the best model so far and its density; what it began from, before the first look.
        distances: the kernel distance to the kept pictures at each look; the first is of what
            it began from.
    """

    def __init__(
        self,
        recipe: PortraitRecipe,
        files: Sequence[Path],
        seed: int,
        base: DefaultVae,
        device: str,
        allowed: TimeBudget,
        every: int = 50,
    ) -> None:
        """Begin.

        Args:
            recipe: of the fine-tuning; its dimensions are those of `base`.
            files: square pictures, at least 24.
            seed: what chance starts from; also decides which pictures are kept back.
            base: the model to go on from.
            device: `cpu` or `cuda`.
            allowed: what it may take.
            every: steps between two looks.

        Raises:
            OSError: a picture cannot be read.
        """
        kept = max(_LEAST_KEPT, round(_KEPT * len(files)))
        mixed = [files[index] for index in np.random.default_rng(seed).permutation(len(files))]
        self._shown = mixed[kept:]
        self._kept: Vectors = feature_vectors(_read(mixed[:kept], _SIDE))
        self._recipe = replace(recipe, dimensions=base.dimensions)
        self._seed, self._allowed, self._every = seed, allowed, every
        pictures = _read(self._shown, base.dimensions.core)
        self.training = VaeTraining(
            self._recipe, pictures, seed, device, base, allowed.share(_LEARNING)
        )
        self._polishing: DistributionMatching | None = None
        self._stale = 0
        self.distances: list[float] = []
        self.best: tuple[DefaultVae, Density]
        self._look(self.training.model)

    @property
    def step(self) -> int:
        """How many are done."""
        return self.training.step + (self._polishing.step if self._polishing else 0)

    @property
    def done(self) -> float:
        """The share that is done, 0 to 1."""
        if self._polishing is None:
            return _LEARNING * self.training.done
        return _LEARNING + (1 - _LEARNING) * self._polishing.done

    def steps(self) -> Iterator[dict[str, float]]:
        """Train to the end; the VAE-GAN until the kept pictures say that it gets no better.

        Yields:
            the parts of the loss, and `distance`, that to the kept pictures when last looked.
        """
        for parts in self.training.steps():
            if self.training.step % self._every == 0 or self.training.done >= 1:
                with self.training.counted():
                    self._look(self.training.model)
            yield {**parts, "distance": self.distances[-1]}
            if self._stale >= _PATIENCE:
                break
        self._polishing = polishing = self._begin_polishing()
        for parts in polishing.steps():
            if polishing.step % self._every == 0 or polishing.done >= 1:
                with polishing.counted():
                    self._look(polishing.model)
            yield {**parts, "distance": self.distances[-1]}

    def save(self, file: Path) -> None:
        """Write all that is needed to go on; a half-written file never takes the place.

        The polishing begins anew where it was interrupted: it takes minutes.
        """
        self.training.save(file)

    def restore(self, file: Path) -> None:
        """Go on from where `save` was called, and look at what was learned until then.

        Raises:
            OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError: the file cannot be
                used; a lesson that met one of these is spoilt.
        """
        self.training.restore(file)
        self._look(self.training.model)

    def _begin_polishing(self) -> DistributionMatching:
        model, density = self.best
        # The best stays as it is until a look finds a better one.
        return DistributionMatching(
            copy.deepcopy(model),
            density,
            self._shown,
            self._recipe.polishing,
            self._seed,
            self._recipe.neighbours,
            allowed=self._allowed.share(1 - _LEARNING),
        )

    @torch.inference_mode()
    def _look(self, model: DefaultVae) -> None:
        density = fit(self.training.encoded(), self._recipe.parts, spread=self._recipe.spread)
        latents = torch.from_numpy(np.stack([density.draw(seed) for seed in range(_SAMPLES)]))
        device = next(model.parameters()).device
        drawn = [model.finish(model.decode(z[None].to(device))) for z in latents]
        seen = feature_vectors(np.concatenate([as_pictures(resized(x, _SIDE)) for x in drawn]))
        distance = kernel_distance(seen, self._kept)
        if not self.distances or distance < min(self.distances):
            self.best, self._stale = (copy.deepcopy(model), density), 0
        else:
            self._stale += 1
        self.distances.append(distance)


def _read(files: Sequence[Path], side: int) -> Pictures:
    return np.stack([read_picture(file, side) for file in files])
