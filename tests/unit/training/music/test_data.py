from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from ml.music.spectrograms import BANDS
from tests.unit.ml.music.tiny import clip
from training.music.data import TrainingData, add_options
from training.music.recipes import RECIPES


@pytest.fixture
def school(tmp_path: Path) -> TrainingData:
    images = tmp_path / "data" / "mel_images"
    images.mkdir(parents=True)
    np.savez(images / "mels.npz", mels=np.full((2, 128, 40), 255, np.uint8))
    (images / "manifest.csv").write_text("row,genre,title,artist\n0,Rock,A,Queen\n1,Rock,B,Rush\n")
    return TrainingData(tmp_path / "data", cache=tmp_path / "cache")


def test_what_is_measured_by_artist_knows_no_picture_of_an_artist_it_is_asked_about(
    school: TrainingData,
) -> None:
    assert {one.group for one in school.beside() if one.source == "mel_images"} == {"Rush"}
    assert {one.group for one in school.beside(shared=True) if one.source == "mel_images"} == {
        "Queen",
        "Rush",
    }


def test_pictures_can_be_left_out(school: TrainingData) -> None:
    assert {one.source for one in school.beside(pictures=False)} == {"noise"}


def test_options_become_a_school(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    said = parser.parse_args(["--data", str(tmp_path), "--songs", "a", "b", "--seed", "3"])
    school = TrainingData.of(said)
    assert school.songs == (Path("a"), Path("b"))
    assert (school.seed, school.teacher, school.device) == (3, None, "cpu")


def test_a_training_takes_as_many_steps_as_it_is_told(school: TrainingData) -> None:
    clips = [clip(0), clip(1)]
    assert school.begin(RECIPES["default"], clips, steps=3).recipe.steps == 3
    assert school.begin(RECIPES["default"], clips).recipe.steps == RECIPES["default"].steps


def test_a_clip_is_shown_as_the_model_listens(school: TrainingData) -> None:
    model = school.begin(RECIPES["default"], [clip(0)], steps=1).model
    assert school.show(model, clip(0), most=5).shape == (1, 5, BANDS, 16)
