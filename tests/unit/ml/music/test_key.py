import numpy as np
import pytest
import torch

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import key_of
from ml.music.key import CHANNELS, choose_key, key_scores, pitch_features

SCALE = (0, 2, 4, 5, 7, 9, 11)


def chords(tonic: int, seconds: float = 8.0) -> np.ndarray:
    """Play I IV V I of a major key, with overtones."""
    time = np.arange(int(seconds / 4 * SAMPLE_RATE)) / SAMPLE_RATE
    parts = []
    for root in (0, 5, 7, 0):
        notes = [root, root + 4, root + 7]
        hertz = [220 * 2 ** ((tonic + note + 3) / 12) for note in notes]
        parts.append(sum(np.sin(2 * np.pi * f * n * time) / n for f in hertz for n in (1, 2, 3)))
    wave = np.concatenate(parts)
    chords: np.ndarray = (wave / np.abs(wave).max() * 0.5).astype(np.float32)
    return chords


def test_the_chord_of_the_tonic_sounds_most_in_its_own_column() -> None:
    features = pitch_features(chords(0))
    assert features is not None
    assert features[6].argmax() == 0  # major triads, by root


def test_transposing_turns_the_features() -> None:
    low, high = pitch_features(chords(0)), pitch_features(chords(3))
    assert low is not None
    assert high is not None
    assert np.corrcoef(np.roll(low, 3, axis=1).ravel(), high.ravel())[0, 1] > 0.85


def test_a_song_out_of_tune_has_the_same_features() -> None:
    wave = chords(0)
    slow = np.interp(np.arange(0, len(wave) - 1, 2 ** (0.3 / 12)), np.arange(len(wave)), wave)
    ours, theirs = pitch_features(wave), pitch_features(slow.astype(np.float32))
    assert ours is not None
    assert theirs is not None
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.85


def test_silence_and_a_short_sound_have_no_pitches() -> None:
    assert pitch_features(np.zeros(10 * SAMPLE_RATE, np.float32)) is None
    assert pitch_features(chords(0)[: 3 * SAMPLE_RATE]) is None


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        pitch_features(np.zeros((2, 10), np.float32))


def test_the_rule_is_the_same_for_every_tonic() -> None:
    features, weights = torch.rand(1, CHANNELS, 12), torch.randn(2, CHANNELS, 12)
    scores = key_scores(features, weights, torch.zeros(2)).view(2, 12)
    turned = key_scores(features.roll(5, dims=2), weights, torch.zeros(2)).view(2, 12)
    assert torch.allclose(scores.roll(5, dims=1), turned, atol=1e-5)


@pytest.mark.parametrize(
    ("index", "tonic", "mode", "camelot"),
    [
        (0, "C", "major", "8B"),
        (21, "A", "minor", "8A"),
        (9, "A", "major", "11B"),
        (12, "C", "minor", "5A"),
    ],
)
def test_keys_have_the_names_and_codes_that_djs_use(
    index: int, tonic: str, mode: str, camelot: str
) -> None:
    key = key_of(index, 0.5)
    assert (key.tonic, key.mode, key.camelot) == (tonic, mode, camelot)


def test_a_key_near_to_several_likely_ones_is_chosen() -> None:
    likely = np.zeros(24)
    likely[[0, 7, 21]] = 0.40, 0.35, 0.25  # C major, G major and A minor
    assert choose_key(likely) == 7
    likely[[0, 7, 21]] = 0.55, 0.20, 0.25
    assert choose_key(likely) == 0
