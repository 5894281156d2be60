from __future__ import annotations

import numpy as np
import pytest

from ml.music.coarse import LARGEST_DIGIT, Coarse

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def directions(count: int, size: int = 144, *, power: int = 1) -> Floats:
    """Give random vectors of unit length; the higher the power, the more a few numbers rule."""
    vectors = np.random.default_rng(5).standard_normal((count, size)) ** power
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


@pytest.mark.parametrize("power", [1, 3, 9])
def test_no_cosine_is_higher_than_its_ceiling(power: int) -> None:
    vectors = directions(5000, power=power)
    asked = directions(5003, power=power)[-3:]
    copies = Coarse.of(vectors)
    for vector in (*asked, vectors[7], *np.eye(144, dtype=np.float32)):  # the last copy exactly
        cosines = vectors.astype(np.float64) @ vector.astype(np.float64)
        assert (copies.ceilings(vector) >= cosines).all()


def test_ceilings_are_low_enough_to_be_of_use() -> None:
    vectors = directions(5000)
    above = Coarse.of(vectors).ceilings(vectors[7]) - vectors @ vectors[7]
    assert above.max() < 0.06


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_sums_are_not_cut_off(sign: int) -> None:
    """All digits at their largest is where processors that add up in 16 bits would go wrong."""
    even = np.full((64, 144), 1 / 12, np.float32)
    copies = Coarse.of(sign * even)
    assert (copies.digits == sign * LARGEST_DIGIT).all()
    np.testing.assert_allclose(copies.ceilings(even[0]), sign, atol=1e-3)


def test_copies_take_little_more_than_a_quarter_of_the_memory() -> None:
    vectors = directions(100)
    assert Coarse.of(vectors).nbytes < 0.27 * vectors.nbytes


def test_a_zero_vector_has_a_copy_too() -> None:
    vectors = np.zeros((1, 16), np.float32)
    ceilings = Coarse.of(vectors).ceilings(directions(1, 16)[0])
    assert 0 <= ceilings[0] < 0.1


def test_copies_can_be_written_and_wiped_row_by_row() -> None:
    copies, wanted = Coarse.empty(3, 16), Coarse.of(directions(2, 16))
    copies.write(slice(1, 3), wanted)
    vector = directions(1, 16)[0]
    assert copies[1:].ceilings(vector).tolist() == wanted.ceilings(vector).tolist()
    copies.wipe(slice(2, 3))
    assert [bool(row.any()) for row in copies.digits] == [False, True, False]


def test_ceilings_hold_whichever_copies_were_written_last() -> None:
    loose, tight = directions(50), np.eye(144, dtype=np.float32)[:50]
    copies = Coarse.empty(100, 144)
    copies.write(slice(50), Coarse.of(loose))
    copies.write(slice(50, 100), Coarse.of(tight))
    vectors = np.concatenate([loose, tight])
    for vector in vectors[::7]:
        assert (copies.ceilings(vector) >= vectors.astype(np.float64) @ vector).all()
