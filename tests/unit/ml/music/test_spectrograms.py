from __future__ import annotations

import math

import torch

from ml.audio.excerpts import SAMPLE_RATE
from ml.audio.mel import MEL_BANDS, log_mel
from ml.music.spectrograms import BANDS, columns_of, in_bands


def tone(hertz: float) -> torch.Tensor:
    """One second of a sine, as columns."""
    at = torch.arange(SAMPLE_RATE) / SAMPLE_RATE
    return columns_of(log_mel(0.5 * torch.sin(2 * math.pi * hertz * at)[None])[0])


def test_a_higher_tone_lies_in_a_higher_band() -> None:
    bands = [int(in_bands(tone(hertz)).mean(1).argmax()) for hertz in (200, 800, 1_600, 3_200)]
    assert bands == sorted(set(bands))


def test_a_tone_lies_in_the_band_that_the_mel_pictures_show_it_in() -> None:
    """Up to 1 kHz their scale is a line: 15 of the 60 mel that 129 steps span to 22 050 Hz."""
    assert int(in_bands(tone(1_000)).mean(1).argmax()) == round(15 / 60 * 129) - 1


def test_an_even_sound_stays_even() -> None:
    even = in_bands(torch.full((2, MEL_BANDS, 16), -30.0))
    assert even.shape == (2, BANDS, 16)
    torch.testing.assert_close(even, torch.full_like(even, -30.0))


def test_what_lies_above_all_bands_is_not_seen() -> None:
    windows = torch.randn(2, MEL_BANDS, 16) * 10
    hissing = windows.clone()
    hissing[:, 112:] += 30
    torch.testing.assert_close(in_bands(hissing), in_bands(windows))
