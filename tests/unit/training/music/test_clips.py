from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import GENRES
from training.music.clips import (
    NO_GENRE,
    OTHER_GENRE,
    mel_frames,
    noises,
    read_gtzan,
    read_images,
    read_others,
    read_songs,
)


def write_song(path: Path, seconds: float = 4.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * at), SAMPLE_RATE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    clip = tmp_path / "data" / "gtzan" / "jazz" / "jazz.00001.opus"
    clip.parent.mkdir(parents=True)
    at = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    soundfile.write(clip, 0.3 * np.sin(2 * np.pi * 440 * at), SAMPLE_RATE, format="OGG")
    manifest = "track,genre,artist,seconds,source_rate,bpm\njazz.00001,jazz,224,4,22050,90\n"
    (tmp_path / "data" / "gtzan" / "manifest.csv").write_text(manifest)
    images = tmp_path / "data" / "mel_images"
    images.mkdir()
    np.savez(images / "mels.npz", mels=np.full((2, 128, 496), 255, np.uint8))
    rows = "row,genre,title,artist\n0,Hip-Hop,A,B\n1,Electronic,C,\n"
    (images / "manifest.csv").write_text(rows)
    return tmp_path / "data"


def test_clips_carry_genre_artist_and_columns(data: Path, tmp_path: Path) -> None:
    (clip,) = read_gtzan(data, tmp_path / "cache")
    assert GENRES[clip.genre] == "jazz"
    assert clip.group == "gtzan 224"
    assert clip.columns.shape[0] == 128
    assert clip.columns.shape[1] == pytest.approx(4 / 0.06, abs=2)


def test_what_was_decoded_once_is_kept(data: Path, tmp_path: Path) -> None:
    read_gtzan(data, tmp_path / "cache")
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").rglob("*.npy")}
    read_gtzan(data, tmp_path / "cache")
    assert kept == {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").rglob("*.npy")}


def test_pictures_of_other_genres_are_others(data: Path) -> None:
    hiphop, electronic = read_images(data)
    assert GENRES[hiphop.genre] == "hiphop"
    assert electronic.genre == OTHER_GENRE
    assert hiphop.columns.shape == (128, 496)
    assert hiphop.group != electronic.group


def test_a_picture_has_no_finer_frames(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="picture"):
        mel_frames(read_images(data)[0], tmp_path)


def test_songs_are_told_from_a_game_s_short_sounds(tmp_path: Path) -> None:
    write_song(tmp_path / "game" / "song.wav")
    write_song(tmp_path / "game" / "click.wav", seconds=1.2)
    (tmp_path / "game" / "broken.ogg").write_bytes(bytes(200_000))
    songs = read_songs([tmp_path / "game"], tmp_path / "cache")
    assert [(song.name, song.genre) for song in songs] == [("song", NO_GENRE)]
    others = read_others([tmp_path / "game"], tmp_path / "cache")
    assert {(other.name, other.genre) for other in others} == {
        ("song", OTHER_GENRE),
        ("click", OTHER_GENRE),
    }


def test_noises_are_always_the_same() -> None:
    first, second = noises(3), noises(3)
    assert all((one.columns == two.columns).all() for one, two in zip(first, second, strict=True))
