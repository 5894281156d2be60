"""Training decoder and upscaler together at the full side, in small."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.avatar.checkpoint import load_model, save_model
from ml.avatar.inference import PortraitModel
from tests.unit.ml.avatar.tiny import tiny_conditioned
from training.avatar import full_size_training
from training.avatar.choice_readers import ChoiceReaders
from training.avatar.full_size_training import FullSizeRecipe, FullSizeTraining
from training.illustrator.pairs import LARGE, Pair, pair, shrunk

SIDE = 32


@pytest.fixture(autouse=True)
def small_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model draws 32 px, and its drawings are as small."""

    monkeypatch.setattr(full_size_training, "pair", tiny_pair)


@cache
def tiny_pair(seed: int) -> Pair:
    drawn = pair(seed)
    assert len(drawn.large) == LARGE
    return Pair(shrunk(drawn.large, 4 * SIDE), shrunk(drawn.large, SIDE), drawn.facts)


def training(readers: ChoiceReaders | None = None, **given: Any) -> FullSizeTraining:
    few = {"batch": 3, "whole": 1, "crop": 16, "fresh": 0, "pool": 6} | given
    return FullSizeTraining(tiny_conditioned(), FullSizeRecipe(**few), readers)


def weights_of(module: torch.nn.Module) -> list[torch.Tensor]:
    return [each.detach().clone() for each in module.parameters()]


def same(before: list[torch.Tensor], after: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_decoder_and_upscaler_learn_and_the_encoder_stays() -> None:
    one = training()
    parts = (one.model.decoder, one.model.upscaler, one.model.encoder)
    before = [weights_of(part) for part in parts]
    losses = one.advance(0.0)
    assert all(np.isfinite(list(losses.values())))
    changed = [not same(a, weights_of(b)) for a, b in zip(before, parts, strict=True)]
    assert changed == [True, True, False]


def test_without_a_rate_the_decoder_stays_as_it_is() -> None:
    one = training(decoder_rate=0)
    before = weights_of(one.model.decoder)
    one.advance(0.0)
    assert same(before, weights_of(one.model.decoder))


def test_the_critics_do_not_count_before_they_have_learned() -> None:
    losses = training().advance(0.5)
    judged = [value for name, value in losses.items() if name.startswith("adversarial")]
    assert len(judged) == 4
    assert not any(judged)


def test_readers_count_where_there_are_some() -> None:
    readers = ChoiceReaders().eval()
    assert "choices" not in training().advance(0.0)
    assert training(readers=readers).advance(0.0)["choices"] > 0


def test_a_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    one, other = training(), training()
    one.advance(0.0)
    one.seconds = 7.0
    one.save(tmp_path / "state.pt")
    other.restore(tmp_path / "state.pt")
    assert (other.step, other.seconds, other.drawn) == (1, 7.0, one.drawn)
    assert same(weights_of(one.model), weights_of(other.model))


def test_what_is_put_together_draws_with_what_was_learned(tmp_path: Path) -> None:
    one, before = training(), tiny_conditioned()
    for _ in range(3):
        one.advance(0.0)
    save_model(one.finished(tiny_conditioned()), tmp_path / "mine.safetensors")
    model = PortraitModel(load_model(tmp_path / "mine.safetensors"))
    first, learned = PortraitModel(before), model
    latents = first.latents([1])
    assert (first.draw(latents) != learned.draw(latents)).any()


def test_the_decoder_goes_as_far_as_it_is_told() -> None:
    one, before = training(), weights_of(tiny_conditioned().model.decoder)
    for _ in range(3):
        one.advance(0.0)
    assert same(before, weights_of(one.finished(tiny_conditioned(), share=0).model.decoder))
    half, whole = (
        weights_of(one.finished(tiny_conditioned(), share=share).model.decoder)
        for share in (0.5, 1.0)
    )
    for start, middle, end in zip(before, half, whole, strict=True):
        assert torch.allclose(middle, (start + end) / 2, atol=1e-6)
