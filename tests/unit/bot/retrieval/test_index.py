from __future__ import annotations

import numpy as np
import pytest

from bot.retrieval.vectors import LARGEST_BLOCK, SongMatrix, unit
from storage.song_values import VectorPage

SIZE = 16


def page(*song_ids: int) -> VectorPage:
    count = len(song_ids)
    return VectorPage(
        song_ids=np.array(song_ids, np.int64),
        recordings=np.array(song_ids, np.int64),
        channel_ids=np.full(count, 10, np.int64),
        poster_ids=np.array(song_ids, np.int64),
        contents=np.zeros(count, np.uint64),
        tempos=np.full(count, 120, np.float32),
        genres=(("rock",),) * count,
        sure=np.ones(count, bool),
        vectors=np.ones((count, SIZE), np.float32),
    )


def filled(*song_ids: int) -> SongMatrix:
    matrix = SongMatrix()
    for song_id in song_ids:
        given = page(song_id)
        matrix.add(given, unit(given.vectors), spare=True)
    return matrix


def test_unit_leaves_a_zero_vector_alone() -> None:
    scaled = unit(np.array([[3, 4], [0, 0]], np.float32))
    assert scaled.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_a_song_left_out_is_not_added() -> None:
    matrix = SongMatrix()
    given = page(1, 2, 3)
    matrix.add(given, unit(given.vectors), exclude={2})
    assert [matrix.contains(song_id) for song_id in (1, 2, 3)] == [True, False, True]
    assert matrix.songs == 2


def test_nothing_of_a_removed_song_stays_in_memory() -> None:
    matrix = filled(1, 2)
    matrix.remove([1])
    ((block, used),) = matrix.snapshot()
    assert used == 2
    assert block.vectors[0].tobytes() == bytes(4 * SIZE)
    assert not any(column[0] for column in block.facts.columns)
    assert [matrix.contains(song_id) for song_id in (1, 2)] == [False, True]


def test_a_snapshot_does_not_see_what_comes_later() -> None:
    matrix = filled(1)
    snapshot = matrix.snapshot()
    given = page(2)
    matrix.add(given, unit(given.vectors), spare=True)
    assert sum(used for _, used in snapshot) == 1
    assert sum(used for _, used in matrix.snapshot()) == 2


def test_a_removed_songs_row_is_not_used_again() -> None:
    matrix = filled(1, 2)
    matrix.remove([1])
    given = page(3)
    matrix.add(given, unit(given.vectors), spare=True)
    ((block, used),) = matrix.snapshot()
    assert block.facts.song_ids[:used].tolist() == [0, 2, 3]


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
