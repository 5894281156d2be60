from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ml.avatar.detection import find_faces, looks_like_udonge
from ml.avatar.fringe import locks_of
from ml.avatar.inference import PortraitModel
from ml.avatar.latents import SHIPPED
from ml.avatar.traits import TRAIT


@pytest.fixture(scope="module")
def portrait_model() -> PortraitModel:
    return PortraitModel.load()


def test_the_shipped_weights_are_small_and_say_what_they_are(portrait_model: PortraitModel) -> None:
    assert SHIPPED.stat().st_size <= 40_000_000
    assert portrait_model.name.startswith("udonge-3-")
    assert portrait_model.card["recipe"] == "conditioned"
    assert "illustrator" in portrait_model.card["data"]


def test_portraits_are_large_enough_for_an_icon(portrait_model: PortraitModel) -> None:
    assert portrait_model.side >= 512
    one, other = portrait_model.draw(portrait_model.latents([1, 2]))
    assert np.abs(one.astype(int) - other).mean() > 5


def test_a_portrait_is_the_same_to_the_bit_whatever_is_drawn_with_it(
    portrait_model: PortraitModel,
) -> None:
    latents = portrait_model.latents([3, 4, 5, 6])
    together = portrait_model.draw(latents)
    assert all(
        (portrait_model.draw(latent[None])[0] == portrait).all()
        for latent, portrait in zip(latents, together, strict=True)
    )


def test_most_portraits_are_recognisably_hers(portrait_model: PortraitModel) -> None:
    hers = 0
    for seed in range(20, 24):
        (portrait,) = portrait_model.draw(portrait_model.latents([seed]))
        faces = find_faces(Image.fromarray(portrait))
        hers += bool(faces) and looks_like_udonge(faces[0])
    assert hers >= 3


def test_a_portrait_encoded_and_drawn_again_stays_alike(portrait_model: PortraitModel) -> None:
    drawn = portrait_model.draw(portrait_model.latents([1, 2, 3, 4, 5, 6]))
    again = portrait_model.draw(portrait_model.encode(drawn)).astype(float)
    assert np.abs(again - drawn).mean() < 0.65 * np.abs(again - np.roll(drawn, 1, 0)).mean()


def test_what_is_encoded_has_the_fringe_of_a_drawing(portrait_model: PortraitModel) -> None:
    drawn = portrait_model.draw(portrait_model.latents([4, 5]))
    for latent in portrait_model.encode(drawn):
        tips, _ = locks_of(latent[TRAIT["fringe_edge"]])
        assert len(tips) >= 5


def test_a_mood_is_told_and_changes_the_face_alone(portrait_model: PortraitModel) -> None:
    assert set(portrait_model.options) == {"style", "mood", "ears", "scene"}
    (first,) = portrait_model.latents([7])
    told = [portrait_model.choose(first, 7, {"mood": mood}) for mood in ("wink", "grin")]
    one, other = portrait_model.draw(np.stack(told)).astype(int)
    apart = np.abs(one - other).mean(axis=2)
    face, ears = apart[256:448, 128:384].mean(), apart[:128].mean()
    assert face > 3 * ears
