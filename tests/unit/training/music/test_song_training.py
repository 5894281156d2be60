from dataclasses import replace

import numpy as np
import pytest

from ml.music.heads import sigmoid, softmax
from tests.unit.training.music.tables import features_of, tiny_table
from training.music.song_table import OtherSounds, SongTable
from training.music.song_training import (
    GenreRecipe,
    calibration_error,
    fit_genres,
    fit_kinds,
    fit_platt,
    fit_scale,
    out_of_fold,
    padded,
)


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


def beside(table: SongTable, rows: np.ndarray, count: float) -> SongTable:
    """Let a table be learned from with one more sound of each of some songs."""
    features = features_of(table.songs.labels[rows], seed=2)
    return replace(table, others=OtherSounds(rows, features, np.full(len(rows), count)))


def test_genres_are_learned_from_named_songs_too() -> None:
    table = tiny_table(each=5, named=20)
    named = np.flatnonzero(table.songs.folds < 0)
    rows, labels = table.gtzan(), table.songs.labels
    right = [
        (out_of_fold(each, GenreRecipe()).argmax(axis=1) == labels[rows]).mean()
        for each in (table, beside(table, named, 1.0))
    ]
    assert right[1] > right[0]


def test_other_sounds_count_as_much_as_they_are_told_to() -> None:
    table = tiny_table()
    named, rows = np.flatnonzero(table.songs.folds < 0), table.gtzan()
    alone, hardly, much = (
        fit_genres(each, GenreRecipe(), rows)(table.features[rows])
        for each in (table, beside(table, named, 1e-6), beside(table, named, 1.0))
    )
    assert np.abs(hardly - alone).mean() < 0.1 * np.abs(much - alone).mean()


def test_other_sounds_of_songs_that_are_asked_about_are_not_learned_from() -> None:
    table = tiny_table()
    learn = table.gtzan()[table.songs.folds[table.gtzan()] != 0]
    told = beside(table, table.gtzan(), 1.0)
    others = told.others
    assert others is not None
    inside = np.isin(others.rows, learn)
    known = OtherSounds(others.rows[inside], others.features[inside], others.counts[inside])
    asked = table.features[table.gtzan()]
    one, same = (
        fit_genres(each, GenreRecipe(), learn)(asked)
        for each in (told, replace(table, others=known))
    )
    assert np.array_equal(one, same)
