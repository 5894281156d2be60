"""Train decoder and upscaler together by distribution matching (MMD): the recipes' last stage.

A discriminator judges pictures one at a time, and patches of them. What passes it can still differ
from true pictures as a distribution: all a little softer, all a little alike. Here portraits drawn
from the density are to be distributed among the frozen network's vectors as true pictures are (a
moment matching network: Li et al., 2015), by two kernel distances: a broad one, and one as narrow
as neighbours are apart, without which portraits keep to the middle of the true pictures. True
pictures drawn again keep each portrait a good picture by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Adam

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.features import as_tensor, feature_vectors, features, read_picture, resized
from ml.avatar.latents import Density, TraitBank
from ml.avatar.measures import reach
from ml.finetuning.stages import Losses, Pace, mixed_precision
from ml.finetuning.vae_training import descend, feature_distance, pixel_distance

_SIDE = 256  # px at which portraits are looked at
_RATE = 2e-4
_WARM_UP = 30  # steps
_DECAY = 0.4  # share of the training, at the end, in which the rate falls
_FEATURES, _WHOLE, _MMD = 2.0, 0.02, 2.0  # weights beside the pixels' 1
_MOST_TRUE = 1500  # true pictures that each batch is compared with, at most
_EARLIER = 800  # portraits drawn before that each batch is compared with, at most
_NEIGHBOUR = 3  # the nearest but two says how far neighbours are apart
_WIDTHS = 0.6, 1.1  # of the Gaussian kernels, in distances between neighbours


class DistributionMatching:
    """The stage that trains a decoder and an upscaler; the encoder stays as it is.

    Attributes:
        model: whose decoder and upscaler are trained in place.
    """

    name = "distribution matching"
    converged = False  # it is stopped by its steps alone

    def __init__(
        self,
        model: DefaultVae,
        density: Density | TraitBank,
        files: Sequence[Path],
        steps: int,
        seed: int,
        neighbours: float = 0.0,
        batch: int = 8,
        latents: Tensor | None = None,
    ) -> None:
        """Begin.

        Args:
            model: whose decoder and upscaler are trained in place.
            density: what portraits are drawn from.
            files: true pictures, at least four.
            steps: of training.
            seed: of random numbers.
            neighbours: weight of the narrow distance; only many pictures say where true ones lie
                dense.
            batch: portraits in a step, at least two; half as many true pictures come with them.
            latents: (files, latent) that true pictures are drawn again from; None: encoded ones.
        """
        self.steps = steps
        self.model, self._density, self._files = model.eval(), density, files
        self._device = str(next(model.parameters()).device)
        self._seed, self._batch = seed, batch
        self._side = min(_SIDE, model.dimensions.side)
        self._learning = torch.nn.ModuleList([model.decoder, model.upscaler]).requires_grad_(True)
        self._optimiser = Adam(self._learning.parameters(), _RATE, betas=(0.5, 0.99))
        self._neighbours, self._told = neighbours, latents
        self._true: Tensor | None = None
        self._earlier: Tensor | None = None
        self._reach = 0.0

    def step(self, pace: Pace) -> Losses:
        """Train one step; return the parts of the loss by name."""
        if self._true is None:
            self._true = self._true_vectors()
        rng = np.random.default_rng([self._seed, pace.step])
        frozen, chosen = features(self._device), self._chosen(rng)
        large = self._read(chosen)
        pictures = resized(large, self._side)
        compared = torch.from_numpy(rng.permutation(len(self._true))[:_MOST_TRUE])
        with mixed_precision(self._device):
            with torch.no_grad():
                maps, told = frozen(pictures), self._told
                known = self.model.encode(pictures)[0] if told is None else told[chosen]
                whole = frozen.vectors(pictures)
            finished = self._draw(torch.cat([known.float(), self._latents(rng)]))
            drawn = resized(finished, self._side)
            redrawn = drawn[: len(pictures)]
            losses = {
                # At the full side: a grid finer than what is compared would grow unseen.
                "pixels": pixel_distance(finished[: len(large)], large),
                "features": _FEATURES * feature_distance(frozen(redrawn), maps),
            }
            vectors = frozen.vectors(drawn)
        # In half precision the small difference of large sums would be lost.
        again, invented = vectors.float().split([len(pictures), self._batch])
        losses["whole"] = _WHOLE * (again - whole.float()).norm(dim=1).mean()
        true = self._true[compared.to(self._device)]
        losses |= self._distribution_losses(again, invented, true)
        share = min(1.0, (pace.step + 1) / _WARM_UP, max(0.02, (1 - pace.done) / _DECAY))
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * share
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._learning)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def save(self) -> dict[str, Any]:
        """Return all that is needed to continue."""
        return {
            "learning": self._learning.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "earlier": self._earlier,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `save` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of another training.
        """
        self._learning.load_state_dict(state["learning"])
        self._optimiser.load_state_dict(state["optimiser"])
        earlier = state["earlier"]
        self._earlier = None if earlier is None else earlier.to(self._device)

    def _true_vectors(self) -> Tensor:
        """Embed the true pictures one by one: thousands at once would fill the memory."""
        vectors = np.concatenate(
            [feature_vectors(np.stack([read_picture(file, self._side)])) for file in self._files]
        )
        self._reach = float(np.median(reach(vectors[:_MOST_TRUE], _NEIGHBOUR)))
        return torch.from_numpy(vectors).to(self._device)

    def _distribution_losses(
        self, again: Tensor, invented: Tensor, true: Tensor
    ) -> dict[str, Tensor]:
        """Compare (n, size) of pictures drawn again and of portraits with those of true ones."""
        losses = {"mmd": _MMD * mmd_distance(torch.cat([again, invented]), true)}
        if self._neighbours:
            earlier = invented.detach()
            if self._earlier is not None:
                earlier = torch.cat([self._earlier, earlier])[-_EARLIER:]
            self._earlier = earlier
            distance = neighbour_distance(invented, earlier, true, self._reach)
            losses["neighbours"] = self._neighbours * distance
        return losses

    def _draw(self, latents: Tensor) -> Tensor:
        return self.model.portraits(latents).float()

    def _latents(self, rng: np.random.Generator) -> Tensor:
        seeds = rng.integers(2**62, size=self._batch)
        latents = np.stack([self._density.draw(int(seed)) for seed in seeds])
        return torch.from_numpy(latents).to(self._device)

    def _chosen(self, rng: np.random.Generator) -> np.ndarray:
        return rng.integers(len(self._files), size=max(1, self._batch // 2))

    def _read(self, chosen: np.ndarray) -> Tensor:
        side = self.model.dimensions.side
        pictures = [read_picture(self._files[index], side) for index in chosen]
        return as_tensor(np.stack(pictures)).to(self._device)


def mmd_distance(drawn: Tensor, real: Tensor) -> Tensor:
    """Kernel distance of vectors (`ml.avatar.measures.kernel_distance`), with gradients.

    Args:
        drawn: (n, size), n of at least 2.
        real: (m, size), m of at least 2.
    """
    within = [_pairs(x.float(), x.float()) for x in (drawn, real)]
    own = [(k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1)) for k in within]
    return own[0] + own[1] - 2 * _pairs(drawn.float(), real.float()).mean()


def neighbour_distance(drawn: Tensor, earlier: Tensor, real: Tensor, reach: float) -> Tensor:
    """Maximum mean discrepancy that sees neighbours, as each drawn vector adds to it.

    The cubic kernel of `mmd_distance` compares means and broad spreads. Gaussian kernels as
    wide as neighbours are apart (Li et al., 2015) draw each portrait to where true pictures lie
    denser than portraits do, and away from where portraits are dense: keeping to the middle of
    true pictures costs.

    Args:
        drawn: (n, size), through which gradients pass.
        earlier: (m, size) of portraits drawn before and now, n of at least 1.
        real: (k, size).
        reach: how far apart true neighbours are.
    """
    alike = _near(drawn, earlier, reach).mean() - _near(drawn, real, reach).mean()
    return 2 * alike


def _near(one: Tensor, other: Tensor, reach: float) -> Tensor:
    squares = torch.cdist(one.float(), other.float()).square()
    widths = [width * reach for width in _WIDTHS]
    return torch.stack([(-squares / (2 * width**2)).exp() for width in widths]).mean(dim=0)


def _pairs(one: Tensor, other: Tensor) -> Tensor:
    kernel: Tensor = (one @ other.T / one.shape[1] + 1) ** 3
    return kernel
