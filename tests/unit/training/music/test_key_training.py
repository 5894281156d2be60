import numpy as np
import pytest
import torch

from ml.music.key import CHANNELS
from training.music.key_training import KeySongs, fit_key, key_index, mirex_points, scores_of


def songs(count: int, seed: int) -> KeySongs:
    """Make songs whose first channel is loudest on the tonic and, in minor, on its third."""
    dice = torch.Generator().manual_seed(seed)
    keys = torch.randint(0, 24, (count,), generator=dice)
    features = 0.1 * torch.rand(count, CHANNELS, 12, generator=dice)
    for row, key in enumerate(keys.tolist()):
        mode, tonic = divmod(key, 12)
        features[row, 0, tonic] += 1
        features[row, 0, (tonic + (3 if mode else 4)) % 12] += 0.7
    return KeySongs(features, keys, torch.full((count, 10), 0.1))


def test_the_rule_learns_keys_that_it_was_never_shown() -> None:
    learned = songs(80, 0)
    few = learned.of(np.flatnonzero(learned.keys.numpy() % 12 != 5))
    asked = songs(200, 1)
    right = scores_of(asked, fit_key(few, 0.001)).argmax(1) == asked.keys
    assert right[asked.keys % 12 == 5].float().mean() > 0.9


@pytest.mark.parametrize(
    ("found", "points"),
    [
        ("C major", 1),
        ("G major", 0.5),
        ("F major", 0),
        ("A minor", 0.3),
        ("C minor", 0.2),
        ("D minor", 0),
    ],
)
def test_points_are_mirexs(found: str, points: float) -> None:
    assert mirex_points(np.array([key_index(found)]), np.array([key_index("C major")]))[0] == points


def test_the_relative_of_a_minor_key_lies_three_semitones_above() -> None:
    assert (
        mirex_points(np.array([key_index("C major")]), np.array([key_index("A minor")]))[0] == 0.3
    )


def test_sharps_and_flats_are_one_key() -> None:
    assert key_index("G# minor") == key_index("Ab minor")


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="H major"):
        key_index("H major")
