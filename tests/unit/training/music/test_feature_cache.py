"""What is kept of a sound before any weights gives the vector that hearing the sound gives."""

from pathlib import Path

import numpy as np
import pytest

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.inference import MusicModel
from tests.helpers.songs import wav
from tests.unit.ml.music.tiny import tiny_checkpoint
from training.music.clips import add_pink_noise
from training.music.feature_cache import Sound, excerpts_of, halves, song_files, trace, traced


def tone(hertz: float, seconds: float = 6.0) -> Sound:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def test_a_traced_sound_has_the_vector_of_the_sound() -> None:
    music_model, excerpts = MusicModel(tiny_checkpoint()), excerpts_of(tone(440))
    (hearing,) = music_model.hear([excerpts])
    features = trace(excerpts)
    vector = music_model.embed(features.columns, features.harmony, features.rhythm)
    assert np.allclose(vector, hearing.vector, atol=0.02)


def test_a_long_song_gives_thirty_seconds_of_each_half_and_a_short_one_all() -> None:
    sound = np.arange(100 * SAMPLE_RATE, dtype=np.float32)
    first, second = halves(sound)
    assert first[0] == 10 * SAMPLE_RATE
    assert second[0] == 60 * SAMPLE_RATE
    assert [len(half) for half in halves(sound[: 20 * SAMPLE_RATE])] == [10 * SAMPLE_RATE] * 2


def test_what_was_traced_once_is_read_from_the_cache(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(wav(5.0))
    views = {"whole": lambda sound: sound}
    before = traced(song, views, tmp_path / "cache")["whole"]
    size = song.stat().st_size
    song.write_bytes(bytes(size))  # no longer a song, but of the same name and size
    after = traced(song, views, tmp_path / "cache")["whole"]
    assert np.array_equal(before.columns, after.columns)
    assert np.array_equal(before.harmony, after.harmony)


def test_what_is_no_song_leaves_no_traces(tmp_path: Path) -> None:
    (tmp_path / "song.ogg").write_bytes(bytes(200_000))
    (tmp_path / "jingle.ogg").write_bytes(bytes(1_000))
    (found,) = song_files([tmp_path])
    assert found.name == "song.ogg"
    assert traced(found, {"whole": lambda sound: sound}, tmp_path / "cache") == {}


def test_noise_lies_as_far_under_the_music_as_was_asked() -> None:
    sound = tone(440)
    noise = add_pink_noise(sound, 10.0) - sound
    decibels = 10 * np.log10((sound**2).mean() / (noise**2).mean())
    assert decibels == pytest.approx(10.0, abs=0.01)
