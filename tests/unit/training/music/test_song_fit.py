from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ml.audio.decoding import read_excerpts
from ml.music.song_checkpoint import SongCheckpoint, load_song_model, save_song_model
from ml.music.song_model import SONG_PLAN, MusicModel
from tests.helpers.songs import wav
from tests.unit.ml.music.tiny_song_model import tiny_song_checkpoint
from training.music import song_fit
from training.music.song_table import TAGGED, SongTable
from training.music.ten_genres import TenGenreSongs


def table_for(checkpoint: SongCheckpoint) -> SongTable:
    """Make up songs of every genre, heard as a model hears them."""
    dice, count = np.random.default_rng(3), 60
    labels, size = np.arange(count) % 10, checkpoint.heads["genres"].weights.shape[0]
    songs = TenGenreSongs(
        names=tuple(map(str, range(count))),
        sources=("gtzan",) * count,
        labels=labels,
        artists=tuple(map(str, range(count))),
        pictures=(np.zeros((106, 0), np.uint8),) * count,
        folds=np.arange(count) // 10 % 5,
        keys=("",) * count,
        bpm=np.zeros(count),
        has_audio=np.ones(count, bool),
    )
    features = (dice.normal(size=(10, size))[labels] + dice.normal(size=(count, size))).astype("f4")
    heads = checkpoint.coarse.sizes.heads
    first = sum(answers for name, answers in heads.items() if name < "labels")
    pictured = size - TAGGED - 2 * checkpoint.msd.sizes.pooled
    return SongTable(
        songs, np.arange(count), features, slice(first, first + heads["labels"]), pictured
    )


def test_all_but_the_genres_of_a_model_that_is_kept_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, file, out = tiny_song_checkpoint(), tmp_path / "kept", tmp_path / "new"
    save_song_model(kept, file)
    fma = SimpleNamespace(folds=lambda: np.zeros(3))
    monkeypatch.setattr(song_fit, "genre_table", lambda *_: table_for(kept))
    monkeypatch.setattr(song_fit, "read_fma", lambda *_: fma)
    song_fit.main(
        ["--data", str(tmp_path), "--work", str(tmp_path), "--keep", str(file), "--out", str(out)]
    )
    song = read_excerpts(wav(3, seed=1), SONG_PLAN)
    (before,), (after,) = (MusicModel.load(model).hear([song]) for model in (file, out))
    assert before.genres != after.genres
    assert before.model != after.model
    assert np.array_equal(before.vector, after.vector)
    for unchanged in ("kinds", "styles", "tags"):
        assert getattr(before, unchanged) == getattr(after, unchanged)
    new = load_song_model(out)
    assert {**new.numbers, "genres_temperature": 1.0} == kept.numbers
