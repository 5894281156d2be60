"""Joined vectors: cosines are sums of what the parts share."""

import numpy as np
import pytest

from ml.music.vector import PartFit, Vector, VectorFit

SIZES = {"timbre": 6, "harmony": 5, "rhythm": 3}


@pytest.fixture
def joining() -> VectorFit:
    dice = np.random.default_rng(0)
    return VectorFit(
        {
            name: PartFit(
                dice.normal(size=2 * size).astype(np.float32),
                dice.normal(size=(2 * size, size)).astype(np.float32),
                weight,
            )
            for (name, size), weight in zip(SIZES.items(), (0.5, 0.2, 0.3), strict=True)
        }
    )


def heard(seed: int, **changes: Vector) -> dict[str, Vector]:
    dice = np.random.default_rng(seed)
    usual = {name: dice.normal(size=2 * size).astype(np.float32) for name, size in SIZES.items()}
    return usual | changes


def test_a_vector_holds_all_parts_and_has_unit_length(joining: VectorFit) -> None:
    vector = joining.join(heard(1))
    assert vector.shape == (sum(SIZES.values()),)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)


def test_the_shares_of_the_parts_add_up_to_the_cosine(joining: VectorFit) -> None:
    one, other = joining.join(heard(1)), joining.join(heard(2))
    shares = joining.shares(one, other)
    assert list(shares) == list(SIZES)
    assert sum(shares.values()) == pytest.approx(float(one @ other), abs=1e-6)


def test_a_song_shares_with_itself_what_the_parts_weigh(joining: VectorFit) -> None:
    vector = joining.join(heard(1))
    shares = joining.shares(vector, vector)
    assert shares == pytest.approx({"timbre": 0.5, "harmony": 0.2, "rhythm": 0.3}, abs=1e-6)


def test_without_a_beat_the_other_parts_take_its_weight(joining: VectorFit) -> None:
    beatless = joining.join(heard(1, rhythm=np.zeros(6, np.float32)))
    assert np.linalg.norm(beatless) == pytest.approx(1.0, abs=1e-6)
    shares = joining.shares(beatless, beatless)
    assert shares == pytest.approx({"timbre": 0.5 / 0.7, "harmony": 0.2 / 0.7}, abs=1e-6)


def test_what_was_not_heard_in_both_is_no_part(joining: VectorFit) -> None:
    beatless = joining.join(heard(1, rhythm=np.zeros(6, np.float32)))
    other = joining.join(heard(2))
    shares = joining.shares(beatless, other)
    assert set(shares) == {"timbre", "harmony"}
    assert sum(shares.values()) == pytest.approx(float(beatless @ other), abs=1e-6)
