"""Training conditioned portraits, in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ml.avatar.checkpoint import load_model, save_model
from ml.avatar.conditioned import Sizes
from ml.avatar.inference import PortraitModel
from ml.avatar.layout import FaceLayout
from ml.avatar.traits import BLOCK, OPTIONS, TRAIT, TRAITS
from tests.unit.ml.avatar.tiny import CONDITIONED
from tests.unit.training.avatar.decoders import small_drawings
from training.avatar import conditioned_training
from training.avatar.conditioned_training import (
    ConditionedTraining,
    Drawings,
    finished,
    invented,
    standard,
    standardised,
    surprise,
)
from training.avatar.upscaler import PairUpscalerTraining
from training.illustrator.traits import traits_of


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Centre and spread of traits come from few drawings."""
    monkeypatch.setattr(conditioned_training, "_STANDARD", 60)


@pytest.fixture(scope="module")
def drawings() -> Drawings:
    return small_drawings(12)


def training(drawings: Drawings, rate: float = 2e-3) -> ConditionedTraining:
    return ConditionedTraining(drawings, dimensions=CONDITIONED, batch=4, rate=rate)


@pytest.mark.slow
def test_steps_bring_drawings_nearer(drawings: Drawings) -> None:
    trained = training(drawings, rate=5e-3)
    losses = [trained.advance(0.3)["pixels"] for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


@pytest.mark.parametrize(
    ("done", "parts"),
    [(0.1, set()), (0.4, set()), (0.8, {"adversarial", "patches", "critics"})],
)
def test_the_critics_come_last(drawings: Drawings, done: float, parts: set[str]) -> None:
    losses = training(drawings).advance(done)
    assert all(np.isfinite(list(losses.values())))
    both = {"pixels", "gradients", "features", "traits", "divergence"}
    assert set(losses) == both | parts


def test_a_training_goes_on_where_it_stopped(drawings: Drawings, tmp_path: Path) -> None:
    one, other = training(drawings), training(drawings)
    one.advance(0.0)
    one.seconds = 7.0
    one.save(tmp_path / "state.pt")
    other.restore(tmp_path / "state.pt")
    assert (other.step, other.seconds) == (1, 7.0)
    weights = zip(one.model.parameters(), other.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)


def test_a_training_starts_from_what_another_learned(drawings: Drawings) -> None:
    one, other = training(drawings), training(drawings)
    one.advance(0.0)
    other.start(one.averaged)
    for own in (other.model, other.averaged):
        weights = zip(one.averaged.parameters(), own.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in weights)


def test_what_is_put_together_draws_and_can_be_told(drawings: Drawings, tmp_path: Path) -> None:
    upscaler = tmp_path / "upscaler.safetensors"
    sizes = Sizes(*CONDITIONED.upscaler)
    PairUpscalerTraining(sizes=sizes, batch=1, crop=16, fresh=0, pool=1).save(upscaler)
    save_model(finished(training(drawings), upscaler, "mine"), tmp_path / "mine.safetensors")
    model = PortraitModel(load_model(tmp_path / "mine.safetensors"))
    assert model.name.startswith("mine-3-")
    assert model.options == OPTIONS
    side = CONDITIONED.side
    assert model.draw(model.latents([1])).shape == (1, side, side, 3)


def test_standardised_traits_are_about_one_and_kinds_stay() -> None:
    training_rows = np.stack([traits_of(seed) for seed in range(40)])

    layout = FaceLayout(CONDITIONED.core)
    layout.centre, layout.spread = standard()
    own = standardised(layout, torch.from_numpy(training_rows))
    assert own[:, TRAIT["style"]].sum(dim=1).eq(1).all()
    assert own[:, TRAIT["facing"]].eq(-1).all()
    assert 0.5 < float(own[:, TRAIT["yaw"]].std()) < 2


def test_invented_girls_take_whole_blocks_from_drawings() -> None:
    rows = np.arange(3)[:, None] + np.zeros((1, TRAITS), np.float32)
    mixed = invented(rows, 20, np.random.default_rng(0))
    for place in BLOCK.values():
        assert (mixed[:, place] == mixed[:, place][:, :1]).all()
    assert (mixed != mixed[:, :1]).any()


def test_surprise_is_least_where_the_encoder_is_right_and_knows_it() -> None:
    told = torch.zeros(1, 3)
    right, wrong = surprise(told, told, told - 4), surprise(told, told + 1, told - 4)
    assert right < surprise(told, told, told) < wrong
