"""Lay a server's songs out as places on a plane."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import RowFilter, Snapshot, gather
from bot.retrieval.vectors import RowFacts, SongMatrix, VectorCache, unit
from bot.songbook.values import Filters, Query, ReadableChannels, SongMap, Spot
from storage.codecs import short_content
from storage.song_values import GenreCount
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


def row_filter(
    matrix: SongMatrix, reach: ReadableChannels, filters: Filters, query: Query | None = None
) -> RowFilter:
    """Write in the numbers of a matrix which songs may be shown beside those asked about."""
    channels, songs = reach.channels, query.songs if query else ()
    contents = map(short_content, query.contents) if query else ()
    return RowFilter(
        channels=np.array([channel in channels for channel in matrix.channels], bool),
        genres=None
        if filters.genre is None
        else np.array([filters.genre in names for names in matrix.genres], bool),
        poster_id=filters.poster_id,
        tempo_bpm=filters.tempo_bpm,
        recordings=tuple(song.recording_id for song in songs),
        contents=tuple(contents),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Songs copied out of a matrix, one of each recording, and counted.

    Attributes:
        facts: of the songs, in the order in which the songs were stored.
        vectors: (n, dimensions) of unit length.
        songs: how many there were to choose from.
        genres: (number of a list of genres, songs, of which sure).
    """

    facts: RowFacts
    vectors: npt.NDArray[np.float32]
    songs: int
    genres: tuple[tuple[int, int, int], ...]

    @property
    def song_ids(self) -> list[int]:
        """Ids of the songs."""
        ids: list[int] = self.facts.song_ids.tolist()
        return ids


class SongMaps:
    """Lays out maps of the matrices of a cache."""

    def __init__(self, songs: Songs, cache: VectorCache) -> None:
        """Take vectors from `cache`, titles from `songs`."""
        self._songs = songs
        self._cache = cache

    async def map(
        self,
        guild_id: int,
        reach: ReadableChannels,
        query: Query | None = None,
        filters: Filters = Filters(),  # noqa: B008 - frozen, so it can be shared
        *,
        marked: Collection[int] = (),
        limit: int = SONGS_ON_MAP,
        titles: int = TITLES_ON_MAP,
    ) -> SongMap:
        """Lay out the songs within reach, so that similar ones lie together.

        Args:
            guild_id: the server.
            reach: the channels that may be shown.
            query: songs to place among them, remembered or not, whether they fit or not.
            filters: restrict the others.
            marked: ids of songs that have a spot and a title however many there are.
            limit: how many songs to lay out; of more, some of every time are chosen.
            titles: how many songs are named besides those.

        Raises:
            StorageError: the database could not do it.
        """
        asked = query.song_ids if query else ()
        required = {*marked, *asked}
        while True:
            matrix = await self._cache.matrix(guild_id)
            wanted = row_filter(matrix, reach, filters, query)
            rows, places = await asyncio.to_thread(
                _places, matrix.snapshot(), wanted, query, required, limit
            )
            if not matrix.wiped:  # else it was evicted meanwhile
                return await self._labelled(guild_id, matrix, rows, places, required, titles)

    async def genres(self, guild_id: int, reach: ReadableChannels) -> tuple[str, ...]:
        """List every genre by which a song within reach is found, the most frequent first.

        Raises:
            StorageError: the database could not do it.
        """
        matrix = await self._cache.matrix(guild_id)
        names = {number: genres for genres, number in matrix.genres.items()}
        wanted, counts = row_filter(matrix, reach, Filters()), Counter[str]()
        for block, used in matrix.snapshot():
            facts = block.facts[:used]
            numbers = facts.genres[wanted.admits(facts)]
            for number, songs in zip(*np.unique(numbers, return_counts=True), strict=True):
                counts.update(dict.fromkeys(names[int(number)], int(songs)))
        return tuple(genre for genre, _ in counts.most_common())

    async def _labelled(
        self,
        guild_id: int,
        matrix: SongMatrix,
        rows: _Rows,
        places: npt.NDArray[np.float32],
        required: Collection[int],
        titles: int,
    ) -> SongMap:
        """Add genres and titles.

        Titles only of songs that a picture names first.
        """
        names = {number: next(iter(genres), None) for genres, number in matrix.genres.items()}
        ids = rows.song_ids
        first = [song_id for song_id in ids if song_id in required]
        spread = [ids[i] for i in _spread_out(places[: len(ids)], titles)]
        named = await self._songs.songs(guild_id, list(dict.fromkeys([*first, *spread])))
        titled = {song.song_id: song.post.title for song in named}
        spots = tuple(
            Spot(each, float(x), float(y), names.get(genre), bool(sure), titled.get(each))
            for each, genre, sure, (x, y) in zip(
                ids, rows.facts.genres.tolist(), rows.facts.sure.tolist(), places, strict=False
            )
        )
        order = {song.song_id: rank for rank, song in enumerate(named)}
        by_rank = sorted(spots, key=lambda spot: order.get(spot.song_id, len(order)))
        genres = _by_name(rows.genres, names)
        asked = tuple((float(x), float(y)) for x, y in places[len(ids) :])
        return SongMap(tuple(by_rank), rows.songs, genres, asked)


def _places(
    snapshot: Snapshot,
    wanted: RowFilter,
    query: Query | None,
    required: Collection[int],
    limit: int,
) -> tuple[_Rows, npt.NDArray[np.float32]]:
    """Choose the songs and lay them out.

    Songs of the query that are not remembered come last.
    """
    rows = _chosen(snapshot, wanted, query.song_ids if query else (), required, limit)
    vectors = rows.vectors
    if query is not None and len(query.vectors) > len(query.songs):
        asked = unit(query.vectors[len(query.songs) :])
        vectors = np.concatenate([vectors, asked]) if len(vectors) else asked
    if len(vectors) == 0:
        return rows, np.empty((0, 2), np.float32)
    return rows, lay_out(vectors)


def _chosen(
    snapshot: Snapshot,
    wanted: RowFilter,
    asked: Collection[int],
    required: Collection[int],
    limit: int,
) -> _Rows:
    """Copy songs, of each recording one.

    At most `limit`, evenly over time, and the required ones.
    """
    parts = [(block.facts[:used], block.vectors[:used]) for block, used in snapshot]
    if not parts:
        return _Rows(RowFacts.empty(0), np.empty((0, 0), np.float32), 0, ())
    facts = RowFacts.joined([facts for facts, _ in parts])
    fitting = one_of_each(facts, np.flatnonzero(wanted.admits(facts)), required)
    chosen = fitting
    if len(fitting) > limit:
        chosen = fitting[np.linspace(0, len(fitting) - 1, limit).round().astype(int)]
        chosen = np.union1d(chosen, fitting[np.isin(facts.song_ids[fitting], list(required))])
    if asked:
        present = np.isin(facts.song_ids, list(asked)) & facts.alive
        chosen = np.union1d(chosen, np.flatnonzero(present))
    vectors = gather([vectors for _, vectors in parts], chosen)
    return _Rows(facts[chosen], vectors, len(fitting), _counted(facts[fitting]))


def one_of_each(
    facts: RowFacts, rows: npt.NDArray[np.intp], required: Collection[int]
) -> npt.NDArray[np.intp]:
    """Choose of each recording among some rows the required song, or else the one stored first."""
    order = np.lexsort((rows, ~np.isin(facts.song_ids[rows], list(required))))
    _, first = np.unique(facts.recordings[rows][order], return_index=True)
    return np.sort(rows[order][first])


def _counted(facts: RowFacts) -> tuple[tuple[int, int, int], ...]:
    """Count songs by their list of genres, and of how many the first of it is sure."""
    genres, which = np.unique(facts.genres, return_inverse=True)
    songs = np.bincount(which, minlength=len(genres))
    sure = np.bincount(which, facts.sure, minlength=len(genres)).astype(int)
    return tuple(zip(genres.tolist(), songs.tolist(), sure.tolist(), strict=True))


def _by_name(
    counted: Sequence[tuple[int, int, int]], names: Mapping[int, str | None]
) -> tuple[GenreCount, ...]:
    """Add up songs of the same first genre, the most frequent first."""
    songs: Counter[str | None] = Counter()
    sure: Counter[str | None] = Counter()
    for number, count, sure_count in counted:
        songs[names.get(number)] += count
        sure[names.get(number)] += sure_count
    order = sorted(songs, key=lambda genre: (-songs[genre], genre or ""))
    return tuple(GenreCount(genre, songs[genre], sure[genre]) for genre in order)


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
