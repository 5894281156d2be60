"""Lay a server's songs out as places on a plane."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import Snapshot, gather
from bot.retrieval.vectors import SongMatrix, VectorCache, unit
from bot.songbook.values import Query, ReadableChannels, SongMap, Spot
from storage.songs import Songs

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]

TITLES_ON_MAP = 60  # looked up for a map; a picture has room for fewer
SONGS_ON_MAP = 3000
NEIGHBOURS = 6  # each song is pulled towards its nearest
PUSHED_FROM = 4  # and pushed from so many random others at a time
STEPS = 120
LONGEST_MOVE = 4.0  # the longest move in one step, of a layout about 10 wide
WIDTH = 10.0  # of the layout before it is framed
CHUNK = 512  # rows compared at a time, so that memory stays small
RANK_SHARE = 0.5  # of a coordinate that is its rank along the axis, the rest its distance
FLAT_SPAN = 1e-4  # an axis along which songs differ less shows nothing


def lay_out(vectors: Floats) -> Floats:
    """Return a place on the plane for each song.

    Args:
        vectors: (n, dimensions) of unit length.

    Returns:
        (n, 2), each axis from 0 to 1; a single song lies in the middle.
    """
    places = _principal(vectors)
    if len(vectors) > NEIGHBOURS:
        places = _settled(places, _nearest(vectors))
    return _framed(places)


def _principal(vectors: Floats) -> Floats:
    """Project on the two directions of most variance: (n, 2), `WIDTH` across."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, -1:-3:-1]
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros_like(axes)])
    # The sign of an eigenvector is arbitrary; its largest part is made positive, so that a map
    # looks the same on every machine.
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, [0, 1]] < 0, -1, 1)
    places = centred @ axes
    return np.asarray(places * (WIDTH / max(float(np.ptp(places)), 1e-6)), np.float32)


def _nearest(vectors: Floats) -> Ints:
    """Find the nearest songs of each: (n, NEIGHBOURS)."""
    found = np.empty((len(vectors), NEIGHBOURS), np.intp)
    for start in range(0, len(vectors), CHUNK):
        rows = slice(start, start + CHUNK)
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -2
        found[rows] = np.argpartition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    return found


def _settled(places: Floats, nearest: Ints) -> Floats:
    """Let neighbours pull and random others push, less and less."""
    random = np.random.default_rng(0)
    songs = len(places)
    for step in range(STEPS):
        near = places[:, np.newaxis] - places[nearest]
        pull = -near / (1 + _squares(near))
        move = pull.sum(axis=1)
        for axis in (0, 1):  # who is pulled pulls back
            move[:, axis] -= np.bincount(nearest.ravel(), pull[..., axis].ravel(), songs)
        # The same shift for every song spares the gathering of random rows.
        for shift in random.integers(1, songs, PUSHED_FROM):
            far = places - np.roll(places, int(shift), axis=0)
            squares = _squares(far)
            move += far / ((0.05 + squares) * (1 + squares))
        rate = 1 - step / STEPS
        places = places + rate * np.clip(move / 2, -LONGEST_MOVE, LONGEST_MOVE)
    return places


def _squares(differences: Floats) -> Floats:
    return np.asarray((differences**2).sum(axis=-1, keepdims=True), np.float32)


def _framed(places: Floats) -> Floats:
    """Stretch each axis to 0 to 1.

    Halfway by order, so that neither clusters nor gaps dominate.
    """
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    framed = (places - low) / np.maximum(span, 1e-6)
    order = places.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(places) - 1, 1)
    framed = (1 - RANK_SHARE) * framed + RANK_SHARE * order
    framed[:, span < FLAT_SPAN] = 0.5
    return np.asarray(framed, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Songs copied out of a matrix.

    Attributes:
        song_ids: (n,) int64, rising.
        genres: (n,) numbers in `SongMatrix.genres`.
        vectors: (n, dimensions) of unit length.
        songs: how many there were to choose from.
    """

    song_ids: npt.NDArray[np.int64]
    genres: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float32]
    songs: int


class SongMaps:
    """Lays out maps of the matrices of a cache."""

    def __init__(self, songs: Songs, cache: VectorCache) -> None:
        """Take vectors from `cache`, titles and genres from `songs`."""
        self._songs = songs
        self._cache = cache

    async def map(
        self,
        guild_id: int,
        reach: ReadableChannels,
        query: Query | None = None,
        *,
        marked: Collection[int] = (),
        limit: int = SONGS_ON_MAP,
    ) -> SongMap:
        """Lay out the songs within reach, so that similar ones lie together.

        Args:
            guild_id: the server.
            reach: the channels that may be shown.
            query: a song to place among them, remembered or not.
            marked: ids of songs that have a spot and a title however many there are.
            limit: how many songs to lay out; of more, some of every time are chosen.

        Raises:
            StorageError: the database could not do it.
        """
        shown = reach.channels
        required = {*marked, *((query.song_id,) if query and query.song_id else ())}
        while True:
            matrix = await self._cache.matrix(guild_id)
            channels = np.array([each in shown for each in matrix.channels], bool)
            rows, places = await asyncio.to_thread(
                _places, matrix.snapshot(), channels, query, required, limit
            )
            if not matrix.wiped:  # else it was evicted meanwhile
                return await self._labelled(guild_id, matrix, rows, places, query, required)

    async def _labelled(
        self,
        guild_id: int,
        matrix: SongMatrix,
        rows: _Rows,
        places: npt.NDArray[np.float32],
        query: Query | None,
        required: Collection[int],
    ) -> SongMap:
        """Add genres and titles.

        Titles only of songs that a picture names first.
        """
        names = {number: genre for genre, number in matrix.genres.items()}
        ids = rows.song_ids.tolist()
        first = [song_id for song_id in ids if song_id in required]
        spread = [ids[i] for i in _spread_out(places[: len(ids)], TITLES_ON_MAP)]
        named = await self._songs.songs(guild_id, list(dict.fromkeys([*first, *spread])))
        titles = {song.song_id: song.post.title for song in named}
        genres = [names.get(number) for number in rows.genres.tolist()]
        unsure = [song_id for song_id, genre in zip(ids, genres, strict=True) if genre is None]
        likely = await self._songs.likeliest_genres(guild_id, unsure)
        spots = tuple(
            Spot(each, float(x), float(y), genre, titles.get(each), likely.get(each))
            for each, genre, (x, y) in zip(ids, genres, places, strict=False)
        )
        asked = None
        if query and len(places) > len(ids):
            asked = (float(places[-1][0]), float(places[-1][1]))
        order = {song.song_id: rank for rank, song in enumerate(named)}
        by_rank = sorted(spots, key=lambda spot: order.get(spot.song_id, len(order)))
        return SongMap(tuple(by_rank), rows.songs, asked)


def _places(
    snapshot: Snapshot,
    channels: npt.NDArray[np.bool_],
    query: Query | None,
    required: Collection[int],
    limit: int,
) -> tuple[_Rows, npt.NDArray[np.float32]]:
    """Choose the songs and lay them out.

    A query that is not remembered comes last.
    """
    rows = _chosen(snapshot, channels, required, limit)
    vectors = rows.vectors
    if query is not None and query.song_id not in rows.song_ids.tolist():
        asked = unit(np.asarray(query.vector, np.float32)[np.newaxis])
        vectors = np.concatenate([vectors, asked]) if len(vectors) else asked
    if len(vectors) == 0:
        return rows, np.empty((0, 2), np.float32)
    return rows, lay_out(vectors)


def _chosen(
    snapshot: Snapshot, channels: npt.NDArray[np.bool_], required: Collection[int], limit: int
) -> _Rows:
    """Copy songs within reach.

    At most `limit`, evenly over time, and the required ones.
    """
    parts = [(block.facts[:used], block.vectors[:used]) for block, used in snapshot]
    if not parts:
        nothing = np.empty(0, np.int64)
        return _Rows(nothing, nothing.astype(np.int32), np.empty((0, 0), np.float32), 0)
    facts = np.concatenate([facts for facts, _ in parts])
    admitted = np.flatnonzero(facts["alive"] & channels[facts["channel"]])
    chosen = admitted
    if len(admitted) > limit:
        chosen = admitted[np.linspace(0, len(admitted) - 1, limit).round().astype(int)]
        wanted = admitted[np.isin(facts["song_id"][admitted], list(required))]
        chosen = np.union1d(chosen, wanted)
    vectors = gather([vectors for _, vectors in parts], chosen)
    return _Rows(facts["song_id"][chosen], facts["genre"][chosen], vectors, len(admitted))


def _spread_out(places: npt.NDArray[np.float32], count: int) -> list[int]:
    """Choose songs far from each other; the one nearest the middle first."""
    if len(places) == 0:
        return []
    chosen = [int(((places - 0.5) ** 2).sum(axis=1).argmin())]
    distances = np.full(len(places), np.inf, np.float32)
    while len(chosen) < min(count, len(places)):
        distances = np.minimum(distances, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
        distances[chosen] = -1
        chosen.append(int(distances.argmax()))
    return chosen
