from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.avatar.inference import PortraitModel
from ml.avatar.latents import PortraitModelError
from tests.unit.ml.avatar.tiny import tiny_portrait_model, tiny_weights


@pytest.fixture(scope="module")
def portrait_model() -> PortraitModel:
    return tiny_portrait_model()


def test_a_seed_gives_the_same_portrait_whatever_else_is_drawn(
    portrait_model: PortraitModel,
) -> None:
    alone = portrait_model.draw(portrait_model.latents([7]))
    among_others = portrait_model.draw(portrait_model.latents([3, 7, -1, 2**70]))
    assert (alone[0] == among_others[1]).all()


def test_portraits_are_square_and_as_large_as_said(portrait_model: PortraitModel) -> None:
    assert portrait_model.draw(portrait_model.latents([1, 2])).shape == (
        2,
        portrait_model.side,
        portrait_model.side,
        3,
    )
    assert portrait_model.latents([]).shape == (0, portrait_model.latent_size)
    assert portrait_model.draw(portrait_model.latents([])).shape == (
        0,
        portrait_model.side,
        portrait_model.side,
        3,
    )


def test_seeds_differ(portrait_model: PortraitModel) -> None:
    assert len(np.unique(portrait_model.latents(range(50)), axis=0)) == 50


def test_encodes_pictures_of_any_size(portrait_model: PortraitModel) -> None:
    dice = np.random.default_rng(0)
    wide = dice.integers(0, 256, (2, 40, 90, 3), dtype=np.uint8)
    assert portrait_model.encode(wide).shape == (2, portrait_model.latent_size)
    middle = portrait_model.encode(wide[:1, :, 25:65])
    assert np.allclose(portrait_model.encode(wide)[0], middle[0], atol=1e-4)


def test_refuses_what_is_no_picture(portrait_model: PortraitModel) -> None:
    with pytest.raises(ValueError, match="float"):
        portrait_model.encode(np.zeros((1, 8, 8, 3)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="latents"):
        portrait_model.draw(np.zeros((1, 3), np.float32))


def test_a_blend_ends_exactly_in_its_parents(portrait_model: PortraitModel) -> None:
    a, b = portrait_model.latents([1, 2])
    blended = portrait_model.blend(a, b, [0, 0.5, 1])
    assert (blended[0] == a).all()
    assert (blended[2] == b).all()
    assert np.allclose(blended[1], (a + b) / 2, atol=1e-6)


def test_variations_go_from_nothing_to_anew(portrait_model: PortraitModel) -> None:
    latent = portrait_model.latents([1])[0]
    near, far = (portrait_model.vary(latent, range(20), strength) for strength in (0.2, 0.8))
    assert (portrait_model.vary(latent, [5], 0) == latent).all()
    assert np.allclose(portrait_model.vary(latent, [5], 1), portrait_model.latents([5]), atol=1e-5)
    assert np.linalg.norm(near - latent) < np.linalg.norm(far - latent)


def test_a_morph_is_even_and_ends_exactly(portrait_model: PortraitModel) -> None:
    a, b = portrait_model.latents([1, 2])
    way = portrait_model.morph(a, b, 9)
    assert (way[0] == a).all()
    assert (way[-1] == b).all()
    frames = portrait_model.draw(way).astype(float)
    steps = np.sqrt(((frames[1:] - frames[:-1]) ** 2).mean(axis=(1, 2, 3)))
    assert steps.max() < 2 * steps.min()


def test_a_morph_needs_two_frames(portrait_model: PortraitModel) -> None:
    with pytest.raises(ValueError, match="two"):
        portrait_model.morph(portrait_model.latents([1])[0], portrait_model.latents([2])[0], 1)


def test_a_painter_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tiny_weights(tmp_path / "tiny.safetensors")
    one, other = PortraitModel.load(file), PortraitModel.load(file)
    assert one.name == other.name
    assert one.name.startswith("tiny-1-")
    assert (one.draw(one.latents([5])) == other.draw(other.latents([5]))).all()


def test_says_which_weights_are_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(PortraitModelError, match=r"nothing\.safetensors"):
        PortraitModel.load(tmp_path / "nothing.safetensors")
    (tmp_path / "wrong.safetensors").write_bytes(b"no weights")
    with pytest.raises(PortraitModelError, match=r"wrong\.safetensors"):
        PortraitModel.load(tmp_path / "wrong.safetensors")
