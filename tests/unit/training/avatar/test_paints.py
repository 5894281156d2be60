"""Paints are found from drawings, and are right for drawings that were not looked at."""

from __future__ import annotations

import pytest
import torch

from ml.avatar.conditioned import PAINTS, ConditionedDecoder
from ml.avatar.networks import PortraitDimensions
from ml.avatar.traits import TRAIT, TRAITS
from training.avatar.conditioned_training import Drawings, standardised
from training.avatar.paints import FIRST_SEED, fit_paints, forget_paints
from training.illustrator import Scene
from training.illustrator.drawing import silhouette
from training.illustrator.traits import traits_of

SMALL = PortraitDimensions(
    recipe="conditioned", latent=TRAITS + 3, core=128, side=512, widths=(8, 8, 8, 8, 8, 8),
    encoder=(4, 4, 4, 4), upscaler=(8, 1, 8, 8),
)  # fmt: skip


@pytest.mark.slow
def test_paint_is_opaque_where_it_is_right() -> None:
    decoder, unseen = ConditionedDecoder(SMALL), Drawings.empty(8, SMALL.core)
    fit_paints(decoder, 125)
    for seed in range(8):
        unseen.add(FIRST_SEED + 100_000 + seed)
    traits = standardised(decoder.layout, torch.from_numpy(unseen.traits))
    places = decoder.layout.texture_coordinates(traits, decoder.layout(traits))
    with torch.no_grad():
        _, paints = decoder.textures(places, decoder.layout.palette(traits))
    true = torch.from_numpy(unseen.pictures).permute(0, 3, 1, 2).float() / 255
    colours, opacity = paints["clothes"][:, :3], paints["clothes"][:, 3]
    far = (colours - true).abs().mean(1)
    assert (opacity > 0.5).any()
    assert far[opacity > 0.5].mean() < 0.12
    assert far[opacity > 0.5].mean() < 0.6 * far[(opacity > 0) & (opacity < 0.2)].mean()


@pytest.mark.slow
def test_what_lies_behind_her_is_painted_anew_and_hidden_by_her() -> None:
    decoder = ConditionedDecoder(SMALL)
    fit_paints(decoder, 100)
    known = decoder.textures.paints["clothes"].clone()
    forget_paints(decoder, ["backdrop", "orb"])
    assert not decoder.textures.opacities["orb"].any()
    fit_paints(decoder, 100)
    assert decoder.textures.opacities["orb"].any()
    torch.testing.assert_close(decoder.textures.paints["clothes"], known)
    seed = next(
        seed for seed in range(60) if traits_of(seed, scene=Scene.MOON)[TRAIT["facing"]] < 0
    )
    traits = torch.from_numpy(traits_of(seed, scene=Scene.MOON))[None]
    covered = torch.from_numpy(silhouette(seed, SMALL.core, scene=Scene.MOON)) > 0.9
    with torch.no_grad():
        latents = torch.nn.functional.pad(traits, (0, 3))
        _, _, maps = decoder.unpainted(latents, decoder.layout(traits))
        seen = 1 + decoder.visibility(maps)[0, PAINTS.index("orb")]
    assert seen[covered].mean() < seen[~covered].mean() - 0.05  # by maps that have learned nothing
