"""Places within lids, irises and brows are where the illustrator paints these."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ml.avatar.eyes import exact_eye_places
from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import TraitValues
from training.illustrator.drawing import mix_palette
from training.illustrator.eyes import Disc, Eye, disc_of, eyes_of
from training.illustrator.renderer import Renderer
from training.illustrator.styles import STYLES, Style
from training.illustrator.subject import Mood, Subject, sit
from training.illustrator.traits import traits_of


def sitting(seed: int, mood: Mood) -> tuple[Style, Subject]:
    style = STYLES[int(np.random.default_rng([seed, 0]).integers(len(STYLES)))]
    return style, sit(seed, style, mood, None, None)


def places(
    seed: int, mood: Mood, points: NDArray[np.float64]
) -> dict[str, list[TextureCoordinates]]:
    """Return where points (n, 2) of the head's frame are within the textures of eyes."""
    x, y = torch.from_numpy(points.astype(np.float32)).T[:, None, None]
    traits = torch.from_numpy(traits_of(seed, mood=mood))[None]
    return exact_eye_places(TraitValues(traits), x, y)


def eyes(seed: int, mood: Mood) -> tuple[Eye, Eye]:
    return eyes_of(sitting(seed, mood)[1])


@pytest.mark.parametrize("mood", [Mood.SMILE, Mood.SLEEPY, Mood.SURPRISE])
@pytest.mark.parametrize("seed", range(6))
def test_lashes_follow_the_lids_however_far_these_are_open(seed: int, mood: Mood) -> None:
    for eye in eyes(seed, mood):
        lids = {"lash": (eye.upper, 0.05 / 0.17), "under_lash": (eye.lower, -0.02 / 0.12)}
        for name, (lid, height) in lids.items():
            (found,) = places(seed, mood, lid[3:-3])[name]
            assert (found.u.abs() < 1).all()
            torch.testing.assert_close(found.v, torch.full_like(found.v, height), atol=0.12, rtol=0)


def iris(seed: int, mood: Mood, eye: Eye) -> Disc:
    style, subject = sitting(seed, mood)
    palette = mix_palette(seed, style, subject)
    return disc_of(Renderer(None, style, palette, subject.light, seed), subject, eye)


@pytest.mark.parametrize("seed", range(6))
def test_the_rim_of_an_iris_is_at_the_rim_of_its_texture(seed: int) -> None:
    for eye in eyes(seed, Mood.SURPRISE):
        rim = iris(seed, Mood.SURPRISE, eye).oval(1, 1)
        (found,) = places(seed, Mood.SURPRISE, rim)["iris"]
        seen = found.u < 2  # the lids hide the rest
        assert seen.float().mean() > 0.3
        radius = (found.u.square() + found.v.square()).sqrt()[seen]
        torch.testing.assert_close(radius, torch.full_like(radius, 1 / 1.1), atol=1e-3, rtol=0)


def test_a_shut_eye_has_no_iris_and_an_open_one_is_not_shut() -> None:
    far, near = eyes(1, Mood.CLOSED)
    middles = np.array([[far.x, far.y], [near.x, near.y]])
    shut, awake = places(1, Mood.CLOSED, middles), places(1, Mood.SMILE, middles)
    assert (shut["iris"][0].u > 1).all()
    assert (shut["shut"][0].u.abs() < 1).all()
    assert (awake["iris"][0].u.abs() < 1).all()
    assert (awake["shut"][0].u > 1).all()


def test_eyes_can_be_learned_after_they_were_only_looked_at() -> None:
    program = """
import torch
from ml.avatar.eyes import exact_eye_places
from ml.avatar.traits import TRAITS, TraitValues
at = torch.zeros(1, 2, 2)
with torch.inference_mode():
    exact_eye_places(TraitValues(torch.ones(1, TRAITS)), at, at)
traits = torch.ones(1, TRAITS, requires_grad=True)
exact_eye_places(TraitValues(traits), at, at)["lash"][0].v.sum().backward()
assert traits.grad is not None and traits.grad.isfinite().all()
"""  # in a process of its own: what is kept of eyes is made by the first who asks
    subprocess.run([sys.executable, "-c", program], check=True)
