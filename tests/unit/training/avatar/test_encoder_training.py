"""Teaching an encoder the traits of drawings, in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.ml.avatar.tiny import tiny_conditioned
from tests.unit.training.avatar.decoders import decoder_weights, put_together, small_drawings
from training.avatar.conditioned_training import Drawings
from training.avatar.encoder_training import EncoderTraining, as_posted, main


@pytest.fixture(scope="module")
def drawings() -> Drawings:
    return small_drawings(8)


@pytest.mark.slow
def test_an_encoder_learns_what_drawings_show_and_the_decoder_stays(drawings: Drawings) -> None:
    training = EncoderTraining(tiny_conditioned(), drawings)
    before = decoder_weights(training.model)
    losses = [training.advance(0.2)["kinds"] for _ in range(30)]
    assert np.mean(losses[-5:]) < 0.93 * np.mean(losses[:5])
    after = decoder_weights(training.model)
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_a_model_is_put_together_from_the_state(drawings: Drawings, tmp_path: Path) -> None:
    training, made = put_together(lambda base: EncoderTraining(base, drawings), main, tmp_path)
    assert isinstance(training, EncoderTraining)
    assert made.card["processor minutes for the encoder"] == "0.0"
    assert all(
        torch.allclose(weight, made.model.encoder.state_dict()[name], atol=1e-2)
        for name, weight in training.model.encoder.state_dict().items()
    )


def test_some_pictures_are_spoiled_and_some_stay() -> None:
    pictures = torch.rand(24, 3, 16, 16) * 2 - 1
    spoiled = as_posted(pictures, np.random.default_rng(0))
    same = (spoiled == pictures).flatten(1).all(1)
    assert 4 < int(same.sum()) < 20
    assert spoiled.abs().amax() <= 1
