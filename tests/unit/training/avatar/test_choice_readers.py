"""Readers of what was chosen, on a few small drawings."""

from __future__ import annotations

import pytest
import torch

from ml.avatar.features import as_tensor
from ml.avatar.traits import OPTIONS
from training.avatar.choice_readers import ChoiceReaders
from training.avatar.conditioned_training import Drawings


@pytest.fixture(scope="module")
def drawings() -> Drawings:
    few = Drawings.empty(24, side=64)
    for seed in range(24):
        few.add(seed)
    return few


@pytest.fixture(scope="module")
def readers(drawings: Drawings) -> ChoiceReaders:
    torch.manual_seed(0)
    learned = ChoiceReaders()
    learned.learn(drawings.pictures, drawings.traits, rounds=30)
    return learned


def test_they_read_the_drawings_they_learned_from(
    readers: ChoiceReaders, drawings: Drawings
) -> None:
    right = readers.right(drawings.pictures, drawings.traits)
    assert right.keys() == OPTIONS.keys()
    assert min(right.values()) > 0.8


def test_a_picture_of_something_else_costs_more(readers: ChoiceReaders, drawings: Drawings) -> None:
    pictures, told = as_tensor(drawings.pictures), torch.from_numpy(drawings.traits)
    assert readers(pictures, told) < 0.7 * readers(pictures, told.flip(0))


def test_pictures_learn_from_them_and_they_stay(readers: ChoiceReaders, drawings: Drawings) -> None:
    before = [each.clone() for each in readers.state_dict().values()]
    pictures = as_tensor(drawings.pictures).requires_grad_()
    readers(pictures, torch.from_numpy(drawings.traits)).backward()
    assert pictures.grad is not None
    assert pictures.grad.abs().sum() > 0
    assert all(
        torch.equal(a, b) for a, b in zip(before, readers.state_dict().values(), strict=True)
    )
