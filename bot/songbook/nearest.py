"""Answer similarity queries from one server's stored songs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from bot.retrieval.cache import VectorCache
from bot.retrieval.index import SongMatrix, unit
from bot.retrieval.search import Hit, VectorQuery, search
from bot.songbook.values import (
    AnotherModelError,
    Filters,
    Match,
    Page,
    Query,
    ReadableChannels,
    SimilarityParts,
    SongbookOptions,
    Sound,
    UnknownSongError,
)
from ml.music.hearing import Alike
from storage.codecs import short_content
from storage.song_values import Song
from storage.songs import Songs

Vector = npt.NDArray[np.float32]

# The cosine from which two of the ear's vectors are one song in two encodings. It finds 34 of 36
# songs again after mp3 at 128, Opus at 64 and AAC at 96 kbit/s; none of 12 after mp3 at 32, which
# dulls them too much. Of 91 songs no other one came nearer than 0.72, but little tunes of one
# synthesiser may: hiding a song is worse than listing one twice. `benchmarks.same_song` tells.
SAME_SONG = 0.95


class SimilarityExplainer:
    """Likens songs by the ear's calibrated probability, and tells their parts apart."""

    def __init__(self, why: Callable[[Vector, Vector], Alike]) -> None:
        """Take from the ear what two vectors of unit length have in common."""
        self._why = why

    def __call__(self, asked: Sound, others: Sequence[Sound]) -> list[SimilarityParts]:
        """Give one likeness for each of `others`, in their order."""
        about = _unit(asked.vector)
        return [self._likeness(about, asked.tempo_bpm, other) for other in others]

    def _likeness(self, about: Vector, tempo_bpm: float | None, other: Sound) -> SimilarityParts:
        alike = self._why(about, _unit(other.vector))
        parts = {"timbre": alike.timbre, "harmony": alike.harmony, "rhythm": alike.rhythm}
        heard = {name: share for name, share in parts.items() if share is not None}
        tempos = None
        if tempo_bpm is not None and other.tempo_bpm is not None:
            tempos = other.tempo_bpm / tempo_bpm
        return SimilarityParts(100 * alike.probability, heard, tempos)


def _unit(vector: Vector) -> Vector:
    (scaled,) = unit(np.asarray(vector, np.float32)[np.newaxis])
    return scaled  # type: ignore[no-any-return]  # rows of an array are Any


NO_SUCH_GENRE = -1


class SimilaritySearch:
    """Answers which songs of a server sound like one."""

    def __init__(
        self, songs: Songs, shelf: VectorCache, executor: Executor, options: SongbookOptions
    ) -> None:
        """Look in `shelf`, tell from `songs`, compute on `executor`."""
        self._songs = songs
        self._shelf = shelf
        self._executor = executor
        self._options = options

    async def query_about(self, guild_id: int, song_id: int, reach: ReadableChannels) -> Query:
        """Ask about a remembered song that the asker can read.

        Raises:
            UnknownSongError: there is none.
            AnotherModelError: it waits to be heard again.
        """
        song = await self._songs.song(guild_id, song_id)
        if song is None or song.post.channel_id not in reach.channels:
            raise UnknownSongError(song_id)
        vector = await self._songs.vector(guild_id, song_id, self._shelf.model)
        if vector is None:
            raise AnotherModelError(found=song.model, expected=self._shelf.model)
        sound = Sound(vector, song.traits.rhythm, song.traits.tempo_bpm)
        return Query(self._shelf.model, sound, song.post.content_hash, song_id)

    async def nearest(
        self,
        guild_id: int,
        query: Query,
        reach: ReadableChannels,
        filters: Filters,
        limit: int,
        page: int,
    ) -> Page:
        """Find one page of songs; see `Songbook.nearest`."""
        if query.model != self._shelf.model:
            raise AnotherModelError(found=query.model, expected=self._shelf.model)
        hits, vectors, more = await self._search(guild_id, query, reach, filters, limit, page)
        songs = await self._songs.songs(guild_id, [hit.song_id for hit in hits])
        likenesses = await self._likenesses(query, songs, vectors)
        cosines = {hit.song_id: hit.cosine for hit in hits}
        matches = (
            Match(song, cosines[song.song_id], likeness)
            for song, likeness in zip(songs, likenesses, strict=True)
        )
        return Page(tuple(matches), more)

    async def _search(
        self,
        guild_id: int,
        query: Query,
        reach: ReadableChannels,
        filters: Filters,
        limit: int,
        page: int,
    ) -> tuple[list[Hit], dict[int, npt.NDArray[np.float32]], bool]:
        """Search on the executor, and again when the matrix was given up meanwhile."""
        loop = asyncio.get_running_loop()
        while True:
            matrix = await self._shelf.matrix(guild_id)
            question = self._question(matrix, query, reach, filters, limit, page)
            found, more = await loop.run_in_executor(
                self._executor, search, matrix.snapshot(), question
            )
            if not matrix.wiped:
                hits = [hit for hit in found if matrix.stands(hit.slot)]
                return hits, {hit.song_id: matrix.vector(hit.slot) for hit in hits}, more

    def _question(
        self,
        matrix: SongMatrix,
        query: Query,
        reach: ReadableChannels,
        filters: Filters,
        limit: int,
        page: int,
    ) -> VectorQuery:
        channels = reach.channels
        genre = filters.genre
        return VectorQuery(
            vector=unit(np.asarray(query.sound.vector, np.float32)[np.newaxis])[0],
            song_id=query.song_id or 0,
            content=short_content(query.content_hash),
            channels=np.array([channel in channels for channel in matrix.channels], bool),
            genre=None if genre is None else matrix.genres.get(genre, NO_SUCH_GENRE),
            poster_id=filters.poster_id,
            tempo_bpm=filters.tempo_bpm,
            same_song=self._options.same_song,
            per_poster=self._options.per_poster if filters.poster_id is None else limit,
            limit=limit,
            page=page,
        )

    async def _likenesses(
        self, query: Query, songs: Sequence[Song], vectors: dict[int, npt.NDArray[np.float32]]
    ) -> Sequence[SimilarityParts | None]:
        explain = self._options.explain
        if explain is None or not songs:
            return [None] * len(songs)
        others = [
            Sound(vectors[song.song_id], song.traits.rhythm, song.traits.tempo_bpm)
            for song in songs
        ]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, explain, query.sound, others)
