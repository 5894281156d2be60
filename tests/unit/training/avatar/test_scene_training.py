"""Teaching a decoder the things of scenes, in small."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from ml.avatar.checkpoint import DefaultVae, load_model, save_model
from tests.unit.ml.avatar.tiny import tiny_conditioned
from training.avatar.scene_training import SceneTraining, main


def decoder_weights(model: DefaultVae) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in model.decoder.state_dict().items()}


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
    base, state, out = (tmp_path / name for name in ("base.safetensors", "state", "new"))
    save_model(tiny_conditioned(), base)
    training = SceneTraining(load_model(base), 10)
    training.advance(0.1)
    training.save(state)
    main(["--model", str(base), "--state", str(state), "--out", str(out)])
    made = load_model(out)
    assert isinstance(made.model, DefaultVae)
    assert made.card["processor minutes for scenes"] == "0.0"
    learned, weights = decoder_weights(training.model), decoder_weights(made.model)
    assert all(torch.allclose(weights[name], learned[name], atol=1e-3) for name in weights)


def test_weights_from_before_draw_as_they_did() -> None:
    model = tiny_conditioned().model
    assert isinstance(model, DefaultVae)
    state = {name: x for name, x in model.state_dict().items() if "_scene_reader" not in name}
    latents = torch.randn(2, model.dimensions.latent, generator=torch.Generator().manual_seed(1))
    drawn = model.decode(latents)
    other = tiny_conditioned().model
    other.load_state_dict(state)
    assert torch.equal(other.decode(latents), drawn)
