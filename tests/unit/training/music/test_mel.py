from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ml.audio.excerpts import SAMPLE_RATE
from training.music.mel import FLOOR_DB, MEL_BANDS, log_mel


def tone(hertz: float, seconds: float = 1.0) -> torch.Tensor:
    at = torch.arange(int(SAMPLE_RATE * seconds)) / SAMPLE_RATE
    return torch.sin(2 * np.pi * hertz * at).unsqueeze(0)


def test_a_second_is_fifty_one_frames_of_128_bands() -> None:
    assert log_mel(torch.zeros(3, SAMPLE_RATE)).shape == (3, MEL_BANDS, 51)


def test_silence_lies_on_the_floor() -> None:
    assert (log_mel(torch.zeros(1, 100)) == FLOOR_DB).all()


def test_higher_tones_light_up_higher_bands() -> None:
    loudest = [
        int(log_mel(tone(hertz))[0].mean(dim=1).argmax()) for hertz in (100, 440, 2000, 8000)
    ]
    assert loudest == sorted(set(loudest))


def test_ten_times_the_amplitude_is_twenty_decibels() -> None:
    loud, quiet = log_mel(tone(440)), log_mel(tone(440) / 10)
    assert torch.allclose(loud.max() - quiet.max(), torch.tensor(20.0), atol=1e-3)


def noise() -> torch.Tensor:
    return torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(0)) / 10


def librosas() -> np.ndarray:
    """What librosa 0.11.0 makes of it: (bands, frames) in dB."""
    with np.load(Path(__file__).with_name("librosa_mel.npz")) as made:
        return np.asarray(made["decibels"])


def test_agrees_with_what_librosa_made() -> None:
    assert np.abs(log_mel(noise())[0].numpy() - librosas()).max() < 1e-2


@pytest.mark.slow  # it compiles itself when it is imported: six seconds, the first time forty
def test_what_librosa_made_is_what_it_makes() -> None:
    librosa = pytest.importorskip("librosa")
    theirs = librosa.feature.melspectrogram(
        y=noise()[0].numpy(), sr=SAMPLE_RATE, n_fft=1024, hop_length=441, n_mels=MEL_BANDS
    )
    assert np.abs(10 * np.log10(theirs) - librosas()).max() < 1e-3


def test_a_window_sounds_the_same_among_many() -> None:
    waves = torch.randn(20, SAMPLE_RATE, generator=torch.Generator().manual_seed(0)) / 10
    assert torch.allclose(log_mel(waves)[13], log_mel(waves[13:14])[0], atol=1e-4)


def test_refuses_what_is_not_a_batch() -> None:
    with pytest.raises(ValueError, match="batch"):
        log_mel(torch.zeros(100))
