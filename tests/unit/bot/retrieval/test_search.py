from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from bot.retrieval.search import DEPTH, RowFilter, VectorQuery, search
from bot.retrieval.vectors import SongMatrix, unit
from storage.song_values import VectorPage

SIZE = 32
ASKED = unit(np.random.default_rng(99).standard_normal((1, SIZE)).astype(np.float32))
QUERY = VectorQuery(
    vector=ASKED[0],
    asked=ASKED,
    rows=RowFilter(np.ones(4, bool)),
    same_song=0.999,
    levels=(-1.0,),
    per_poster=2,
    limit=10,
    page=0,
)


def songs(count: int, seed: int = 0) -> VectorPage:
    random = np.random.default_rng(seed)
    return VectorPage(
        song_ids=np.arange(1, count + 1),
        recordings=np.arange(1, count + 1),
        channel_ids=random.integers(0, 4, count),
        poster_ids=np.arange(count),
        contents=np.zeros(count, np.uint64),
        tempos=random.uniform(60, 200, count).astype(np.float32),
        genres=tuple((name,) for name in random.choice(["rock", "jazz"], count).tolist()),
        sure=np.ones(count, bool),
        vectors=unit(random.standard_normal((count, SIZE)).astype(np.float32)),
    )


def matrix_of(page: VectorPage, block: int) -> SongMatrix:
    """Add the songs in several blocks, as reading them does."""
    matrix = SongMatrix()
    for start in range(0, len(page.song_ids), block):
        rows = slice(start, start + block)
        part = VectorPage(*(getattr(page, name)[rows] for name in VectorPage.__dataclass_fields__))
        matrix.add(part, part.vectors)
    return matrix


@pytest.mark.parametrize("count", [1, 9, 500, 3 * DEPTH, 40 * DEPTH])
def test_the_nearest_of_all_blocks_are_found_exactly(count: int) -> None:
    page = songs(count)
    found = search(matrix_of(page, block=700).snapshot(), QUERY)
    cosines = page.vectors.astype(np.float64) @ QUERY.vector
    assert [hit.song_id for hit in found.hits] == (np.argsort(-cosines)[:10] + 1).tolist()
    scores = [hit.score for hit in found.hits]
    np.testing.assert_allclose(scores, np.sort(cosines)[::-1][:10], atol=1e-6)
    assert (found.alike, found.compared) == (min(count, DEPTH), count)


@pytest.mark.parametrize("channels", [(0, 1, 2, 3), (0, 2), (3,)])
def test_a_recording_counts_once_whichever_of_its_posts_are_admitted(
    channels: tuple[int, ...],
) -> None:
    page = songs(300)
    page = replace(page, recordings=np.where(page.song_ids % 3 == 0, page.song_ids, 7))
    matrix = matrix_of(page, block=70)
    matrix.remove([7])  # after which the recording is called
    rows = RowFilter(np.isin(np.arange(4), [matrix.channels[each] for each in channels]))
    admitted = np.isin(page.channel_ids, channels) & (page.song_ids != 7)
    expected = len(set(page.recordings[admitted].tolist()))
    assert search(matrix.snapshot(), replace(QUERY, rows=rows)).compared == expected


def nearest_in_float64(page: VectorPage, admitted: npt.NDArray[np.bool_]) -> list[int]:
    cosines = page.vectors.astype(np.float64) @ QUERY.vector.astype(np.float64)
    order = np.argsort(np.where(admitted, -cosines, 2))[: min(DEPTH, admitted.sum())]
    return [int(song_id) for song_id in page.song_ids[order]]


@pytest.mark.parametrize("alike", [0.5, 1, 3])
def test_where_all_songs_are_alike_the_nearest_are_still_found_exactly(alike: float) -> None:
    page = songs(40 * DEPTH)
    page = replace(page, vectors=unit(page.vectors + np.float32(alike) * QUERY.vector))
    query = replace(QUERY, limit=DEPTH, same_song=2.0)
    hits = search(matrix_of(page, block=4000).snapshot(), query).hits
    cosines = page.vectors.astype(np.float64) @ QUERY.vector.astype(np.float64)
    found = cosines[[hit.song_id - 1 for hit in hits]]
    np.testing.assert_allclose(found, np.sort(cosines)[::-1][:DEPTH], atol=2e-7)


@pytest.mark.parametrize("channels", [(0,), (1, 2), ()])
def test_channels_out_of_reach_cost_no_song_within(channels: tuple[int, ...]) -> None:
    page = songs(40 * DEPTH)
    matrix = matrix_of(page, block=4000)
    reach = np.array([channel in channels for channel in matrix.channels])
    query = replace(QUERY, rows=RowFilter(reach), limit=DEPTH)
    hits = search(matrix.snapshot(), query).hits
    within = np.isin(page.channel_ids, channels)
    assert [hit.song_id for hit in hits] == nearest_in_float64(page, within)


def test_a_handful_of_songs_far_away_is_found_among_many_near_ones() -> None:
    page = songs(40 * DEPTH)
    far = page.vectors @ QUERY.vector < -0.5
    page = replace(page, poster_ids=np.where(far, 7, 8))
    rows = replace(QUERY.rows, poster_id=7)
    query = replace(QUERY, rows=rows, per_poster=DEPTH, limit=DEPTH)
    hits = search(matrix_of(page, block=4000).snapshot(), query).hits
    assert [hit.song_id for hit in hits] == nearest_in_float64(page, far)
    assert 0 < len(hits) < DEPTH


def test_filters_apply_before_the_nearest_are_chosen() -> None:
    page = songs(3 * DEPTH)
    matrix = matrix_of(page, block=700)
    jazz = np.array([names == ("jazz",) for names in matrix.genres])
    rows = replace(QUERY.rows, genres=jazz, tempo_bpm=(100.0, 110.0))
    hits = search(matrix.snapshot(), replace(QUERY, rows=rows, limit=1000)).hits
    fitting = (np.array(page.genres)[:, 0] == "jazz") & (page.tempos >= 100) & (page.tempos <= 110)
    assert {hit.song_id for hit in hits} == set(page.song_ids[fitting].tolist())


def test_a_song_removed_after_a_search_is_no_longer_contained() -> None:
    matrix = matrix_of(songs(50), block=20)
    hits = search(matrix.snapshot(), QUERY).hits
    matrix.remove([hits[0].song_id])
    assert [matrix.contains(hit.song_id) for hit in hits] == [False, *[True] * 9]


def test_the_song_asked_about_is_left_out_even_where_copies_are_not() -> None:
    matrix = matrix_of(songs(20), block=20)
    query = replace(QUERY, vector=songs(20).vectors[6], same_song=2.0)
    nearest = search(matrix.snapshot(), query).hits[0].song_id
    assert nearest == 7
    rows = replace(query.rows, recordings=(7,))
    hits = search(matrix.snapshot(), replace(query, rows=rows)).hits
    assert 7 not in [hit.song_id for hit in hits]


def test_equal_songs_keep_the_order_in_which_they_came() -> None:
    page = songs(1)
    twin = replace(page, song_ids=np.array([2]), recordings=np.array([2]), poster_ids=np.array([5]))
    matrix = SongMatrix()
    for given in (page, twin):
        matrix.add(given, given.vectors)
    hits = search(matrix.snapshot(), replace(QUERY, same_song=2.0)).hits
    assert [hit.song_id for hit in hits] == [1, 2]


def test_posts_of_one_recording_count_once_though_their_vectors_differ() -> None:
    page = replace(songs(20), recordings=np.arange(20) // 2)
    found = search(matrix_of(page, block=20).snapshot(), replace(QUERY, limit=20))
    assert (len(found.hits), found.alike, found.compared) == (10, 10, 10)


def test_songs_below_the_first_level_end_the_pages() -> None:
    page = songs(40)
    cosines = np.sort(page.vectors @ QUERY.vector)[::-1]
    query = replace(QUERY, levels=(float(cosines[6] + cosines[7]) / 2,), limit=5, page=1)
    found = search(matrix_of(page, block=40).snapshot(), query)
    assert (len(found.hits), found.alike, found.compared) == (2, 7, 40)


def test_where_nothing_sounds_alike_the_nearest_come_on_one_page() -> None:
    query = replace(QUERY, levels=(0.99,), limit=5)
    snapshot = matrix_of(songs(40), block=40).snapshot()
    found = search(snapshot, query)
    assert (len(found.hits), found.alike) == (5, 0)
    assert search(snapshot, replace(query, page=1)).hits == ()


def test_pages_are_full_and_no_level_comes_before_a_nearer_one() -> None:
    page = replace(songs(40), poster_ids=np.arange(40) % 2)  # two members posted everything
    cosines = np.sort(page.vectors @ QUERY.vector)[::-1]
    levels = (-1.0, float(cosines[7]))
    query = replace(QUERY, levels=levels, limit=5)
    snapshot = matrix_of(page, block=40).snapshot()
    pages = [search(snapshot, replace(query, page=number)).hits for number in range(8)]
    assert [len(hits) for hits in pages] == [5] * 8
    scores = [hit.score for hits in pages for hit in hits]
    assert min(scores[:8]) >= levels[1] > max(scores[8:])


def test_parts_that_count_more_decide_the_order_but_not_what_is_the_same_song() -> None:
    page = songs(20)
    matrix = matrix_of(page, block=20)
    steered = page.vectors[3] * np.linspace(0, 2, SIZE, dtype=np.float32)
    query = replace(QUERY, vector=steered, asked=page.vectors[3:4], same_song=0.999)
    hits = search(matrix.snapshot(), query).hits
    assert 4 not in [hit.song_id for hit in hits]
    order = np.argsort(-(page.vectors @ steered)) + 1
    assert [hit.song_id for hit in hits] == [song for song in order.tolist() if song != 4][:10]
