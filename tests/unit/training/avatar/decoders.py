"""What tests of trainings of portraits share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model, save_model
from tests.unit.ml.avatar.tiny import CONDITIONED, tiny_conditioned
from training.avatar.adversarial import ResumableTraining
from training.avatar.conditioned_training import Drawings


def decoder_weights(model: torch.nn.Module) -> dict[str, Tensor]:
    """Return copies of a model's decoder's weights, by name."""
    assert isinstance(model, DefaultVae)
    return {name: weight.clone() for name, weight in model.decoder.state_dict().items()}


def put_together(
    begin: Callable[[PortraitCheckpoint], ResumableTraining],
    main: Callable[[Sequence[str]], None],
    folder: Path,
    *options: str,
) -> tuple[ResumableTraining, PortraitCheckpoint]:
    """Train one step, save, and have the command make a model of the state."""
    base, state, out = (folder / name for name in ("base.safetensors", "state", "new"))
    save_model(tiny_conditioned(), base)
    training = begin(load_model(base))
    training.advance(0.1)
    training.save(state)
    main(["--model", str(base), "--state", str(state), "--out", str(out), *options])
    return training, load_model(out)


def draws_as_before(missing: str) -> bool:
    """Tell whether weights that lack all with `missing` in their names draw as with untrained."""
    model, other = tiny_conditioned().model, tiny_conditioned().model
    latents = torch.randn(2, model.dimensions.latent, generator=torch.Generator().manual_seed(1))
    drawn = model.decode(latents)
    other.load_state_dict({n: x for n, x in model.state_dict().items() if missing not in n})
    return torch.equal(other.decode(latents), drawn)


def small_drawings(count: int) -> Drawings:
    """Return so many drawings of the side that the tiny conditioned model has."""
    drawn = Drawings.empty(count, CONDITIONED.core)
    for seed in range(count):
        drawn.add(seed)
    return drawn
