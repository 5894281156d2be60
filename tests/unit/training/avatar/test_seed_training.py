from __future__ import annotations

import copy
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
from PIL import Image
from torchvision.models import ResNet50_Weights

from ml.avatar.inference import PortraitModel
from ml.avatar.networks import PortraitDimensions
from ml.finetuning.stages import Losses
from tests.unit.ml.avatar.drawings import discs, folder_of_discs
from tests.unit.ml.finetuning.factories import run
from training.avatar.seed_training import SeedRecipe, SeedTraining
from training.avatar.train import main

SMALL = SeedRecipe(
    dimensions=PortraitDimensions(
        recipe="seed", latent=16, core=56, side=56, widths=(8, 8, 8), upscaler=()
    ),
    epochs=1,
    iterations=2,
    batch=4,
)


def trained(training: SeedTraining) -> list[Losses]:
    return [losses for part in training.parts() for losses in run(part.begin())]


@pytest.mark.slow
def test_the_vae_is_alone_before_the_discriminator_comes() -> None:
    training = SeedTraining(SMALL, discs(8, 56), 0, imagenet=False)
    parts = trained(training)
    assert ["discriminator" in part for part in parts] == [False, False, True, True]
    assert training.alone is not None
    assert training.alone.shape == (8, 56, 56, 3)


@pytest.mark.slow
def test_the_decoder_never_hears_of_the_discriminator() -> None:
    """What the blog wrote down: its decoder learns from pixels and divergence alone."""
    recipe = replace(SMALL, epochs=0, iterations=1)
    trainings = [SeedTraining(recipe, discs(8, 56), 0, imagenet=False) for _ in range(2)]
    with torch.no_grad():
        for weight in trainings[1]._discriminator.parameters():
            weight.mul_(3)
    for training in trainings:
        trained(training)
    one, other = (training.model.decoder.state_dict() for training in trainings)
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_resuming_equals_never_stopping() -> None:
    whole = SeedTraining(SMALL, discs(8, 56), 0, imagenet=False)
    first, second = (SeedTraining(SMALL, discs(8, 56), 0, imagenet=False) for _ in range(2))
    expected = trained(whole)
    alone, both = first.parts()
    run(alone.begin())
    run(both.begin(), most=1)
    second.restore(copy.deepcopy(first.save()))
    assert run(second.parts()[1].begin(), first=1) == expected[3:]


def unreachable(*_: Any, **__: Any) -> None:
    raise URLError("no network")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_runs_end_to_end_and_writes_the_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ResNet50_Weights, "get_state_dict", unreachable)
    out = tmp_path / "seed.safetensors"
    crops = folder_of_discs(tmp_path / "crops", 24)
    with caplog.at_level(logging.WARNING):
        words = f"--pictures {crops} --recipe seed --out {out} --steps 2 --events"
        assert main(words.split()) == 0
    assert "untrained" in caplog.text
    assert PortraitModel.load(out).side == 224
    with Image.open(tmp_path / "seed.comparison.png") as sheet:
        assert sheet.size == (8 * 192, 2 * 192)
