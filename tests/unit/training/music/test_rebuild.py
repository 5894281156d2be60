import numpy as np
import pytest
import torch
from torchaudio.functional import melscale_fbanks

from ml.music.tagger import PATCH_SAMPLES
from ml.music.tagger import RATE as TAGGER_RATE
from training.music.rebuild import GTZAN, NAMED, PEAK, RATE, PictureLayout, rebuild, stretches


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


@pytest.mark.parametrize(("layout", "columns"), [(GTZAN, 1292), (NAMED, 496)])
def test_stretches_last_as_long_as_the_patches_that_hear_them(
    layout: PictureLayout, columns: int
) -> None:
    picture = (np.arange(columns) % 256).astype(np.uint8)[None].repeat(2, axis=0)
    cut = stretches(picture, layout, 2)
    seconds = (cut.shape[1] * layout.frames - 1) * layout.hop / RATE
    assert 2 * PATCH_SAMPLES / TAGGER_RATE <= seconds < 6.5
    assert (cut[0, 0], cut[0, -1]) == (0, (columns - 1) % 256)


def test_a_short_picture_is_not_cut() -> None:
    picture = np.zeros((128, 200), np.uint8)
    assert stretches(picture, GTZAN, 6) is picture


def test_pictures_of_the_named_songs_become_thirty_seconds() -> None:
    dice = np.random.default_rng(0)
    wave = rebuild(dice.integers(0, 256, (128, 496), dtype=np.uint8), NAMED, rounds=1)
    assert len(wave) / RATE == pytest.approx(30, abs=0.1)
