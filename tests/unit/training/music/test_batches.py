from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ml.music.hearing import GENRES
from tests.unit.ml.music.tiny import clip
from training.music.batches import Batch, Shuffle
from training.music.clips import NO_GENRE, OTHER_GENRE
from training.music.recipes import Mixture, MusicRecipe
from training.music.teacher import EMBEDDING, TAGS, TeacherTargets

MANY, FEW = [clip(0, number) for number in range(30)], [clip(3)]
OTHER, UNLABELLED = replace(clip(1), genre=OTHER_GENRE), replace(clip(2), genre=NO_GENRE)
MIXTURE = Mixture(labelled=8, others=2, unlabelled=3, windows=2)


def taught(patches: int = 2) -> TeacherTargets:
    return TeacherTargets(
        torch.arange(patches), torch.randn(patches, EMBEDDING), torch.zeros(patches, TAGS)
    )


def draw(mixup: float = 0.0) -> Batch:
    recipe = MusicRecipe(mixture=MIXTURE, mixup=mixup)
    clips = [*MANY, *FEW, OTHER, UNLABELLED]
    return Shuffle(clips, {0: taught(), 32: taught()}, recipe, seed=5).batch(7)


def test_rare_genres_are_drawn_as_often_as_common_ones() -> None:
    counts = draw().genres[:8].sum(dim=0)
    assert counts[0] == counts[3] == 4


def test_every_song_is_seen_in_two_different_views() -> None:
    batch = draw()
    half = len(batch.genres) // 2
    assert torch.equal(batch.genres[:half], batch.genres[half:])
    assert not torch.equal(batch.pictures[:half], batch.pictures[half:])


def test_what_has_no_genre_is_not_learned_and_what_has_another_is_even() -> None:
    batch = draw()
    assert batch.labelled[:13].tolist() == [True] * 10 + [False] * 3
    assert torch.allclose(batch.genres[8:10], torch.tensor(1 / len(GENRES)))


def test_only_what_the_teacher_heard_is_taught() -> None:
    batch = draw()
    assert batch.taught[10:13].all()
    assert not batch.taught[8:10].any()


def test_the_same_step_draws_the_same_batch() -> None:
    assert torch.equal(draw().pictures, draw().pictures)


def test_mixed_views_stay_mostly_themselves() -> None:
    batch = draw(mixup=1.0)
    assert batch.genres.sum(dim=1) == pytest.approx(torch.ones(26))
    assert (batch.genres[:8].amax(dim=1) >= 0.6 - 1e-6).all()
    assert not batch.taught[:8].any()
