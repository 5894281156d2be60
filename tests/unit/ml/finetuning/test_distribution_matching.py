from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.features import files_in
from ml.avatar.latents import Density
from ml.avatar.measures import kernel_distance
from ml.finetuning.distribution_matching import (
    DistributionMatching,
    mmd_distance,
    neighbour_distance,
)
from ml.finetuning.stages import TimeBudget
from tests.unit.ml.avatar.drawings import folder_of_discs
from tests.unit.ml.avatar.tiny import DIMENSIONS
from tests.unit.ml.finetuning.factories import run

DENSITY = Density.standard(DIMENSIONS.latent)


@pytest.fixture
def model() -> DefaultVae:
    torch.manual_seed(0)
    return DefaultVae(DIMENSIONS).eval()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return files_in(folder_of_discs(tmp_path / "crops", 6))


def test_decoder_and_upscaler_learn_and_the_encoder_stays(
    model: DefaultVae, files: list[Path]
) -> None:
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    run(DistributionMatching(model, DENSITY, files, steps=3, seed=0, batch=2))
    changed = {
        name.split(".")[0]
        for name, weight in model.state_dict().items()
        if not torch.equal(weight, before[name])
    }
    assert changed == {"decoder", "upscaler"}


def test_what_is_drawn_at_random_comes_nearer_to_the_true_pictures(
    model: DefaultVae, files: list[Path]
) -> None:
    parts = run(DistributionMatching(model, DENSITY, files, steps=26, seed=0, batch=4))
    distances = [part["mmd"] for part in parts]
    assert np.mean(distances[-5:]) < 0.92 * np.mean(distances[:5])


def test_ends_when_its_time_is_over(model: DefaultVae, files: list[Path]) -> None:
    matching = DistributionMatching(model, DENSITY, files, steps=1000, seed=0, batch=2)
    assert len(run(matching, TimeBudget(1e-6))) == 1


def test_resuming_equals_never_stopping(files: list[Path]) -> None:
    torch.manual_seed(0)
    models = [DefaultVae(DIMENSIONS).eval()]
    models += [copy.deepcopy(models[0]) for _ in range(2)]
    whole, first, second = (
        DistributionMatching(model, DENSITY, files, 2, 0, neighbours=20.0, batch=2)
        for model in models
    )
    expected = run(whole)
    run(first, most=1)
    state = copy.deepcopy(first.save())
    second.restore(state)
    assert run(second, first=1)[-1] == pytest.approx(expected[-1], rel=1e-3)


def test_the_distance_that_is_learned_from_is_the_one_that_is_measured() -> None:
    dice = np.random.default_rng(0)
    drawn, real = (dice.random((n, 1280), dtype=np.float32) for n in (12, 20))
    learned = mmd_distance(torch.from_numpy(drawn), torch.from_numpy(real))
    assert float(learned) == pytest.approx(kernel_distance(drawn, real), abs=1e-5)


def test_a_portrait_among_others_is_led_to_true_pictures_that_no_portrait_is_near() -> None:
    true = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    earlier = torch.tensor([[-1.0, 0.0], [-0.9, 0.1], [-1.1, 0.0]])
    portrait = torch.tensor([[-0.2, 0.0]], requires_grad=True)
    neighbour_distance(portrait, earlier, true, reach=0.8).backward()
    assert portrait.grad is not None
    downhill = -portrait.grad[0]
    assert downhill[0] > 0


def test_portraits_spread_as_true_pictures_are_nearer_than_portraits_in_their_middle() -> None:
    dice = torch.Generator().manual_seed(0)
    true, spread = torch.randn(2, 200, 16, generator=dice)
    middle = 0.3 * spread
    assert neighbour_distance(spread, spread, true, 3.0) < neighbour_distance(
        middle, middle, true, 3.0
    )


def test_neighbours_count_where_they_are_given_a_weight(
    model: DefaultVae, files: list[Path]
) -> None:
    plain, *_ = run(DistributionMatching(model, DENSITY, files, steps=1, seed=0, batch=2))
    led, *_ = run(DistributionMatching(model, DENSITY, files, 1, 0, neighbours=20.0, batch=2))
    assert set(led) - set(plain) == {"neighbours"}


def test_portraits_are_held_against_true_pictures_at_their_full_side(
    model: DefaultVae, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grid finer than what is looked at would grow unseen."""
    monkeypatch.setattr("ml.finetuning.distribution_matching._SIDE", DIMENSIONS.side // 2)
    plain, *_ = run(DistributionMatching(model, DENSITY, files, steps=1, seed=0, batch=2))
    grid = torch.tensor([[3.0, -3.0], [-3.0, 3.0]]).repeat(
        DIMENSIONS.side // 2, DIMENSIONS.side // 2
    )
    smooth = model.portraits
    monkeypatch.setattr(model, "portraits", lambda latents: smooth(latents) + grid)
    gridded, *_ = run(DistributionMatching(model, DENSITY, files, steps=1, seed=0, batch=2))
    assert gridded["pixels"] > plain["pixels"] + 1
