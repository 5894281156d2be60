import numpy as np

from training.music.not_music_sounds import MAKERS, synthesised


def test_every_maker_makes_finite_sounds_below_full_scale() -> None:
    made = list(synthesised(1, seed=0))
    assert {kind for kind, _, _ in made} == set(MAKERS)
    for _, maker, wave in made:
        assert np.isfinite(wave).all(), maker
        assert 0 < np.abs(wave).max() <= 1, maker


def test_the_same_seed_makes_the_same_sounds() -> None:
    first, second = (next(iter(synthesised(1, seed=3)))[2] for _ in range(2))
    assert np.array_equal(first, second)
