"""Teaching genres, and finding out honestly how well they were learned."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ml.finetuning.genre import calibrated, fit, folds_of, macro_f1, try_out
from ml.music.genre_head import GenreHead
from ml.music.heads import softmax
from ml.music.hearing import Hearing
from ml.music.taxonomy import TEN_GENRES
from tests.factories import hearing
from tests.unit.ml.finetuning.factories import songs


def taught() -> GenreHead:
    lesson = songs()
    return calibrated(fit(lesson), try_out(lesson), lesson)


def test_unseen_songs_of_the_taught_genres_are_told_apart() -> None:
    unseen = songs(seed=1)
    guesses = taught().logits(unseen.vectors, unseen.shares).argmax(axis=1)
    assert macro_f1(guesses, unseen.labels, 3) > 0.9


def heard(vector: npt.NDArray[np.float32], windows: int = 6) -> Hearing:
    """Return a hearing with this vector, which each window has nearly."""
    dice = np.random.default_rng(0)
    each = vector + 0.2 * dice.standard_normal((windows, vector.size)) / np.sqrt(vector.size)
    song = hearing(windows, TEN_GENRES)
    return replace(song, vector=vector, timeline=replace(song.timeline, vectors=each))


def test_a_sure_answer_names_the_server_s_genre_beside_the_families() -> None:
    song = heard(np.eye(64, dtype=np.float32)[0])
    named = taught().named(song)
    assert named is not None
    assert named.verdict.family == "Drill'n'Bass"
    assert set(named.families) == {*song.families, "Drill'n'Bass", "東方アレンジ", "rock"}
    shares = list(named.families.values())
    assert shares == sorted(shares, reverse=True)


def test_the_mean_of_the_timeline_is_the_answer_in_the_server_s_genres_too() -> None:
    named = taught().named(heard(np.eye(64, dtype=np.float32)[0]))
    assert named is not None
    means = {name: shares.mean() for name, shares in named.timeline.shares.items()}
    assert named.families == pytest.approx(means, abs=1e-3)


def test_music_of_no_taught_genre_is_left_to_the_music_model() -> None:
    head = taught()
    dice = np.random.default_rng(5)
    strangers = dice.standard_normal((50, 64)).astype(np.float32)
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    named = [head.named(heard(stranger)) for stranger in strangers]
    assert sum(answer is not None for answer in named) <= 5


def test_no_maker_is_both_learned_from_and_tried_on() -> None:
    lesson = songs(each=9, makers=4)
    folds, by_maker = folds_of(lesson)
    assert by_maker
    for label in range(3):
        of_label = lesson.labels == label
        for maker in range(4):
            assert len(set(folds[of_label & (lesson.makers == maker)])) <= 1


def test_a_genre_by_one_maker_is_tried_song_by_song_and_that_is_said() -> None:
    lesson = songs(makers=1)
    folds, by_maker = folds_of(lesson)
    assert not by_maker
    assert len(set(folds[lesson.labels == 0])) == 5


def test_genres_that_mean_nothing_score_like_guessing() -> None:
    lesson = songs(each=12)
    mixed = np.random.default_rng(3).permutation(lesson.labels)
    trial = try_out(replace(lesson, labels=mixed))
    assert macro_f1(trial.logits.argmax(axis=1), mixed, 3) < 0.6


def test_before_a_first_lesson_only_the_shipped_genres_are_right() -> None:
    lesson = songs()
    shares = lesson.shares.copy()
    shares[lesson.labels == 2] = np.eye(10)[TEN_GENRES.index("rock")]
    before = try_out(replace(lesson, shares=shares)).before
    assert (before[lesson.labels == 2] == 2).all()
    assert (before[lesson.labels == 0] != 0).all()


def test_the_model_that_serves_is_tried_on_songs_it_did_not_learn_from() -> None:
    lesson = songs(each=8)
    known = np.arange(len(lesson.labels)) % 8 < 5
    before = try_out(replace(lesson, known=known)).before
    assert macro_f1(before, lesson.labels, 3) > 0.8


def test_the_temperature_makes_confidence_honest() -> None:
    lesson = songs(each=20, spread=2.5)
    trial = try_out(lesson)
    head = calibrated(fit(lesson), trial, lesson)
    likely = softmax(trial.logits / head.temperature)
    confident = likely.max(axis=1).mean()
    right = (likely.argmax(axis=1) == lesson.labels).mean()
    assert abs(confident - right) < 0.15
