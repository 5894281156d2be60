import numpy as np

from ml.music.heads import (
    LinearHead,
    sigmoid,
    softmax,
    song_features,
    tilted_sigmoid,
    tilted_softmax,
    window_features,
)


def head(features: int, answers: int) -> LinearHead:
    dice = np.random.default_rng(0)
    arrays = [
        dice.normal(size=shape).astype(np.float32) for shape in ((features, answers), answers)
    ]
    return LinearHead(np.ones(features, np.float32), np.full(features, 2, np.float32), *arrays)


def test_the_mean_of_the_windows_logits_is_the_songs() -> None:
    windows = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    judge = head(10, 3)
    song = judge(song_features(windows)[None])[0]
    assert np.allclose(judge(window_features(windows)).mean(axis=0), song, atol=1e-5)


def test_shares_over_time_have_the_given_mean_and_sum_to_one() -> None:
    logits = np.random.default_rng(2).normal(size=(8, 10)) * 3
    mean = softmax(np.random.default_rng(3).normal(size=10) * 2)
    shares = tilted_softmax(logits, mean)
    assert np.allclose(shares.sum(axis=1), 1)
    assert np.allclose(shares.mean(axis=0), mean, atol=1e-3)


def test_probabilities_over_time_have_the_given_mean() -> None:
    logits = np.random.default_rng(4).normal(size=(8, 16)) * 4
    mean = np.linspace(0.001, 0.999, 16)
    assert np.allclose(tilted_sigmoid(logits, mean).mean(axis=0), mean, atol=1e-4)


def test_a_window_that_stands_out_still_does_after_tilting() -> None:
    logits = np.zeros((4, 2))
    logits[2, 1] = 3.0
    shares = tilted_softmax(logits, np.array([0.9, 0.1]))
    assert shares[:, 1].argmax() == 2


def test_one_window_is_the_song_itself() -> None:
    assert np.allclose(
        tilted_softmax(np.ones((1, 4)), np.array([0.1, 0.2, 0.3, 0.4])),
        [[0.1, 0.2, 0.3, 0.4]],
        atol=1e-4,
    )


def test_extreme_log_odds_stay_finite() -> None:
    assert np.isfinite(sigmoid(np.array([-1e4, 1e4]))).all()
