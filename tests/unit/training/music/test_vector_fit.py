"""Blocks are fitted so that songs are told apart by what stays the same within each."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ml.music.checkpoint import load_model, save_model
from ml.music.inference import MusicModel
from ml.music.vector import PartFit
from tests.helpers.songs import wav
from tests.unit.ml.music.tiny import tiny_checkpoint
from training.music.feature_cache import excerpts_of
from training.music.vector_fit import SHAPES, BlockShape, fit_block, main

SHAPE = BlockShape(weight=1.0, size=12, loyalty=0.5, nature=0.0)


def views(songs: int, seed: int = 0) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Songs of 12 numbers: the first four are a song's own, the rest differ from view to view."""
    dice = np.random.default_rng(seed)
    own = np.repeat(dice.normal(size=(songs, 1, 4)), 4, axis=1)
    return 5.0 + np.concatenate([own, dice.normal(size=(songs, 4, 8))], axis=2)


def cosines(block: PartFit, heard: np.ndarray) -> np.ndarray:
    first, second = (
        np.stack([block.direction(song[half].astype(np.float32)) for song in heard])
        for half in (0, 1)
    )
    return first @ second.T


def test_new_songs_are_found_again_by_what_stays() -> None:
    found = cosines(fit_block(views(200), SHAPE), views(40, seed=1))
    assert (found.argmax(axis=1) == np.arange(40)).mean() > 0.9


def test_unrelated_songs_are_at_right_angles_whatever_they_all_share() -> None:
    found = cosines(fit_block(views(200), SHAPE), views(40, seed=1))
    assert np.median(found[~np.eye(40, dtype=bool)]) == pytest.approx(0.0, abs=0.06)
    assert np.median(np.diag(found)) > 0.7


def test_songs_of_which_nothing_was_heard_are_not_counted() -> None:
    heard = views(100)
    with_silent = np.concatenate([heard, np.zeros((50, 4, 12))])
    assert np.allclose(fit_block(with_silent, SHAPE).centre, fit_block(heard, SHAPE).centre)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny weights, joined over a few little tunes by the command."""
    tmp_path = tmp_path_factory.mktemp("joining")
    songs = tmp_path / "songs"
    songs.mkdir()
    for seed in range(6):
        (songs / f"{seed}.wav").write_bytes(wav(12.0, seed))
    save_model(tiny_checkpoint(), tmp_path / "trained.safetensors")
    pairs = {"same": torch.tensor([0.7, 0.8, 0.6]), "unrelated": torch.tensor([0.0, 0.1, 0.65])}
    save_file(pairs, tmp_path / "pairs.safetensors")
    options = ["--weights", tmp_path / "trained.safetensors", "--songs", songs]
    options += ["--pairs", tmp_path / "pairs.safetensors", "--cache", tmp_path / "cache"]
    main([*map(str, options), "--threads", "1", "--out", str(tmp_path / "joined.safetensors")])
    return tmp_path / "joined.safetensors"


def test_the_command_gives_weights_a_joining_that_travels_with_them(joined: Path) -> None:
    checkpoint = load_model(joined)
    assert checkpoint.joining is not None
    blocks = checkpoint.joining.blocks
    assert {name: block.weight for name, block in blocks.items()} == pytest.approx(
        {name: shape.weight for name, shape in SHAPES.items()}
    )
    assert "6 songs" in checkpoint.card["joining"]


def test_joined_weights_have_a_name_of_their_own(joined: Path) -> None:
    assert load_model(joined).name != load_model(joined.with_stem("trained")).name


def test_a_model_with_joined_weights_explains_why_two_songs_are_alike(joined: Path) -> None:
    dice = np.random.default_rng(0)
    noises = [dice.normal(0, 0.1, 22_050 * 6) for _ in range(2)]
    sounds = [(noise.cumsum() * 0.01).astype(np.float32) for noise in noises]
    music_model = MusicModel.load(joined)
    one, other = (hearing.vector for hearing in music_model.hear([excerpts_of(s) for s in sounds]))
    parts, cosine = music_model.scale.compare(one, other), float(one @ other)
    assert sum(parts.shares.values()) == pytest.approx(cosine, abs=1e-5)
    assert parts.percent == pytest.approx(100 * music_model.scale.probability(cosine), abs=1e-3)
    assert set(parts.cosines) == set(parts.shares)
