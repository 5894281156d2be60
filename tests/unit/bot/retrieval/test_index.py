from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bot.retrieval import index as songbook_block
from bot.retrieval.index import LARGEST_BLOCK, Slot, SongMatrix, unit
from storage.song_values import VectorPage

SIZE = 16


def page(*song_ids: int) -> VectorPage:
    count = len(song_ids)
    return VectorPage(
        song_ids=np.array(song_ids, np.int64),
        channel_ids=np.full(count, 10, np.int64),
        poster_ids=np.array(song_ids, np.int64),
        contents=np.zeros(count, np.uint64),
        tempos=np.full(count, 120, np.float32),
        genres=("rock",) * count,
        vectors=np.ones((count, SIZE), np.float32),
    )


def filled(*song_ids: int) -> SongMatrix:
    matrix = SongMatrix()
    for song_id in song_ids:
        given = page(song_id)
        matrix.add(given, unit(given.vectors), room=True)
    return matrix


def test_unit_leaves_a_zero_vector_alone() -> None:
    scaled = unit(np.array([[3, 4], [0, 0]], np.float32))
    assert scaled.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_a_song_left_out_is_not_added() -> None:
    matrix = SongMatrix()
    given = page(1, 2, 3)
    matrix.add(given, unit(given.vectors), leave_out={2})
    assert [matrix.holds(song_id) for song_id in (1, 2, 3)] == [True, False, True]
    assert matrix.songs == 2


def test_nothing_of_a_removed_song_stays_in_memory() -> None:
    matrix = filled(1, 2)
    matrix.remove([1])
    ((block, used),) = matrix.snapshot()
    assert used == 2
    assert block.vectors[0].tobytes() == bytes(4 * SIZE)
    assert block.facts[0].tobytes() == bytes(block.facts.itemsize)
    assert not matrix.stands(Slot(0, 0))
    assert matrix.stands(Slot(0, 1))


@pytest.fixture
def _copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep coarse copies of few songs too, on every processor."""
    monkeypatch.setattr(songbook_block, "coarse_copies_pay", lambda: True)
    monkeypatch.setattr(songbook_block, "MANY", 1)


@pytest.mark.usefixtures("_copied")
@pytest.mark.parametrize("forget", [lambda matrix: matrix.remove([1]), SongMatrix.wipe])
def test_nothing_of_a_removed_songs_coarse_copy_stays(
    forget: Callable[[SongMatrix], None],
) -> None:
    matrix = filled(1, 2)
    ((block, _),) = matrix.snapshot()
    assert block.coarse is not None
    assert block.coarse.digits[0].any()
    forget(matrix)
    assert not block.coarse.digits[0].any()
    assert block.coarse.steps[0] == 0


def test_few_songs_take_no_memory_for_coarse_copies() -> None:
    ((block, _),) = filled(1, 2).snapshot()
    assert block.coarse is None


def test_a_snapshot_does_not_see_what_comes_later() -> None:
    matrix = filled(1)
    snapshot = matrix.snapshot()
    given = page(2)
    matrix.add(given, unit(given.vectors), room=True)
    assert sum(used for _, used in snapshot) == 1
    assert sum(used for _, used in matrix.snapshot()) == 2


def test_a_removed_songs_row_is_not_used_again() -> None:
    matrix = filled(1, 2)
    matrix.remove([1])
    given = page(3)
    matrix.add(given, unit(given.vectors), room=True)
    ((block, used),) = matrix.snapshot()
    assert block.facts["song_id"][:used].tolist() == [0, 2, 3]


def test_wiping_leaves_only_zeros() -> None:
    matrix = filled(1, 2, 3)
    matrix.wipe()
    assert matrix.wiped
    assert not any(block.vectors.any() for block, _ in matrix.snapshot())


def test_memory_stays_close_to_the_vectors_own() -> None:
    matrix = filled(*range(1, 3000))
    own = 2999 * SIZE * 4
    assert matrix.nbytes < own * 2
    assert all(len(block.facts) <= LARGEST_BLOCK for block, _ in matrix.snapshot())
