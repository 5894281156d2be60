from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ml.music.model import ModelOutput
from ml.music.spectrograms import BANDS
from training.music.batches import Batch
from training.music.losses import contrast_loss, genre_loss, loss_of, teacher_loss
from training.music.recipes import MusicRecipe, Weights

VIEWS = 6
DICE = torch.Generator().manual_seed(0)
GENRES = torch.eye(10)[:VIEWS]
BATCH = Batch(
    pictures=torch.zeros(VIEWS, 2, BANDS, 16),
    genres=GENRES,
    labelled=torch.tensor([True, True, True, True, False, False]),
    embeddings=torch.randn(VIEWS, 200, generator=DICE),
    tags=torch.rand(VIEWS, 50, generator=DICE),
    taught=torch.tensor([True, False] * 3),
)


def heard(vector: torch.Tensor | None = None) -> ModelOutput:
    perfect = (BATCH.embeddings, torch.logit(BATCH.tags))
    windows = GENRES.unsqueeze(1).expand(-1, 2, -1) * 20
    return ModelOutput(
        GENRES * 20, windows, torch.eye(VIEWS) if vector is None else vector, perfect
    )


def test_a_perfect_pupil_loses_nothing() -> None:
    assert float(teacher_loss(heard().taught, BATCH)) == pytest.approx(0, abs=1e-4)


def test_songs_without_a_genre_are_left_out() -> None:
    wrong = GENRES.clone()
    wrong[4:] = wrong[4:].flip(0)
    assert float(genre_loss(wrong * 20, BATCH, 0.0)) == pytest.approx(0, abs=1e-4)


def test_halves_that_point_the_same_way_belong_together() -> None:
    songs = torch.randn(3, 8, generator=DICE)
    together, apart = songs.repeat(2, 1), torch.cat([songs, songs.roll(1, 0)])
    assert contrast_loss(together) < contrast_loss(apart)


def test_parts_that_do_not_count_are_not_computed() -> None:
    plain = replace(MusicRecipe(), weights=Weights(windows=0.0))
    total, parts = loss_of(heard(), BATCH, plain)
    assert list(parts) == ["genre"]
    assert float(total) == pytest.approx(parts["genre"])


def test_the_total_weighs_its_parts() -> None:
    recipe = replace(MusicRecipe(), weights=Weights(windows=0.5, teacher=2.0, contrast=0.1))
    total, parts = loss_of(heard(), BATCH, recipe)
    expected = parts["genre"] + 0.5 * parts["windows"] + 2 * parts["teacher"]
    assert float(total) == pytest.approx(expected + 0.1 * parts["contrast"], rel=1e-5)
