from __future__ import annotations

import numpy as np
import pytest

from ml.music.checkpoint import ModelError
from ml.music.genres import GENRES
from ml.music.inference import Ear
from tests.ml.music.tiny import SEED_DIMENSIONS, song, tiny_checkpoint


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear(tiny_checkpoint())


def test_probabilities_sum_to_one_most_likely_first(ear: Ear) -> None:
    (hearing,) = ear.hear([song(1)])
    shares = list(hearing.genres.values())
    assert set(hearing.genres) == set(GENRES)
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


def test_the_vector_has_unit_length(ear: Ear) -> None:
    (hearing,) = ear.hear([song(1)])
    assert hearing.vector.dtype == np.float32
    assert np.linalg.norm(hearing.vector) == pytest.approx(1.0, abs=1e-5)


def test_the_same_excerpts_give_the_same_vector(ear: Ear) -> None:
    first, second = ear.hear([song(1)])[0], ear.hear([song(1)])[0]
    assert np.array_equal(first.vector, second.vector)


def test_what_is_heard_does_not_depend_on_the_company(ear: Ear) -> None:
    songs = [song(1, windows=3), song(2, windows=1), song(3, windows=5)]
    together = ear.hear(songs)[::-1]
    for alone, among in zip((ear.hear([one])[0] for one in songs[::-1]), together, strict=True):
        assert np.allclose(alone.vector, among.vector, atol=1e-4)
        assert alone.genre == among.genre


def test_the_timeline_has_a_row_for_each_window(ear: Ear) -> None:
    (hearing,) = ear.hear([song(1, windows=4)])
    assert hearing.timeline.shape == (4, len(GENRES))
    assert np.allclose(hearing.timeline.sum(axis=1), 1.0, atol=1e-5)
    assert hearing.starts == (0.0, 1.0, 2.0, 3.0)


def test_the_picture_shows_every_window(ear: Ear) -> None:
    (hearing,) = ear.hear([song(1, windows=4)])
    assert hearing.mel.shape == (128, 4 * 8)


def test_louder_playing_changes_nothing(ear: Ear) -> None:
    quiet = song(2)
    loud = type(quiet)(quiet.windows * 0.5, quiet.starts, 3.0, quiet.passage, 0.0)
    first, second = ear.hear([quiet, loud])
    assert np.allclose(first.vector, second.vector, atol=1e-3)


def test_the_seed_recipe_listens_too() -> None:
    (hearing,) = Ear(tiny_checkpoint(SEED_DIMENSIONS)).hear([song(1)])
    assert sum(hearing.genres.values()) == pytest.approx(1.0)


def test_nothing_to_hear_is_nothing_heard(ear: Ear) -> None:
    assert ear.hear([]) == []


def test_the_shipped_weights_open_and_name_themselves() -> None:
    ear = Ear.load()
    assert ear.model.startswith("music2vector-")
    (hearing,) = ear.hear([song(1)])
    assert hearing.model == ear.model


def test_a_missing_file_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        Ear.load(tmp_path / "gone.safetensors")
