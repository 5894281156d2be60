from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ml.audio.decoding import read_excerpts
from ml.music.hearing import KINDS
from ml.music.song_checkpoint import SongCheckpoint, load_song_model, save_song_model
from ml.music.song_model import SONG_PLAN, MusicModel
from tests.helpers.songs import wav
from tests.unit.ml.music.tiny_song_model import tiny_song_checkpoint
from training.music import song_fit
from training.music.kind_sounds import KindSounds
from training.music.song_table import TAGGED, SongTable
from training.music.song_training import columns
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


def kind_sounds(table: SongTable) -> KindSounds:
    """Make up sounds of every kind, as many columns as the taggers have."""
    dice, size = np.random.default_rng(4), len(columns(table)["taggers"])
    kinds = np.arange(40) % len(KINDS)
    features = dice.normal(size=(len(KINDS), size))[kinds] + dice.normal(size=(40, size))
    names = tuple(map(str, range(40)))
    return KindSounds(names, features.astype("f4"), kinds, np.arange(40) // 8 % 5)


def test_vector_and_styles_of_a_model_that_is_kept_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, file, out = tiny_song_checkpoint(), tmp_path / "kept", tmp_path / "new"
    save_song_model(kept, file)
    fma = SimpleNamespace(folds=lambda: np.zeros(3))
    monkeypatch.setattr(song_fit, "genre_table", lambda *_: table_for(kept))
    monkeypatch.setattr(song_fit, "read_fma", lambda *_: fma)
    monkeypatch.setattr(song_fit, "read_kind_sounds", lambda _, table: kind_sounds(table))
    song_fit.main(
        ["--data", str(tmp_path), "--work", str(tmp_path), "--keep", str(file), "--out", str(out)]
    )
    song = read_excerpts(wav(3, seed=1), SONG_PLAN)
    before, after = (MusicModel.load(model).hear(song) for model in (file, out))
    assert before.genres != after.genres
    assert before.model != after.model
    assert np.array_equal(before.vector, after.vector)
    assert before.styles == after.styles
    assert before.tags != after.tags
    assert before.kinds != after.kinds
    new = load_song_model(out)
    assert {**new.numbers, "genres_temperature": 1.0} == kept.numbers


def test_a_vector_is_fitted_anew_and_all_answers_of_the_model_stay(tmp_path: Path) -> None:
    kept, file, out = tiny_song_checkpoint(), tmp_path / "kept", tmp_path / "new"
    save_song_model(kept, file)
    dice, songs = np.random.default_rng(5), 40
    pictures = dice.integers(0, 256, (songs, 2, 4, kept.coarse.sizes.bands, 100), dtype=np.uint8)
    sizes = {name: len(part.centre) for name, part in kept.vector.blocks.items()}
    (tmp_path / "cache").mkdir()
    np.savez(
        tmp_path / "cache" / "halves.npz",
        names=np.array(list(map(str, range(songs)))),
        groups=np.array([str(song // 4) for song in range(songs)]),
        pictures=pictures,
        sound=dice.normal(size=(songs, 2, sizes["sound"])),
        harmony=dice.normal(size=(songs, 2, sizes["harmony"])),
        rhythm=dice.normal(size=(songs, 2, sizes["rhythm"])),
    )
    options = ["--data", str(tmp_path), "--work", str(tmp_path), "--keep", str(file)]
    song_fit.main([*options, "--vector", "--out", str(out)])
    song = read_excerpts(wav(3, seed=1), SONG_PLAN)
    before, after = (MusicModel.load(model).hear(song) for model in (file, out))
    assert not np.array_equal(before.vector, after.vector)
    assert (before.genres, before.styles, before.tags) == (after.genres, after.styles, after.tags)
    assert load_song_model(out).card["vector"] == "40 songs of 10 games, in halves"
