import numpy as np
import pytest

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.picture_network import passage_pictures


def test_thirty_seconds_are_128_columns_at_four_phases() -> None:
    wave = np.random.default_rng(0).normal(size=31 * SAMPLE_RATE).astype(np.float32)
    pictures = passage_pictures(wave)
    assert pictures.shape == (4, 106, 128)
    assert pictures.max() == 0
    assert pictures.min() >= -80


def test_a_high_tone_lies_in_a_higher_band_than_a_low_one() -> None:
    time = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    bands = [
        int(
            passage_pictures(np.sin(6.2832 * hertz * time).astype(np.float32)).mean((0, 2)).argmax()
        )
        for hertz in (200, 1000, 5000)
    ]
    assert bands == sorted(set(bands))


def test_loudness_does_not_matter() -> None:
    wave = np.random.default_rng(1).normal(size=5 * SAMPLE_RATE).astype(np.float32)
    assert np.allclose(passage_pictures(wave), passage_pictures(0.1 * wave), atol=1e-2)


def test_a_sound_shorter_than_a_column_is_one_column() -> None:
    assert passage_pictures(np.ones(100, np.float32)).shape == (4, 106, 1)


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        passage_pictures(np.zeros((2, 10), np.float32))
