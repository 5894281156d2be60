import numpy as np
import pytest
import torch
from torchaudio.functional import melscale_fbanks

from training.music.rebuild import PEAK, RATE, rebuild


def picture_of(wave: torch.Tensor) -> np.ndarray:
    """Make a mel picture as GTZAN's were made: (128, frames), high frequency first."""
    spectrum = torch.stft(wave, 2048, 512, window=torch.hann_window(2048), return_complex=True)
    filters = melscale_fbanks(1025, 0.0, 11_025.0, 128, RATE, norm="slaney", mel_scale="slaney")
    mel = (filters.T @ spectrum.abs().square()).clamp(min=1e-10)
    decibels = (10 * (mel / mel.max()).log10()).clamp(min=-80)
    grey: np.ndarray = ((decibels + 80) / 80 * 255).round().to(torch.uint8).numpy()[::-1]
    return grey


def melody() -> torch.Tensor:
    """Three seconds of four notes with overtones."""
    time = torch.arange(3 * RATE // 4) / RATE
    notes = [
        sum(torch.sin(6.2832 * f * n * time) / n for n in (1, 2, 3)) for f in (220, 330, 275, 440)
    ]
    return torch.cat([note * torch.exp(-2 * time) for note in notes])


def test_rebuilt_sound_has_the_picture_it_was_rebuilt_from() -> None:
    picture = picture_of(melody())
    again = picture_of(rebuild(picture))[:, : picture.shape[1]]
    loud = picture > 100
    apart = np.abs(again.astype(float) - picture[:, : again.shape[1]])[loud[:, : again.shape[1]]]
    assert apart.mean() / 255 * 80 < 5  # dB


def test_rebuilding_twice_gives_the_same_sound() -> None:
    picture = picture_of(melody())
    assert torch.equal(rebuild(picture, rounds=2), rebuild(picture, rounds=2))


def test_rebuilt_sound_peaks_where_it_should() -> None:
    assert float(rebuild(picture_of(melody())).abs().max()) == pytest.approx(PEAK, abs=1e-5)
