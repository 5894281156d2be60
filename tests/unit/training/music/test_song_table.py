from pathlib import Path

import numpy as np

from tests.unit.training.music.tables import PICTURED, POOLS, tiny_table
from training.music.song_table import TAGGED, WINDOW, blended, fit_linear, with_others


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


def test_other_sounds_are_read_as_the_songs_own_are(tmp_path: Path) -> None:
    table, file = tiny_table(), tmp_path / "named.npz"
    named = np.flatnonzero(table.songs.folds < 0)
    windows = np.full((2, 10, WINDOW + POOLS), np.nan, np.float32)
    windows[:, :3] = np.random.default_rng(0).normal(size=(2, 3, WINDOW + POOLS))
    np.savez(file, names=np.array([table.songs.names[row] for row in named[:2]]), values=windows)
    wanted = [(file, named[1:], 0.25), (tmp_path / "missing.npz", named, 1.0)]
    others = with_others(table, wanted).others
    assert others is not None
    assert others.rows.tolist() == [named[1]]
    assert others.counts.tolist() == [0.25]
    heard = windows[1, :3]
    assert np.allclose(others.features[0, :WINDOW], heard[:, :WINDOW].mean(axis=0))
    assert np.allclose(others.features[0, TAGGED + PICTURED :], heard[:, WINDOW:].mean(axis=0))


def test_without_files_there_are_no_other_sounds(tmp_path: Path) -> None:
    table = tiny_table()
    assert with_others(table, [(tmp_path / "named.npz", table.rows, 1.0)]).others is None
