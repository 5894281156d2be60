from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.music.heads import sigmoid, softmax
from tests.unit.training.music.tables import features_of, tiny_table
from training.music.song_table import (
    TAGGED,
    ChangedSounds,
    OtherSounds,
    SongTable,
    with_changed,
)
from training.music.song_training import (
    GenreRecipe,
    TagRecipe,
    calibration_error,
    fit_family_tags,
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


LEAN = np.random.default_rng(5).normal(size=10_000)  # where every changed copy goes


def leaning(features: np.ndarray) -> np.ndarray:
    """Change songs as every copy is changed here."""
    moved: np.ndarray = features + (3 * LEAN[: features.shape[1]]).astype(np.float32)
    return moved


def changed_songs(rows: np.ndarray, labels: np.ndarray) -> ChangedSounds:
    """Make up songs and one changed copy of each."""
    plain = features_of(labels, seed=3)
    return ChangedSounds(rows, np.stack([plain, leaning(plain)], axis=1))


def test_genres_hold_in_changed_copies_that_were_learned_from() -> None:
    table = tiny_table()
    rows = table.gtzan()
    copies = changed_songs(rows, table.songs.labels[rows]).copies(1.0)
    loose, steady = (
        fit_genres(each, GenreRecipe(), rows) for each in (table, replace(table, others=copies))
    )
    plain = table.features[rows]
    off = [np.abs(head(plain) - head(leaning(plain))).mean() for head in (loose, steady)]
    assert off[1] < 0.5 * off[0]
    assert (steady(leaning(plain)).argmax(axis=1) == table.songs.labels[rows]).mean() > 0.9


def test_what_copies_differ_by_hardly_moves_a_steady_recipe() -> None:
    table = tiny_table()
    rows, steady = table.gtzan(), GenreRecipe(steadiness=2.0)
    changed = changed_songs(np.full(40, -1), np.arange(40) % 10)
    plain = table.features[rows]
    off = []
    for each in (table, replace(table, changed=changed)):
        head = fit_genres(each, steady, rows)
        off.append(np.abs(head(plain) - head(leaning(plain))).mean())
    assert off[1] < 0.2 * off[0]


def test_a_steady_recipe_does_not_learn_from_copies_of_songs_that_are_asked_about() -> None:
    table = tiny_table()
    rows, steady = table.gtzan(), GenreRecipe(steadiness=2.0)
    learn = rows[table.songs.folds[rows] != 0]
    asked = np.setdiff1d(rows, learn)
    told = replace(table, changed=changed_songs(asked, table.songs.labels[asked]))
    one, same = (fit_genres(each, steady, learn)(table.features) for each in (table, told))
    assert np.array_equal(one, same)


def test_changed_copies_are_learned_from_beside_the_songs_of_the_table(tmp_path: Path) -> None:
    table, file = tiny_table(), tmp_path / "changed.npz"
    names, heard = ("song.0003", "elsewhere"), changed_songs(np.zeros(2), np.zeros(2, int)).features
    np.savez(file, names=np.array(names), changes=np.array(["", "louder"]), rows=heard)
    others = with_changed(beside(table, table.gtzan()[:1], 1.0), [file], 0.2).others
    assert others is not None
    assert others.rows.tolist() == [table.gtzan()[0], 3]
    assert others.counts.tolist() == [1.0, 0.2]
    assert np.array_equal(others.features[1], heard[0, 1])


def test_what_tags_say_of_families_holds_in_changed_copies() -> None:
    changed = changed_songs(np.full(200, -1), np.arange(200) % 10)
    loose, steady = (
        fit_family_tags(replace(tiny_table(), changed=each), TagRecipe())
        for each in (None, changed)
    )
    plain = changed.features[:, 0]
    off = [np.abs(head(plain) - head(leaning(plain))).mean() for head in (loose, steady)]
    assert off[1] < 0.3 * off[0]
    said = [head(plain) for head in (loose, steady)]
    spoken = said[0].std(axis=0) > 0
    likeness = [np.corrcoef(a, b)[0, 1] for a, b in zip(*(s.T[spoken] for s in said), strict=True)]
    assert min(likeness) > 0.7
    assert np.allclose(said[0].std(axis=0), said[1].std(axis=0), rtol=0.01)
    assert not loose.weights[TAGGED:].any()
