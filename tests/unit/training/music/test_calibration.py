from __future__ import annotations

import pytest
import torch

from training.music.calibration import (
    HeldOutAnswers,
    calibration_error,
    fit_likeness,
    fit_sure,
    fit_temperature,
    macro_f1,
    whiten,
)


def answers(boast: float) -> HeldOutAnswers:
    """A model that is right as often as it says, then boasts."""
    dice = torch.Generator().manual_seed(0)
    logits = torch.randn(2_000, 10, generator=dice) * 2
    genres = torch.multinomial(logits.softmax(dim=1), 1, generator=dice)[:, 0]
    return HeldOutAnswers(logits * boast, genres)


@pytest.mark.parametrize("boast", [0.5, 1.0, 3.0])
def test_the_temperature_takes_back_what_was_boasted(boast: float) -> None:
    assert fit_temperature(answers(boast)) == pytest.approx(boast, rel=0.1)


def test_honest_answers_have_no_calibration_error() -> None:
    honest, boasting = answers(1.0), answers(3.0)
    assert calibration_error(honest.logits.softmax(1), honest.genres) < 0.03
    assert calibration_error(boasting.logits.softmax(1), boasting.genres) > 0.1


def test_macro_f1_counts_every_genre_alike() -> None:
    genres = torch.tensor([0, 0, 0, 1])
    logits = torch.nn.functional.one_hot(torch.tensor([0, 0, 0, 0]), 10).float()
    assert macro_f1(HeldOutAnswers(logits, genres)) == pytest.approx((6 / 7 + 0) / 2)


def test_named_genres_are_seldom_wrong() -> None:
    said = answers(1.0)
    sure = fit_sure(said, 1.0, wrong=0.3)
    shares, guesses = said.logits.softmax(1).max(1)
    assert (guesses != said.genres)[shares >= sure].float().mean() <= 0.31


def test_whitened_strangers_point_in_unrelated_directions() -> None:
    dice = torch.Generator().manual_seed(0)
    vectors = torch.randn(300, 20, generator=dice) @ torch.randn(20, 20, generator=dice) + 50
    centre, whitening = whiten(vectors, size=8)
    unit = torch.nn.functional.normalize((vectors - centre) @ whitening, dim=1)
    cosines = unit @ unit.T
    assert whitening.shape == (20, 8)
    assert abs(float(cosines[~torch.eye(300, dtype=torch.bool)].median())) < 0.1


def test_likeness_is_even_where_both_kinds_are_as_common() -> None:
    dice = torch.Generator().manual_seed(0)
    same = 0.8 + 0.2 * torch.randn(500, generator=dice)
    unrelated = 0.2 * torch.randn(500, generator=dice)
    slope, offset = fit_likeness(same, unrelated)
    assert slope > 0
    assert -offset / slope == pytest.approx(0.4, abs=0.05)
