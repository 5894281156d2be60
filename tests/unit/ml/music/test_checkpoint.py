from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ml.music.checkpoint import MusicModelError, load_model, save_model
from ml.music.inference import MusicModel
from tests.unit.ml.music.tiny import song, tiny_checkpoint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.safetensors"
    save_model(tiny_checkpoint(), file)
    return file


def test_what_was_saved_hears_the_same(file: Path) -> None:
    before, after = (
        MusicModel(tiny_checkpoint()).hear([song(1)]),
        MusicModel.load(file).hear([song(1)]),
    )
    assert np.allclose(before[0].vector, after[0].vector, atol=1e-6)
    assert before[0].genres == pytest.approx(after[0].genres)


def test_sizes_tuning_and_card_travel_with_the_weights(file: Path) -> None:
    saved, loaded = tiny_checkpoint(), load_model(file)
    assert loaded.model.dimensions == saved.model.dimensions
    assert loaded.card == saved.card
    assert loaded.tuning.temperature == saved.tuning.temperature
    assert not loaded.model.training


def test_the_name_carries_the_file_s_hash(file: Path) -> None:
    loaded = load_model(file)
    assert loaded.name == f"music2vector-tiny-{loaded.digest[:8]}"
    assert len(loaded.digest) == 64


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pickle.safetensors"
    file.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    with pytest.raises(MusicModelError, match="does not hold a Music2Vector"):
        load_model(file)


def test_a_torn_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(MusicModelError):
        load_model(file)


def test_someone_else_s_tensors_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, file)
    with pytest.raises(MusicModelError, match="format"):
        load_model(file)
