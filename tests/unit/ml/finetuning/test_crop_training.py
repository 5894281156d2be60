"""Fine-tuning a conditioned model on crops, in small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model, save_model
from ml.avatar.latents import TraitBank
from ml.avatar.traits import KINDS, TRAIT
from ml.finetuning.crop_training import CropTraining
from ml.finetuning.portraits import LESSON
from ml.finetuning.vae_training import PortraitRecipe
from tests.unit.ml.avatar.drawings import discs
from tests.unit.ml.avatar.tiny import CONDITIONED, tiny_conditioned
from tests.unit.ml.finetuning.factories import run

RECIPE = replace(LESSON, dimensions=CONDITIONED, steps=8, batch=4, start=0.3)


def training(recipe: PortraitRecipe = RECIPE, count: int = 6) -> CropTraining:
    base = tiny_conditioned()
    assert isinstance(base.model, DefaultVae)
    assert base.choices is not None
    return CropTraining(recipe, discs(count), 0, base.model, base.choices)


def weights(trained: CropTraining) -> torch.Tensor:
    return torch.cat([weight.flatten() for weight in trained.model.decoder.parameters()])


def test_a_few_crops_are_learned_by_heart() -> None:
    losses = run(training(replace(RECIPE, steps=20, start=1.0, rate=3e-3), 4))
    assert losses[-1]["pixels"] < 0.8 * losses[0]["pixels"]


def test_each_crop_has_a_latent_that_learns_and_kinds_stay_decided() -> None:
    trained = training()
    before = trained.latents
    run(trained)
    moved = (trained.latents - before).abs().amax(0)
    assert moved[TRAIT["hair"]].min() > 0
    for name in (*KINDS, "facing", "fringe_edge"):
        assert moved[TRAIT[name]].max() == 0, name


def test_resuming_equals_never_stopping() -> None:
    whole, first, second = training(), training(), training()
    run(whole)
    run(first, most=5)
    second.restore(first.save())
    run(second, first=5)
    assert second.trained == whole.trained == RECIPE.steps
    assert torch.equal(weights(second), weights(whole))
    assert torch.equal(second.latents, whole.latents)


def test_refuses_to_continue_with_other_pictures() -> None:
    with pytest.raises(RuntimeError, match="pictures"):
        training(count=5).restore(training(count=6).save())


def test_portraits_of_the_file_are_drawn_from_the_crops_and_can_still_be_told(
    tmp_path: Path,
) -> None:
    trained, base = training(), tiny_conditioned()
    bank = trained.bank()
    saved = PortraitCheckpoint(trained.model, bank, {"name": "ours"}, choices=base.choices)
    save_model(saved, tmp_path / "ours.safetensors")
    found = load_model(tmp_path / "ours.safetensors")
    assert isinstance(found.density, TraitBank)
    assert np.array_equal(found.density.rows, bank.rows)
    assert found.choices is not None
    assert base.choices is not None
    assert found.choices.options == base.choices.options
    assert len(found.choices.rows) == len(base.choices.rows)
