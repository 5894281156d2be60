"""Harmony: alike in every key, unlike for other chords, silent where there are none."""

import numpy as np
import pytest

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.harmony import HARMONY_SIZE, harmony

MAJOR, MINOR, WHOLE_TONES = (0, 4, 7), (0, 3, 7), (0, 2, 4, 6, 8, 10)
Sound = np.ndarray[tuple[int], np.dtype[np.float32]]


def chords(*chord: tuple[int, ...], roots: tuple[int, ...] = (0, 5, 7, 0), key: int = 0) -> Sound:
    """Half-second chords over 12 s, each a sum of tones with four partials."""
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    beats = []
    for at in range(24):
        tones = [roots[at % len(roots)] + step for step in chord[at % len(chord)]]
        partials = [
            (130.8 * 2 ** ((tone + key) / 12) * n, n) for tone in tones for n in range(1, 5)
        ]
        beats.append(sum(np.sin(2 * np.pi * hertz * time) / n for hertz, n in partials))
    return (0.05 * np.concatenate(beats)).astype(np.float32)


def distance(one: Sound, other: Sound) -> float:
    return float(np.linalg.norm(harmony(one) - harmony(other)))


def test_a_song_in_another_key_is_alike_and_one_of_other_chords_is_not() -> None:
    song = chords(MAJOR)
    transposed, other = chords(MAJOR, key=2), chords(WHOLE_TONES)
    assert distance(song, transposed) < 0.25 * distance(song, other)


def test_how_chords_follow_one_another_counts() -> None:
    song, transposed = chords(MAJOR), chords(MAJOR, key=1)
    otherwise = chords(MAJOR, roots=(0, 0, 0, 0))
    assert distance(song, otherwise) > 2 * distance(song, transposed)


def test_louder_playing_changes_nothing() -> None:
    song = chords(MAJOR, MINOR)
    assert distance(song, 0.3 * song) < 0.05


@pytest.mark.parametrize(
    "passage",
    [
        np.zeros(0, np.float32),
        np.zeros(10 * SAMPLE_RATE, np.float32),
        chords(MAJOR)[: 3 * SAMPLE_RATE],
    ],
    ids=["nothing", "silence", "three seconds"],
)
def test_without_music_there_is_no_harmony(passage: Sound) -> None:
    assert np.array_equal(harmony(passage), np.zeros(HARMONY_SIZE, np.float32))


def test_every_value_is_between_minus_one_and_one() -> None:
    found = harmony(chords(MAJOR, MINOR))
    assert found.shape == (HARMONY_SIZE,)
    assert np.abs(found).max() <= 1.0


def test_only_mono_is_taken() -> None:
    with pytest.raises(ValueError, match="samples"):
        harmony(np.zeros((2, SAMPLE_RATE), np.float32))
