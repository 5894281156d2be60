from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ml.avatar.bounded import Allowance
from ml.avatar.density import Density
from ml.avatar.losses import crowd_distance
from ml.avatar.measures import kernel_distance
from ml.avatar.model import Portraitist
from ml.avatar.pictures import files_in
from ml.avatar.polishing import Polishing
from tests.ml.avatar.drawings import folder_of_discs
from tests.ml.avatar.tiny import DIMENSIONS

DENSITY = Density.standard(DIMENSIONS.latent)


@pytest.fixture
def model() -> Portraitist:
    torch.manual_seed(0)
    return Portraitist(DIMENSIONS).eval()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return files_in(folder_of_discs(tmp_path / "crops", 6))


def test_decoder_and_upscaler_learn_and_the_encoder_stays(
    model: Portraitist, files: list[Path]
) -> None:
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    list(Polishing(model, DENSITY, files, steps=3, seed=0, batch=2).steps())
    changed = {
        name.split(".")[0]
        for name, weight in model.state_dict().items()
        if not torch.equal(weight, before[name])
    }
    assert changed == {"decoder", "upscaler"}


def test_what_is_drawn_at_random_comes_nearer_to_the_true_pictures(
    model: Portraitist, files: list[Path]
) -> None:
    parts = list(Polishing(model, DENSITY, files, steps=26, seed=0, batch=4).steps())
    crowd = [part["crowd"] for part in parts]
    assert np.mean(crowd[-5:]) < 0.92 * np.mean(crowd[:5])


def test_ends_when_its_time_is_over(model: Portraitist, files: list[Path]) -> None:
    polishing = Polishing(
        model, DENSITY, files, steps=1000, seed=0, batch=2, allowed=Allowance(1e-6)
    )
    assert len(list(polishing.steps())) == 1


def test_the_distance_that_is_learned_from_is_the_one_that_is_measured() -> None:
    dice = np.random.default_rng(0)
    drawn, real = (dice.random((n, 1280), dtype=np.float32) for n in (12, 20))
    learned = crowd_distance(torch.from_numpy(drawn), torch.from_numpy(real))
    assert float(learned) == pytest.approx(kernel_distance(drawn, real), abs=1e-5)
