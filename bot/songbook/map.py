"""A server's songs as places on a plane."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.cache import VectorCache
from bot.retrieval.index import SongMatrix, unit
from bot.retrieval.layout import lay_out
from bot.retrieval.search import Snapshot, gather
from bot.songbook.values import Query, ReadableChannels, SongMap, Spot
from storage.songs import Songs

MOST_TITLES = 60  # titles looked up for a map; a picture has room for fewer


@dataclass(frozen=True, slots=True, eq=False)
class _Gathered:
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
    """Draws up maps from the matrices on the shelf."""

    def __init__(self, songs: Songs, shelf: VectorCache) -> None:
        self._songs = songs
        self._shelf = shelf

    async def map(
        self,
        guild_id: int,
        reach: ReadableChannels,
        query: Query | None,
        marked: Collection[int],
        most: int,
    ) -> SongMap:
        """Lay out a server's songs; see `Songbook.map`."""
        while True:
            matrix = await self._shelf.matrix(guild_id)
            channels = np.array([each in reach.channels for each in matrix.channels], bool)
            kept = {*marked, *((query.song_id,) if query and query.song_id else ())}
            gathered, places = await asyncio.to_thread(
                _places, matrix.snapshot(), channels, query, kept, most
            )
            if not matrix.wiped:
                return await self._told(guild_id, matrix, gathered, places, query, kept)

    async def _told(
        self,
        guild_id: int,
        matrix: SongMatrix,
        gathered: _Gathered,
        places: npt.NDArray[np.float32],
        query: Query | None,
        kept: Collection[int],
    ) -> SongMap:
        """Add genres, and the titles of those songs that a picture would name first."""
        names = {number: genre for genre, number in matrix.genres.items()}
        ids = gathered.song_ids.tolist()
        first = [song_id for song_id in ids if song_id in kept]
        spread = [ids[i] for i in _spread_out(places[: len(ids)], MOST_TITLES)]
        named = await self._songs.songs(guild_id, list(dict.fromkeys([*first, *spread])))
        titles = {song.song_id: song.post.title for song in named}
        genres = [names.get(number) for number in gathered.genres.tolist()]
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
        return SongMap(tuple(by_rank), gathered.songs, asked)


def _places(
    snapshot: Snapshot,
    channels: npt.NDArray[np.bool_],
    query: Query | None,
    kept: Collection[int],
    most: int,
) -> tuple[_Gathered, npt.NDArray[np.float32]]:
    """Choose the songs and lay them out; a query that is not remembered comes last."""
    gathered = _gathered(snapshot, channels, kept, most)
    vectors = gathered.vectors
    if query is not None and query.song_id not in gathered.song_ids.tolist():
        asked = unit(np.asarray(query.sound.vector, np.float32)[np.newaxis])
        vectors = np.concatenate([vectors, asked]) if len(vectors) else asked
    if len(vectors) == 0:
        return gathered, np.empty((0, 2), np.float32)
    return gathered, lay_out(vectors)


def _gathered(
    snapshot: Snapshot, channels: npt.NDArray[np.bool_], kept: Collection[int], most: int
) -> _Gathered:
    """Copy at most `most` songs within reach, evenly over time, and those to be kept."""
    parts = [(block.facts[:used], block.vectors[:used]) for block, used in snapshot]
    if not parts:
        nothing = np.empty(0, np.int64)
        return _Gathered(nothing, nothing.astype(np.int32), np.empty((0, 0), np.float32), 0)
    facts = np.concatenate([facts for facts, _ in parts])
    admitted = np.flatnonzero(facts["alive"] & channels[facts["channel"]])
    chosen = admitted
    if len(admitted) > most:
        chosen = admitted[np.linspace(0, len(admitted) - 1, most).round().astype(int)]
        wanted = admitted[np.isin(facts["song_id"][admitted], list(kept))]
        chosen = np.union1d(chosen, wanted)
    vectors = gather([vectors for _, vectors in parts], chosen)
    return _Gathered(facts["song_id"][chosen], facts["genre"][chosen], vectors, len(admitted))


def _spread_out(places: npt.NDArray[np.float32], most: int) -> list[int]:
    """Choose songs that lie far from each other, the one nearest the middle first."""
    if len(places) == 0:
        return []
    chosen = [int(((places - 0.5) ** 2).sum(axis=1).argmin())]
    room = np.full(len(places), np.inf, np.float32)
    while len(chosen) < min(most, len(places)):
        room = np.minimum(room, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
        room[chosen] = -1
        chosen.append(int(room.argmax()))
    return chosen
