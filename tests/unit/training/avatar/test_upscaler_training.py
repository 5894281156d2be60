from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.features import files_in
from ml.finetuning.stages import TimeBudget
from tests.unit.ml.avatar.drawings import folder_of_discs
from tests.unit.ml.avatar.tiny import DIMENSIONS
from tests.unit.ml.finetuning.factories import run
from training.avatar.upscaler_training import UpscalerTraining


@pytest.fixture
def model() -> DefaultVae:
    torch.manual_seed(0)
    return DefaultVae(DIMENSIONS).eval()


def test_an_untrained_upscaler_enlarges_plainly(model: DefaultVae) -> None:
    flat = torch.full((1, 3, 32, 32), 0.25)
    assert torch.allclose(model.enlarge(flat), torch.full((1, 3, 64, 64), 0.25), atol=1e-5)


def test_only_the_upscaler_learns(model: DefaultVae, tmp_path: Path) -> None:
    files = files_in(folder_of_discs(tmp_path / "crops", 4))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    parts = run(UpscalerTraining(model, files, steps=4, seed=0, batch=2))
    changed = {
        name.split(".")[0]
        for name, weight in model.state_dict().items()
        if not torch.equal(weight, before[name])
    }
    assert changed == {"upscaler"}
    assert "adversarial" in parts[-1]


def test_ends_when_its_time_is_over(model: DefaultVae, tmp_path: Path) -> None:
    files = files_in(folder_of_discs(tmp_path / "crops", 4))
    training = UpscalerTraining(model, files, steps=1000, seed=0, batch=2)
    assert len(run(training, TimeBudget(1e-6))) == 1
