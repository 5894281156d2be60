from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from ml.music.spectrograms import spaced_pictures
from tests.unit.ml.music.tiny import DIMENSIONS, clip
from training.music.augmentation import Augmentation
from training.music.batches import Shuffle
from training.music.recipes import Mixture, MusicRecipe, Weights
from training.music.steps import MusicTraining

CLIPS = [clip(genre, number) for genre in range(4) for number in range(2)]
RECIPE = MusicRecipe(
    dimensions=replace(DIMENSIONS, input_dropout=0.0),
    steps=40,
    rate=1e-2,
    average=0.5,
    mixture=Mixture(labelled=8, others=0, unlabelled=0, windows=2),
    disturbance=Augmentation(),
    weights=Weights(contrast=0.1),
)


def training(recipe: MusicRecipe = RECIPE) -> MusicTraining:
    return MusicTraining(recipe, Shuffle(CLIPS, {}, recipe, seed=1), seed=1)


def test_learns_a_handful_of_songs_by_heart() -> None:
    school = training()
    losses = [parts["genre"] for parts in school.steps()]
    assert losses[-1] < losses[0] * 0.6
    guesses = [school.model(spaced_pictures(one.columns)).genres.argmax() for one in CLIPS]
    assert [int(guess) for guess in guesses] == [one.genre for one in CLIPS]


def test_going_on_equals_never_having_stopped(tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=6, disturbance=Augmentation(tempo=0.1, noise=0.5))
    straight = training(recipe)
    list(straight.steps())

    halted = training(recipe)
    for _ in halted.steps():
        if halted.step == 3:
            break
    halted.save(tmp_path / "halted")
    resumed = training(recipe)
    resumed.restore(tmp_path / "halted")
    list(resumed.steps())

    ours, theirs = resumed.model.state_dict(), straight.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_the_same_seed_trains_the_same_model() -> None:
    recipe = replace(RECIPE, steps=2)
    first, second = training(recipe), training(recipe)
    assert list(first.steps()) == list(second.steps())
