from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.music.checkpoint import MusicModelError
from ml.music.hearing import GENRES
from ml.music.inference import MusicModel
from tests.unit.ml.music.tiny import SEED_DIMENSIONS, song, tiny_checkpoint


@pytest.fixture(scope="module")
def music_model() -> MusicModel:
    return MusicModel(tiny_checkpoint())


def test_probabilities_sum_to_one_most_likely_first(music_model: MusicModel) -> None:
    (hearing,) = music_model.hear([song(1)])
    shares = list(hearing.genres.values())
    assert set(hearing.genres) == set(GENRES)
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


def test_the_vector_has_unit_length(music_model: MusicModel) -> None:
    (hearing,) = music_model.hear([song(1)])
    assert hearing.vector.dtype == np.float32
    assert np.linalg.norm(hearing.vector) == pytest.approx(1.0, abs=1e-5)


def test_the_same_excerpts_give_the_same_vector(music_model: MusicModel) -> None:
    first, second = music_model.hear([song(1)])[0], music_model.hear([song(1)])[0]
    assert np.array_equal(first.vector, second.vector)


def test_what_is_heard_does_not_depend_on_the_company(music_model: MusicModel) -> None:
    songs = [song(1, windows=3), song(2, windows=1), song(3, windows=5)]
    together = music_model.hear(songs)[::-1]
    for alone, among in zip(
        (music_model.hear([one])[0] for one in songs[::-1]), together, strict=True
    ):
        assert np.allclose(alone.vector, among.vector, atol=1e-4)
        assert alone.genre == among.genre


def test_the_timeline_has_a_row_for_each_window(music_model: MusicModel) -> None:
    (hearing,) = music_model.hear([song(1, windows=4)])
    assert hearing.timeline.genres.shape == (4, len(GENRES))
    assert np.allclose(hearing.timeline.genres.sum(axis=1), 1.0, atol=1e-5)
    assert hearing.timeline.starts == (0.0, 1.0, 2.0, 3.0)


def test_louder_playing_changes_nothing(music_model: MusicModel) -> None:
    quiet = song(2)
    loud = type(quiet)(quiet.windows * 0.5, quiet.starts, 3.0, quiet.passage, 0.0)
    first, second = music_model.hear([quiet, loud])
    assert np.allclose(first.vector, second.vector, atol=1e-3)


def test_the_seed_recipe_listens_too() -> None:
    (hearing,) = MusicModel(tiny_checkpoint(SEED_DIMENSIONS)).hear([song(1)])
    assert sum(hearing.genres.values()) == pytest.approx(1.0)


def test_nothing_to_hear_is_nothing_heard(music_model: MusicModel) -> None:
    assert music_model.hear([]) == []


def test_the_shipped_weights_open_and_name_themselves() -> None:
    music_model = MusicModel.load()
    assert music_model.model.startswith("music2vector-")
    (hearing,) = music_model.hear([song(1)])
    assert hearing.model == music_model.model


def test_a_missing_file_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MusicModelError, match=r"gone\.safetensors"):
        MusicModel.load(tmp_path / "gone.safetensors")


def test_less_than_three_seconds_of_sound_get_no_genre() -> None:
    checkpoint = tiny_checkpoint()
    always_sure = replace(checkpoint, tuning=replace(checkpoint.tuning, sure=0.0))
    heard = [replace(song(1), seconds_of_sound=seconds) for seconds in (2.9, 3.0)]
    shot, music = MusicModel(always_sure).hear(heard)
    assert shot.genre is None
    assert music.genre is not None
    assert shot.seconds_of_sound == 2.9
