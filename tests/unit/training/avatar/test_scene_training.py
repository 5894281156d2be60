"""Teaching a decoder the things of scenes, in small."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.unit.ml.avatar.tiny import tiny_conditioned
from tests.unit.training.avatar.decoders import decoder_weights, draws_as_before, put_together
from training.avatar.scene_training import SceneTraining, main


@pytest.mark.slow
def test_what_reads_scenes_learns_and_all_else_stays() -> None:
    training = SceneTraining(tiny_conditioned(), 10)
    before = decoder_weights(training.model)
    losses = [sum(training.advance(0.1).values()) for _ in range(60)]
    changed = {
        name for name, weight in training.model.decoder.state_dict().items()
        if not torch.equal(weight, before[name])
    }  # fmt: skip
    assert changed
    assert all("_scene_reader" in name for name in changed)
    assert sum(losses[-10:]) < sum(losses[:10])


@pytest.mark.slow
def test_a_model_is_put_together_from_the_state(tmp_path: Path) -> None:
    training, made = put_together(lambda base: SceneTraining(base, 10), main, tmp_path)
    assert isinstance(training, SceneTraining)
    assert made.card["processor minutes for scenes"] == "0.0"
    learned, weights = decoder_weights(training.model), decoder_weights(made.model)
    assert all(torch.allclose(weights[name], learned[name], atol=1e-3) for name in weights)


def test_weights_from_before_draw_as_they_did() -> None:
    assert draws_as_before("_scene_reader")
