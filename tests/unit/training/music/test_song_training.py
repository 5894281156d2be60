import numpy as np
import pytest

from ml.music.heads import sigmoid, softmax
from training.music.song_training import calibration_error, fit_kinds, fit_platt, fit_scale, padded


def test_the_temperature_makes_exaggerated_answers_honest() -> None:
    dice = np.random.default_rng(0)
    logits = dice.normal(size=(4_000, 5)) * 2
    labels = np.array([dice.choice(5, p=row) for row in softmax(logits)])
    assert fit_scale(logits * 3, labels) == pytest.approx(3, rel=0.15)


def test_platts_line_makes_log_odds_honest() -> None:
    dice = np.random.default_rng(1)
    odds = dice.normal(size=(5_000, 2)) * 2
    truth = dice.random(odds.shape) < sigmoid(0.5 * odds - 1)
    slope, offset = fit_platt(odds, truth)
    assert slope == pytest.approx(0.5, abs=0.06)
    assert offset == pytest.approx(-1, abs=0.12)
    stated = sigmoid(slope * odds + offset)
    assert calibration_error(stated.ravel(), truth.ravel()) < 0.03


def test_the_calibration_error_is_the_distance_from_what_is_stated() -> None:
    stated = np.full(100, 0.85)
    assert calibration_error(stated, np.arange(100) < 60) == pytest.approx(0.25)


def test_kinds_are_judged_by_heads_that_did_not_learn_from_their_fold() -> None:
    dice = np.random.default_rng(2)
    kinds, folds = np.arange(120) % 4, np.arange(120) // 4 % 5
    features = (dice.normal(size=(120, 6)) + 4 * np.eye(6)[kinds]).astype(np.float32)
    head, held_out = fit_kinds(features, kinds, folds, shrinkage=0.5)
    assert (held_out.argmax(axis=1) == kinds).mean() > 0.9
    wide = padded(head, np.arange(6), 9)
    rows = np.concatenate([features, dice.normal(size=(120, 3)).astype(np.float32)], axis=1)
    assert np.allclose(wide(rows), head(features), atol=1e-3)
