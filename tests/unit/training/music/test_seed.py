"""The seed recipe: the post's network, its training and its listening."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ml.audio.excerpts import SAMPLE_RATE
from training.music.seed import (
    SIDE,
    SeedClip,
    SeedModelError,
    SeedMusic2Vector,
    frames_of,
    hear,
    load,
    save,
    square,
    train,
)


def tone(hertz: float, seconds: float = 2.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(
        np.float32
    )


def test_a_second_is_a_square_whose_loudest_point_is_white() -> None:
    pictures = square(frames_of(tone(440))[:, :51].unsqueeze(0))
    assert pictures.shape == (1, SIDE, SIDE)
    assert 0 <= pictures.min() < 0.1
    assert pictures.max() > 0.95


def test_every_convolution_is_pooled_into_the_vector() -> None:
    said = SeedMusic2Vector().eval()(torch.rand(2, SIDE, SIDE))
    assert said.vector.shape == (2, 8 + 16 + 32 + 64 + 64)
    assert said.genres.shape == (2, 10)


def test_pictures_of_other_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="224"):
        SeedMusic2Vector()(torch.rand(2, 128, 51))


def test_two_kinds_of_clips_are_learned() -> None:
    clips = [SeedClip(frames_of(tone(f)).half(), int(f > 500), 0) for f in (220, 247, 880, 988)]
    *_, model = train(clips, epochs=12)
    said = [int(hear(model, clip.frames)[0].argmax()) for clip in clips]
    assert said == [0, 0, 1, 1]


def test_a_song_is_heard_by_its_seconds_and_however_short_it_is() -> None:
    shares, vector = hear(SeedMusic2Vector().eval(), frames_of(tone(440, 0.2)))
    assert float(shares.sum()) == pytest.approx(1, abs=1e-5)
    assert vector.shape == (184,)


def test_what_is_saved_hears_the_same(tmp_path: Path) -> None:
    model, frames = SeedMusic2Vector().eval(), frames_of(tone(330))
    save(model, {"recipe": "seed"}, tmp_path / "seed.safetensors")
    assert torch.equal(hear(load(tmp_path / "seed.safetensors"), frames)[1], hear(model, frames)[1])


def test_what_is_no_seed_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(SeedModelError, match="junk"):
        load(tmp_path / "junk.safetensors")
