"""Find a way through a server's songs that drifts from one to another by small steps."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import RowFilter, Snapshot, gather
from bot.retrieval.vectors import RowFacts, VectorCache
from bot.songbook.ingest import Find
from bot.songbook.map import SongMaps, one_of_each, row_filter
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import (
    AnotherModelError,
    Closeness,
    Filters,
    ReadableChannels,
    SongMap,
    UnknownSongError,
    closeness,
)
from ml.music.hearing import SimilarityScale
from storage.song_values import Song
from storage.songs import Songs

FEWEST_SONGS, MOST_SONGS, USUAL_SONGS = 3, 12, 8  # of a path, both ends included
CANDIDATES = 1500  # songs that a path may lead over, those of the least detour
SONGS_AROUND = 600  # on the map

Vectors = npt.NDArray[np.float32]


class SameSongError(Exception):
    """Both ends of a path are the same song."""

    code = "same_song"


class NoWayError(Exception):
    """There are no other songs for a path to lead over."""

    code = "no_way"


@dataclass(frozen=True, slots=True)
class SongPath:
    """A playlist from one song to another.

    Attributes:
        songs: in the order of the path, both ends included.
        steps: how alike each song is to the one before it; one fewer than songs.
        map: where they lie among the server's songs.
    """

    songs: tuple[Song, ...]
    steps: tuple[Closeness, ...]
    map: SongMap


class SongPaths:
    """Finds paths through the matrices of a cache."""

    def __init__(
        self,
        songs: Songs,
        cache: VectorCache,
        maps: SongMaps,
        post_check: PostCheck,
        scale: SimilarityScale,
    ) -> None:
        """Join the parts.

        Args:
            songs: the stored songs.
            cache: their vectors.
            maps: lays them out.
            post_check: finds out which of them are no longer posted.
            scale: how vectors are compared.
        """
        self._songs = songs
        self._cache = cache
        self._maps = maps
        self._post_check = post_check
        self._scale = scale

    async def find(
        self,
        guild_id: int,
        ends: tuple[int, int],
        reach: ReadableChannels,
        find: Find,
        length: int = USUAL_SONGS,
    ) -> SongPath:
        """Find the path of the smallest steps.

        Args:
            guild_id: the server.
            ends: ids of the first and the last song.
            reach: the channels to lead over.
            find: fetches a song's message again, to leave out what is no longer posted.
            length: songs of the path, if there are so many.

        Raises:
            UnknownSongError: one of the ends is gone, or not within reach.
            AnotherModelError: one of them waits to be embedded again.
            SameSongError, NoWayError: there is no path.
            StorageError: the database could not do it.
        """
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        while True:
            first, last = [await self._end(guild_id, song_id, reach) for song_id in ends]
            if first.recording_id == last.recording_id:
                raise SameSongError
            ids, cosines = await self._steps(guild_id, first, last, reach, length)
            songs = await self._songs.songs(guild_id, ids)
            gone = await self._post_check.forget_gone(songs, find, deadline)
            if not gone and len(songs) == len(ids):
                break
        around = await self._maps.map(guild_id, reach, marked=ids, limit=SONGS_AROUND, titles=0)
        words = (closeness(self._scale.probability(cosine)) for cosine in cosines)
        return SongPath(songs, tuple(words), around)

    async def _end(self, guild_id: int, song_id: int, reach: ReadableChannels) -> Song:
        song = await self._songs.song(guild_id, song_id)
        if song is None or song.post.channel_id not in reach.channels:
            raise UnknownSongError(song_id)
        if song.model != self._cache.model:
            raise AnotherModelError(found=song.model, expected=self._cache.model)
        return song

    async def _steps(
        self, guild_id: int, first: Song, last: Song, reach: ReadableChannels, length: int
    ) -> tuple[list[int], list[float]]:
        """Return the ids of the path's songs, and the cosine of each to the one before."""
        ends = first.song_id, last.song_id
        while True:
            matrix = await self._cache.matrix(guild_id)
            wanted = row_filter(matrix, reach, Filters())
            found = await asyncio.to_thread(_path, matrix.snapshot(), wanted, ends, length)
            if not matrix.wiped:  # else it was evicted meanwhile
                return found


def _path(
    snapshot: Snapshot, wanted: RowFilter, ends: tuple[int, int], length: int
) -> tuple[list[int], list[float]]:
    ids, vectors = _candidates(snapshot, wanted, ends)
    by_id = {song_id: number for number, song_id in enumerate(ids)}
    if not set(ends) <= by_id.keys():  # forgotten meanwhile
        raise UnknownSongError(next(song_id for song_id in ends if song_id not in by_id))
    order = smallest_steps(vectors, by_id[ends[0]], by_id[ends[1]], length)
    chosen = vectors[order]
    cosines = np.vecdot(chosen[1:], chosen[:-1])
    return [ids[number] for number in order], cosines.tolist()


def _candidates(
    snapshot: Snapshot, wanted: RowFilter, ends: Collection[int]
) -> tuple[list[int], Vectors]:
    """Copy ids and vectors of the songs a path may lead over, of each recording one."""
    facts = RowFacts.joined([block.facts[:used] for block, used in snapshot])
    rows = one_of_each(facts, np.flatnonzero(wanted.admits(facts)), ends)
    vectors = gather([block.vectors[:used] for block, used in snapshot], rows)
    ids: list[int] = facts.song_ids[rows].tolist()
    return ids, vectors


def smallest_steps(vectors: Vectors, first: int, last: int, length: int) -> list[int]:
    """Find the path whose steps, squared and summed, are smallest.

    Each song is nearer to the end than the one before it, by the share of the way behind it, so
    that the path drifts and never turns back. Exact for the songs it looks at.

    Args:
        vectors: (n, dimensions) of unit length.
        first: row of the first song.
        last: row of the last.
        length: songs of the path, if there are so many.

    Returns:
        Rows in the order of the path, from `first` to `last`.

    Raises:
        NoWayError: there are no other songs.
    """
    to_first, to_last = _angles(vectors, vectors[first]), _angles(vectors, vectors[last])
    detour = to_first + to_last
    between = np.setdiff1d(np.argsort(detour, kind="stable")[: CANDIDATES + 2], [first, last])
    if len(between) == 0:
        raise NoWayError
    progress = to_first[between] / np.maximum(detour[between], 1e-6)
    between = between[np.argsort(progress, kind="stable")]
    inner = min(length - 2, len(between))
    steps = _squared_steps(vectors[between])
    start, end = to_first[between] ** 2, to_last[between] ** 2
    return [first, *between[_cheapest(steps, start, end, inner)].tolist(), last]


def _cheapest(
    steps: npt.NDArray[np.float32],
    start: npt.NDArray[np.float32],
    end: npt.NDArray[np.float32],
    inner: int,
) -> list[int]:
    """Choose `inner` songs in rising order with the least sum of steps.

    Args:
        steps: (n, n) cost from each song to each later one; infinite to earlier ones.
        start: (n,) cost from the first song.
        end: (n,) cost to the last.
        inner: how many to choose, 1 to n.
    """
    cost, before = start, []
    for _ in range(inner - 1):
        over = cost[:, np.newaxis] + steps
        before.append(over.argmin(axis=0))
        cost = over.min(axis=0)
    chosen = [int((cost + end).argmin())]
    for previous in reversed(before):
        chosen.append(int(previous[chosen[-1]]))
    return chosen[::-1]


def _squared_steps(vectors: Vectors) -> npt.NDArray[np.float32]:
    angles = np.arccos(np.clip(vectors @ vectors.T, -1, 1))
    later = np.triu(np.ones(angles.shape, bool), k=1)
    return np.where(later, angles**2, np.inf).astype(np.float32)


def _angles(vectors: Vectors, to: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(np.arccos(np.clip(np.vecdot(vectors, to), -1, 1)), np.float32)
