import numpy as np

from training.music.song_table import blended, fit_linear


def test_blended_heads_add_their_logits() -> None:
    dice = np.random.default_rng(0)
    features = dice.normal(size=(60, 9)).astype(np.float32)
    labels = np.arange(60) % 3
    reads = [np.array([0, 2, 4]), np.array([1, 3, 5, 8])]
    heads = [fit_linear(features[:, read], labels) for read in reads]
    joined = blended(heads, (0.3, 0.7), reads, 9)
    apart = 0.3 * heads[0](features[:, reads[0]]) + 0.7 * heads[1](features[:, reads[1]])
    assert np.allclose(joined(features), apart, atol=1e-4)


def test_a_rare_class_counts_as_much_as_a_frequent_one() -> None:
    dice = np.random.default_rng(1)
    labels = np.array([0] * 60 + [2] * 35 + [1] * 5)
    features = (dice.normal(size=(100, 1)) + 3 * labels[:, None]).astype(np.float32)
    found = fit_linear(features, labels, strength=1.0)(features).argmax(axis=1)
    assert (found[labels == 1] == 1).mean() >= 0.8
