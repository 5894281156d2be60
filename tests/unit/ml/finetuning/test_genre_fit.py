"""Teaching genres, and finding out honestly how well they were learned."""

from dataclasses import replace

import numpy as np

from ml.finetuning.genre import calibrated, fit, folds_of, macro_f1, try_out
from ml.music.genre_head import GenreHead, softmax
from ml.music.hearing import GENRES
from tests.unit.ml.finetuning.factories import songs

EVEN = dict.fromkeys(GENRES, 0.1)


def taught() -> GenreHead:
    lesson = songs()
    return calibrated(fit(lesson), try_out(lesson), lesson)


def test_unseen_songs_of_the_taught_genres_are_told_apart() -> None:
    unseen = songs(seed=1)
    guesses = taught().logits(unseen.vectors, unseen.shares).argmax(axis=1)
    assert macro_f1(guesses, unseen.labels, 3) > 0.9


def test_a_sure_answer_keeps_the_shipped_genres_and_sums_to_one() -> None:
    vector = np.eye(64, dtype=np.float32)[0]
    named = taught().named(vector, EVEN)
    assert named is not None
    assert next(iter(named)) == "Drill'n'Bass"
    assert set(named) == {*GENRES, "Drill'n'Bass", "東方アレンジ"}
    assert abs(sum(named.values()) - 1) < 1e-6


def test_music_of_no_taught_genre_is_left_to_the_ear() -> None:
    head = taught()
    dice = np.random.default_rng(5)
    strangers = dice.standard_normal((50, 64)).astype(np.float32)
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    named = [head.named(stranger, EVEN) for stranger in strangers]
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
    shares[lesson.labels == 2] = np.eye(10)[GENRES.index("rock")]
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
