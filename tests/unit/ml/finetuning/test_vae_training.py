from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ml.finetuning.portraits import LESSON
from ml.finetuning.stages import TimeBudget
from ml.finetuning.vae_training import PortraitRecipe, VaeTraining
from tests.unit.ml.avatar.drawings import discs
from tests.unit.ml.avatar.tiny import DIMENSIONS, tiny_checkpoint
from tests.unit.ml.finetuning.factories import run

RECIPE = PortraitRecipe(dimensions=DIMENSIONS, steps=12, batch=4, start=0.3, coarse=0.5, parts=2)


def weights(training: VaeTraining) -> torch.Tensor:
    return torch.cat([weight.flatten() for weight in training.model.decoder.parameters()])


def test_the_vae_learns_one_batch_by_heart() -> None:
    recipe = replace(RECIPE, steps=30, start=1.0, coarse=0.0, rate=5e-3)
    losses = run(VaeTraining(recipe, discs(4), 0))
    assert losses[-1]["pixels"] < 0.7 * losses[0]["pixels"]


def test_resuming_equals_never_stopping() -> None:
    whole = VaeTraining(RECIPE, discs(8), 0)
    run(whole)
    first = VaeTraining(RECIPE, discs(8), 0)
    run(first, most=7)
    second = VaeTraining(RECIPE, discs(8), 0)
    second.restore(first.save())
    run(second, first=7)
    assert second.trained == whole.trained == RECIPE.steps
    assert torch.equal(weights(second), weights(whole))


def test_the_adversarial_loss_reaches_the_decoder() -> None:
    recipe = replace(
        RECIPE, steps=3, start=0.0, pixels=0.0, features=0.0, divergence=0.0, average=0.0
    )
    training = VaeTraining(recipe, discs(4), 0)
    before = weights(training)
    parts = run(training)
    assert "discriminator" in parts[0]
    assert not torch.equal(weights(training), before)


def test_ends_when_its_time_is_over() -> None:
    training = VaeTraining(replace(RECIPE, steps=10_000), discs(8), 0)
    assert len(run(training, TimeBudget(1e-6))) == 1


def test_refuses_to_continue_with_other_pictures() -> None:
    state = VaeTraining(RECIPE, discs(8), 0).save()
    with pytest.raises(RuntimeError, match="pictures"):
        VaeTraining(RECIPE, discs(9), 0).restore(state)


def test_a_lesson_leaves_the_encoder_as_it_is() -> None:
    base = tiny_checkpoint().model
    recipe = replace(LESSON, dimensions=DIMENSIONS, steps=3, batch=4)
    training = VaeTraining(recipe, discs(8), 0, base=base)  # type: ignore[arg-type]
    run(training)
    pairs = list(zip(training.model.encoder.parameters(), base.encoder.parameters(), strict=True))
    assert all(torch.allclose(ours, theirs) for ours, theirs in pairs)


def test_encodes_every_picture_and_its_mirror_image() -> None:
    training = VaeTraining(RECIPE, discs(8), 0)
    assert training.encoded().shape == (16, DIMENSIONS.latent)
    assert np.isfinite(training.encoded()).all()
