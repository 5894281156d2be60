"""The locks of a fringe are found in what the traits tell of its edge."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml.avatar.fringe import Fringes, locks_of
from ml.avatar.traits import FRINGE_POINTS, FRINGE_SPAN, TRAIT
from training.illustrator.cap import Cap, cap_of
from training.illustrator.styles import STYLES
from training.illustrator.subject import sit
from training.illustrator.traits import traits_of


def drawn(seed: int) -> Cap:
    """Return the hair over the skull that the illustrator draws."""
    style = STYLES[int(np.random.default_rng([seed, 0]).integers(len(STYLES)))]
    subject = sit(seed, style, None, None, None)
    return cap_of(subject, np.random.default_rng([seed, 105]))


def edge_of(seed: int) -> np.ndarray:
    return traits_of(seed)[TRAIT["fringe_edge"]]


@pytest.mark.parametrize("seed", range(40))
def test_every_lock_that_was_drawn_is_found_where_it_is(seed: int) -> None:
    tufts = drawn(seed).tufts
    tips, valleys = locks_of(edge_of(seed))
    np.testing.assert_allclose(tips, [tuft.left[-1] for tuft in tufts], atol=1e-4)
    np.testing.assert_allclose(valleys, [tuft.left[0] for tuft in tufts[1:]], atol=1e-4)


def test_a_level_edge_is_one_lock() -> None:
    tips, valleys = locks_of(np.full(FRINGE_POINTS, 0.1, np.float32))
    assert tips.shape == (1, 2)
    assert valleys.shape == (0, 2)


def places_at(seed: int, points: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where points (n, 2) of the head's frame are within the textures of locks."""
    edge = torch.from_numpy(edge_of(seed))[None]
    left, right = (torch.tensor([x]) for x in FRINGE_SPAN)
    fringes = Fringes.of(edge, left - 0.2, right + 0.2)
    x, y = torch.from_numpy(points.astype(np.float32)).T[:, None, None]
    part = torch.zeros(1, 1, 1), torch.full((1, 1, 1), -1.13)
    found = fringes.coordinates(part, torch.ones(1, 1, 1), torch.ones(1, 12), x, y)
    return found.u.flatten(), found.v.flatten()


@pytest.mark.parametrize("seed", range(6))
def test_all_tips_are_at_one_height_of_their_texture(seed: int) -> None:
    tips, _ = locks_of(edge_of(seed))
    inner = tips[1:-1]
    inner = inner[inner[:, 1] > -0.45]  # higher up they run together
    u, v = places_at(seed, inner)
    height = (4 * (v + 1) / 2) % 1
    torch.testing.assert_close(u, torch.zeros_like(u), atol=1e-3, rtol=0)
    torch.testing.assert_close(height, torch.full_like(height, float(height[0])), atol=1e-3, rtol=0)


def test_what_is_far_from_the_fringe_lies_in_none_of_its_locks() -> None:
    u, _ = places_at(0, np.array([[0.0, 1.4], [-2.0, 0.0], [2.0, 0.0]]))
    assert (u.abs() > 1).all()
