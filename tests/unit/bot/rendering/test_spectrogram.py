import numpy as np
import pytest

from bot.rendering.genre_card import draw_spectrogram


def brightness(mel: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> np.ndarray:
    return np.asarray(draw_spectrogram(mel, (200, 100)).convert("L"), float)


def test_low_tones_are_at_the_bottom_and_time_runs_to_the_right() -> None:
    mel = np.full((128, 60), -80, np.float32)
    mel[:32, :30] = 0
    picture = brightness(mel)
    assert picture[75:, :100].mean() > 200
    assert picture[:75].mean() < 20


def test_a_nearly_even_sound_is_not_blown_up() -> None:
    noise = np.random.default_rng(0).normal(-30, 0.5, (128, 60)).astype(np.float32)
    assert brightness(noise).std() < 20


@pytest.mark.parametrize("value", [-80.0, 0.0, float("nan"), float("-inf")])
def test_silence_and_broken_values_still_give_a_picture(value: float) -> None:
    picture = draw_spectrogram(np.full((128, 10), value, np.float32), (200, 100))
    assert picture.size == (200, 100)


def test_a_single_column_gives_a_picture() -> None:
    assert draw_spectrogram(np.zeros((128, 1), np.float32), (200, 100)).mode == "RGB"
