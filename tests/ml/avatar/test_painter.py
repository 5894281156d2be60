from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.avatar.checkpoint import ModelError
from ml.avatar.inference import Painter
from tests.ml.avatar.tiny import tiny_painter, tiny_weights


@pytest.fixture(scope="module")
def painter() -> Painter:
    return tiny_painter()


def test_a_seed_gives_the_same_portrait_whatever_else_is_drawn(painter: Painter) -> None:
    alone = painter.draw(painter.latents([7]))
    among_others = painter.draw(painter.latents([3, 7, -1, 2**70]))
    assert (alone[0] == among_others[1]).all()


def test_portraits_are_square_and_as_large_as_said(painter: Painter) -> None:
    assert painter.draw(painter.latents([1, 2])).shape == (2, painter.side, painter.side, 3)
    assert painter.latents([]).shape == (0, painter.latent_size)
    assert painter.draw(painter.latents([])).shape == (0, painter.side, painter.side, 3)


def test_seeds_differ(painter: Painter) -> None:
    assert len(np.unique(painter.latents(range(50)), axis=0)) == 50


def test_encodes_pictures_of_any_size(painter: Painter) -> None:
    dice = np.random.default_rng(0)
    wide = dice.integers(0, 256, (2, 40, 90, 3), dtype=np.uint8)
    assert painter.encode(wide).shape == (2, painter.latent_size)
    middle = painter.encode(wide[:1, :, 25:65])
    assert np.allclose(painter.encode(wide)[0], middle[0], atol=1e-4)


def test_refuses_what_is_no_picture(painter: Painter) -> None:
    with pytest.raises(ValueError, match="float"):
        painter.encode(np.zeros((1, 8, 8, 3)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="latents"):
        painter.draw(np.zeros((1, 3), np.float32))


def test_a_blend_ends_exactly_in_its_parents(painter: Painter) -> None:
    a, b = painter.latents([1, 2])
    blended = painter.blend(a, b, [0, 0.5, 1])
    assert (blended[0] == a).all()
    assert (blended[2] == b).all()
    assert np.allclose(blended[1], (a + b) / 2, atol=1e-6)


def test_variations_go_from_nothing_to_anew(painter: Painter) -> None:
    latent = painter.latents([1])[0]
    near, far = (painter.vary(latent, range(20), strength) for strength in (0.2, 0.8))
    assert (painter.vary(latent, [5], 0) == latent).all()
    assert np.allclose(painter.vary(latent, [5], 1), painter.latents([5]), atol=1e-5)
    assert np.linalg.norm(near - latent) < np.linalg.norm(far - latent)


def test_a_morph_is_even_and_ends_exactly(painter: Painter) -> None:
    a, b = painter.latents([1, 2])
    way = painter.morph(a, b, 9)
    assert (way[0] == a).all()
    assert (way[-1] == b).all()
    frames = painter.draw(way).astype(float)
    steps = np.sqrt(((frames[1:] - frames[:-1]) ** 2).mean(axis=(1, 2, 3)))
    assert steps.max() < 2 * steps.min()


def test_a_morph_needs_two_frames(painter: Painter) -> None:
    with pytest.raises(ValueError, match="two"):
        painter.morph(painter.latents([1])[0], painter.latents([2])[0], 1)


def test_a_painter_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tiny_weights(tmp_path / "tiny.safetensors")
    one, other = Painter.load(file), Painter.load(file)
    assert one.name == other.name
    assert one.name.startswith("tiny-1-")
    assert (one.draw(one.latents([5])) == other.draw(other.latents([5]))).all()


def test_says_which_weights_are_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.safetensors"):
        Painter.load(tmp_path / "nothing.safetensors")
    (tmp_path / "wrong.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"wrong\.safetensors"):
        Painter.load(tmp_path / "wrong.safetensors")
