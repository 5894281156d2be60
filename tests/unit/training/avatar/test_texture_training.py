"""Textures lie where the illustrator paints, and learn what it paints there, in small."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ml.avatar.checkpoint import DefaultVae
from ml.avatar.conditioned import ConditionedDecoder, LearnedTextures
from ml.avatar.layout import FaceLayout
from ml.avatar.traits import TRAIT, TRAITS
from tests.unit.ml.avatar.tiny import tiny_conditioned
from tests.unit.training.avatar.decoders import decoder_weights, draws_as_before, put_together
from training.avatar.texture_training import TextureTraining, main
from training.illustrator import drawing
from training.illustrator.traits import traits_of

SIDE = 128
BLUE = 18  # among a drawing's colours: seven in light, in shadow, skin, black, red, green
PAINTERS = {
    "ornament": "draw_ornament", "hand": "draw_hand", "mouth": "draw_mouth",
    "eyes": "draw_eyes", "brows": "draw_brows", "cheeks": "draw_blush", "ahoge": "draw_ahoge",
    "cut": "draw_back", "locks": "draw_locks", "over_lock": "draw_over_lock",
}  # fmt: skip


def covered(seed: int, texture: str) -> NDArray[np.bool_]:
    """Return which pixels of a drawing that looks to the left lie within a texture."""
    layout = FaceLayout(SIDE)
    traits = torch.from_numpy(traits_of(seed))[None]
    places = layout.texture_coordinates(traits, layout(traits))[texture]
    inside = [(place.u.abs() < 1) & (place.v.abs() < 1) for place in places]
    return np.asarray(torch.stack(inside).any(0)[0].numpy())


@cache
def painted() -> dict[int, NDArray[np.int_]]:
    """Return drawings that look to the left, by their seeds."""
    seeds = [seed for seed in range(40) if traits_of(seed)[TRAIT["facing"]][0] < 0][:16]
    return {seed: drawing.illustrate(seed, SIDE).pixels.astype(int) for seed in seeds}


@pytest.mark.parametrize("texture", list(PAINTERS))
def test_a_texture_lies_where_the_illustrator_paints(
    texture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = painted()
    monkeypatch.setattr(drawing, PAINTERS[texture], lambda *_: None)
    shares = []
    for seed, pixels in whole.items():
        changed = np.abs(pixels - drawing.illustrate(seed, SIDE).pixels).max(2) > 40
        if changed.sum() > 8:
            shares.append((changed & covered(seed, texture)).sum() / changed.sum())
    assert len(shares) >= 2
    assert np.mean(shares) > 0.85


@pytest.mark.slow
def test_textures_and_what_reads_them_learn() -> None:
    training = TextureTraining(tiny_conditioned(), 10)
    before = decoder_weights(training.model)
    losses = [sum(training.advance(0.1).values()) for _ in range(24)]
    after = training.model.decoder.state_dict()
    changes = {name: (after[name] - before[name]).float().abs() for name in before}
    # Kinds that none of the ten drawings shows stay as they are.
    moved = {name: float(each[each > 0].mean()) for name, each in changes.items() if each.any()}
    textures = [size for name, size in moved.items() if name.startswith("textures._kinds.")]
    rest = [size for name, size in moved.items() if "texture" not in name]
    assert np.median(textures) > np.median(rest)
    assert sum(losses[-6:]) < sum(losses[:6])


@pytest.mark.slow
def test_a_model_is_put_together_from_the_state(tmp_path: Path) -> None:
    training, made = put_together(
        lambda base: TextureTraining(base, 4), main, tmp_path, "--bank", "5"
    )
    assert isinstance(training, TextureTraining)
    assert made.card["processor minutes for textures"] == "0.0"
    assert made.choices is not None
    assert len(made.choices.rows) == 5  # seeds draw from these
    learned, weights = decoder_weights(training.model), decoder_weights(made.model)
    assert all(torch.allclose(weights[name], learned[name], atol=0.05) for name in weights)


def test_weights_from_before_there_were_textures_draw_as_they_did() -> None:
    assert draws_as_before("texture")


def test_what_is_learned_of_an_ornament_changes_the_picture_there_alone() -> None:
    model = tiny_conditioned().model
    assert isinstance(model, DefaultVae)
    decoder = model.decoder
    assert isinstance(decoder, ConditionedDecoder)
    seed = next(seed for seed in range(60) if traits_of(seed)[TRAIT["ornament"]][2])
    traits = torch.from_numpy(traits_of(seed))[None]
    layout = FaceLayout(SIDE)
    places, palette = layout.texture_coordinates(traits, layout(traits)), layout.palette(traits)
    with torch.no_grad():
        before, _ = decoder.textures(places, palette)
        decoder.textures.get_parameter("_kinds.ornament")[2] += 1
        changed = (decoder.textures(places, palette)[0] - before).abs().amax(1)[0] > 0.5
    assert changed.any()
    assert not (changed.numpy() & ~covered(seed, "ornament")).any()


def test_an_ornament_may_be_of_the_drawings_own_colour() -> None:
    textures, layout = LearnedTextures(), FaceLayout(SIDE)
    seed = next(seed for seed in range(60) if traits_of(seed)[TRAIT["ornament"]][2])
    traits = torch.from_numpy(traits_of(seed))[None]
    places = layout.texture_coordinates(traits, layout(traits))
    with torch.no_grad():
        textures.paints["ornament"][:, 0] = 1  # all of the accent's colour
        _, paints = textures(places, layout.palette(traits))
    read = paints["ornament"][:, :3]
    row = traits_of(seed)
    middle = read.flatten(2).amax(2)[0].numpy()
    np.testing.assert_allclose(middle, row[TRAIT["accent"]] * row[TRAIT["tint"]], atol=1e-3)


def test_paint_is_laid_over_the_picture_as_far_as_the_last_block_lets_it_be_seen() -> None:
    model = tiny_conditioned().model
    decoder = model.decoder
    assert isinstance(decoder, ConditionedDecoder)
    latent = torch.zeros(1, model.dimensions.latent)
    latent[0, :TRAITS] = torch.from_numpy(traits_of(0))
    planes = decoder.layout(latent[:, :TRAITS])
    with torch.no_grad():
        bare = decoder.draw(latent, planes)
        decoder.textures.paints["clothes"][:, BLUE] = 1
        decoder.textures.opacities["clothes"][:] = 1
        clothed = decoder.draw(latent, planes)
    assert not torch.allclose(bare, clothed)
    torch.testing.assert_close(clothed[0, :, -2, 16], torch.tensor([-1.0, -1.0, 1.0]))
