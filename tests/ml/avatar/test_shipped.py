from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ml.avatar.checkpoint import SHIPPED
from ml.avatar.detection import find_faces, looks_like_udonge
from ml.avatar.inference import Painter


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter.load()


def test_the_shipped_weights_are_small_and_say_what_they_are(painter: Painter) -> None:
    assert SHIPPED.stat().st_size <= 40_000_000
    assert painter.name.startswith("udonge-2-")
    assert painter.card["recipe"] == "default"
    assert "illustrator" in painter.card["data"]


def test_portraits_are_large_enough_for_an_icon(painter: Painter) -> None:
    assert painter.side >= 512
    one, other = painter.draw(painter.latents([1, 2]))
    assert np.abs(one.astype(int) - other).mean() > 5


def test_most_portraits_are_recognisably_hers(painter: Painter) -> None:
    hers = 0
    for seed in range(20, 28):
        (portrait,) = painter.draw(painter.latents([seed]))
        faces = find_faces(Image.fromarray(portrait))
        hers += bool(faces) and looks_like_udonge(faces[0])
    assert hers >= 6


def test_a_portrait_encoded_and_drawn_again_stays_alike(painter: Painter) -> None:
    one, other = painter.draw(painter.latents([1, 2])).astype(float)
    again = painter.draw(painter.encode(one[None].astype(np.uint8)))[0]
    assert np.abs(again - one).mean() < 0.6 * np.abs(other - one).mean()
