import numpy as np
import pytest

from bot.songbook.map import lay_out


def clusters(count: int, groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around `groups` directions, and the group of each."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(groups, 32))
    group = np.arange(count) % groups
    vectors = 1.2 * centres[group] + random.normal(size=(count, 32))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), group


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 50, 700])
def test_every_song_has_a_place_within_the_frame(count: int) -> None:
    places = lay_out(clusters(count, 3)[0])
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert places.min() >= 0
    assert places.max() <= 1


def test_a_song_alone_lies_in_the_middle() -> None:
    assert lay_out(clusters(1, 1)[0]).tolist() == [[0.5, 0.5]]


def test_the_same_songs_always_lie_in_the_same_places() -> None:
    vectors = clusters(80, 4)[0]
    assert np.array_equal(lay_out(vectors), lay_out(vectors))


def test_the_very_same_song_many_times_can_be_laid_out() -> None:
    vectors = np.repeat(clusters(1, 1)[0], 30, axis=0)
    assert np.isfinite(lay_out(vectors)).all()


def test_songs_that_sound_alike_lie_together() -> None:
    vectors, group = clusters(120, 4)
    places = lay_out(vectors)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (group[apart.argmin(axis=1)] == group).mean() > 0.9
