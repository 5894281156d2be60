from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ml.music.hearing import GENRES
from ml.music.model import Music2Vector
from ml.music.spectrograms import BANDS
from tests.unit.ml.music.tiny import DIMENSIONS, SEED_DIMENSIONS


@pytest.mark.parametrize("dimensions", [DIMENSIONS, SEED_DIMENSIONS], ids=lambda d: d.recipe)
def test_answers_for_every_song_and_window(dimensions) -> None:  # type: ignore[no-untyped-def]
    model = Music2Vector(dimensions).eval()
    heard = model(torch.randn(2, 3, dimensions.bands, dimensions.columns))
    assert heard.genres.shape == (2, len(GENRES))
    assert heard.timeline.shape == (2, 3, len(GENRES))
    assert heard.vector.shape == (2, dimensions.embedding or dimensions.joined)


def test_the_seed_s_vector_joins_the_pools_of_every_convolution() -> None:
    assert SEED_DIMENSIONS.joined == sum(SEED_DIMENSIONS.widths)
    model = Music2Vector(SEED_DIMENSIONS).eval()
    pictures = torch.randn(2, 224, 224)
    joined, _ = model.features(pictures)
    first = model.convolutions[0](pictures.unsqueeze(1)).mean(dim=(2, 3))
    assert torch.allclose(joined[:, :2], first, atol=1e-5)


def test_dropout_hides_the_input_while_training_only() -> None:
    model = Music2Vector(replace(DIMENSIONS, input_dropout=0.5))
    pictures = torch.randn(2, 2, BANDS, 16)
    assert not torch.equal(model(pictures).vector, model(pictures).vector)
    model.eval()
    assert torch.equal(model(pictures).vector, model(pictures).vector)


def test_one_window_is_enough() -> None:
    heard = Music2Vector(DIMENSIONS).eval()(torch.randn(1, 1, BANDS, 16))
    assert heard.genres.isfinite().all()


@pytest.mark.parametrize("windows", [8, 9])
def test_many_windows_are_read_in_groups_of_as_many_as_in_training(windows: int) -> None:
    model = Music2Vector(DIMENSIONS).eval()
    songs = torch.randn(2, windows, BANDS, 16)
    groups = torch.stack([model(songs[:, at::2]).genres for at in (0, 1)])
    assert torch.allclose(model(songs).genres, groups.mean(dim=0), atol=1e-5)


def test_refuses_pictures_of_another_size() -> None:
    with pytest.raises(ValueError, match="expected"):
        Music2Vector(DIMENSIONS)(torch.randn(1, 1, 64, 16))
