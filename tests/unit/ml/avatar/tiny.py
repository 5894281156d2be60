"""A painter small enough for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ml.avatar.checkpoint import PortraitCheckpoint, build, save_model
from ml.avatar.inference import PortraitModel
from ml.avatar.latents import TraitBank, fit, settled
from ml.avatar.networks import PortraitDimensions
from ml.avatar.traits import OPTIONS, TRAIT, TRAITS

DIMENSIONS = PortraitDimensions(
    latent=8, core=32, side=64, widths=(8, 8, 8), encoder=(4, 4, 4, 4), upscaler=(4,)
)

CONDITIONED = PortraitDimensions(
    recipe="conditioned", latent=TRAITS + 3, core=32, side=128, widths=(8, 8, 8, 8),
    encoder=(4, 4, 4, 4), upscaler=(8, 1, 8, 8),
)  # fmt: skip


def tiny_checkpoint(dimensions: PortraitDimensions = DIMENSIONS) -> PortraitCheckpoint:
    """An untrained model, whose density has two parts."""
    torch.manual_seed(0)
    dice = np.random.default_rng(0)
    latents = dice.normal(size=(80, dimensions.latent)).astype(np.float32)
    latents[::2] += 3
    model = build(dimensions).eval()
    return PortraitCheckpoint(model, fit(latents, 2), {"name": "tiny", "version": "1"})


def tiny_portrait_model() -> PortraitModel:
    """Draws 64 px of colourful nothing."""
    return PortraitModel(tiny_checkpoint())


def tiny_conditioned() -> PortraitCheckpoint:
    """An untrained model whose portraits can be told what to show."""
    torch.manual_seed(0)
    dice = np.random.default_rng(0)
    rows = dice.normal(size=(60, TRAITS + 3)).astype(np.float32)
    for name, options in OPTIONS.items():  # each option occurs
        rows[: len(options), TRAIT[name]] = 3 * np.eye(len(options))
    rows[:, TRAIT["zoom"]], rows[:, TRAIT["heads_across"]] = 1, 4
    bank = TraitBank(settled(rows), OPTIONS)
    model = build(CONDITIONED).eval()
    card = {"name": "tiny", "version": "conditioned"}
    return PortraitCheckpoint(model, bank, card, choices=bank)


def tiny_weights(file: Path) -> Path:
    """Write what `PortraitModel.load` and a training's `--base` can read."""
    save_model(tiny_checkpoint(), file)
    return file
