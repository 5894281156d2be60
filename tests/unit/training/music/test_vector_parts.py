"""Blocks are fitted so that songs are told apart by what stays the same within each."""

import numpy as np
import pytest
import torch

from ml.music.vector import PartFit
from training.music.vector_parts import BlockShape, fit_block, fit_likeness

SHAPE = BlockShape(weight=1.0, size=12, loyalty=0.5, nature=0.0)


def views(songs: int, seed: int = 0) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Songs of 12 numbers: the first four are a song's own, the rest differ from view to view."""
    dice = np.random.default_rng(seed)
    own = np.repeat(dice.normal(size=(songs, 1, 4)), 4, axis=1)
    return 5.0 + np.concatenate([own, dice.normal(size=(songs, 4, 8))], axis=2)


def cosines(block: PartFit, heard: np.ndarray) -> np.ndarray:
    first, second = (
        np.stack([block.direction(song[half].astype(np.float32)) for song in heard])
        for half in (0, 1)
    )
    return first @ second.T


def test_new_songs_are_found_again_by_what_stays() -> None:
    found = cosines(fit_block(views(200), SHAPE), views(40, seed=1))
    assert (found.argmax(axis=1) == np.arange(40)).mean() > 0.9


def test_unrelated_songs_are_at_right_angles_whatever_they_all_share() -> None:
    found = cosines(fit_block(views(200), SHAPE), views(40, seed=1))
    assert np.median(found[~np.eye(40, dtype=bool)]) == pytest.approx(0.0, abs=0.06)
    assert np.median(np.diag(found)) > 0.7


def test_songs_of_which_nothing_was_heard_are_not_counted() -> None:
    heard = views(100)
    with_silent = np.concatenate([heard, np.zeros((50, 4, 12))])
    assert np.allclose(fit_block(with_silent, SHAPE).centre, fit_block(heard, SHAPE).centre)


def test_likeness_is_even_where_both_kinds_are_as_common() -> None:
    dice = torch.Generator().manual_seed(0)
    same = 0.8 + 0.2 * torch.randn(500, generator=dice)
    unrelated = 0.2 * torch.randn(500, generator=dice)
    slope, offset = fit_likeness(same, unrelated)
    assert slope > 0
    assert -offset / slope == pytest.approx(0.4, abs=0.05)
