"""Answer `/similar`: which songs of a server sound like one."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from bot.listening.service import ListeningService
from bot.retrieval.search import Hit, VectorQuery, search
from bot.retrieval.vectors import SongMatrix, VectorCache, unit
from bot.songbook.ingest import Find
from bot.songbook.map import SongMaps
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import (
    AnotherModelError,
    Filters,
    Match,
    Page,
    Query,
    ReadableChannels,
    SongMap,
    UnknownSongError,
)
from ml.music.hearing import SAME_SONG, SimilarityParts
from storage.codecs import short_content
from storage.song_queries import SongTitles
from storage.song_values import Song, Title
from storage.songs import Songs

Vector = npt.NDArray[np.float32]
Explain = Callable[[Vector, Vector], SimilarityParts]  # of two unit vectors; blocking

SONGS_A_PAGE = 5
SONGS_A_POSTER = 2  # on a page, unless songs of one member were asked for
NO_SUCH_GENRE = -1
FILES_REMEMBERED = 500  # files asked about, the last ones, so that their pages can be turned
SONGS_AROUND = 600  # on the map of an answer; more would make every page wait for its picture


class ForgottenFileError(Exception):
    """The file asked about is no longer in memory.

    Asked long ago, or before a restart.
    """

    code = "forgotten_file"


class NoSongYetError(Exception):
    """No song of this channel is remembered."""

    code = "no_song_yet"


class UnknownTitleError(Exception):
    """No song within reach has these words in its title."""

    code = "unknown_title"

    def __init__(self, typed: str) -> None:
        super().__init__(f"{len(typed)} characters typed")  # what they are is in no log
        self.typed = typed


class SimilaritySearch:
    """Finds the songs of a server that sound most like one.

    Never the song asked about, nor the same song in another file; each song once; a few by one
    poster on a page; only from readable channels.
    """

    def __init__(
        self,
        songs: Songs,
        cache: VectorCache,
        executor: Executor,
        *,
        same_song: float = SAME_SONG,
        explain: Explain | None = None,
    ) -> None:
        """Search the matrices of `cache`.

        Args:
            songs: the stored songs.
            cache: their vectors.
            executor: runs searches and `explain`, off the event loop.
            same_song: cosine from which two vectors are one song in two encodings.
            explain: tells how alike two songs are, beyond the cosine.
        """
        self._songs = songs
        self._cache = cache
        self._executor = executor
        self._same_song = same_song
        self._explain = explain

    async def query_about(self, guild_id: int, song_id: int, reach: ReadableChannels) -> Query:
        """Return the query about a remembered song that the asker can read.

        Raises:
            UnknownSongError: there is none.
            AnotherModelError: it waits to be embedded again.
            StorageError: the database could not do it.
        """
        song = await self._songs.song(guild_id, song_id)
        if song is None or song.post.channel_id not in reach.channels:
            raise UnknownSongError(song_id)
        model = self._cache.model
        vector = await self._songs.vector(guild_id, song_id, model)
        if vector is None:
            raise AnotherModelError(found=song.model, expected=model)
        return Query(model, vector, song.traits.tempo_bpm, song.post.content_hash, song)

    async def nearest(
        self,
        guild_id: int,
        query: Query,
        reach: ReadableChannels,
        filters: Filters = Filters(),  # noqa: B008 - frozen, so it can be shared
        *,
        limit: int = SONGS_A_PAGE,
        page: int = 0,
    ) -> Page:
        """Find one page of songs; those forgotten meanwhile are left out.

        Args:
            guild_id: the server.
            query: the song asked about.
            reach: the channels to answer from.
            filters: restrict the answer.
            limit: songs a page.
            page: number of the page, from 0.

        Raises:
            AnotherModelError: the song was embedded by another model.
            StorageError: the database could not do it.
        """
        if query.model != self._cache.model:
            raise AnotherModelError(found=query.model, expected=self._cache.model)
        loop = asyncio.get_running_loop()
        vector = unit(np.asarray(query.vector, np.float32)[np.newaxis])[0]
        while True:
            matrix = await self._cache.matrix(guild_id)
            vector_query = self._vector_query(matrix, query, vector, reach, filters, limit, page)
            found, more = await loop.run_in_executor(
                self._executor, search, matrix.snapshot(), vector_query
            )
            if not matrix.wiped:  # else it was evicted meanwhile
                break
        hits = [hit for hit in found if matrix.contains(hit.song_id)]
        return Page(tuple(await self._matches(guild_id, query, vector, hits)), more)

    def _vector_query(
        self,
        matrix: SongMatrix,
        query: Query,
        vector: Vector,
        reach: ReadableChannels,
        filters: Filters,
        limit: int,
        page: int,
    ) -> VectorQuery:
        channels, genre = reach.channels, filters.genre
        return VectorQuery(
            vector=vector,
            song_id=query.song_id or 0,
            content=short_content(query.content_hash),
            channels=np.array([channel in channels for channel in matrix.channels], bool),
            genre=None if genre is None else matrix.genres.get(genre, NO_SUCH_GENRE),
            poster_id=filters.poster_id,
            tempo_bpm=filters.tempo_bpm,
            same_song=self._same_song,
            per_poster=SONGS_A_POSTER if filters.poster_id is None else limit,
            limit=limit,
            page=page,
        )

    async def _matches(
        self, guild_id: int, query: Query, vector: Vector, hits: Sequence[Hit]
    ) -> list[Match]:
        songs = await self._songs.songs(guild_id, [hit.song_id for hit in hits])
        found = {hit.song_id: hit for hit in hits}
        parts: Sequence[SimilarityParts | None] = [None] * len(songs)
        if self._explain is not None and songs:
            vectors = [found[song.song_id].vector for song in songs]
            parts = await asyncio.get_running_loop().run_in_executor(
                self._executor, _explained, self._explain, vector, vectors
            )
        return [
            Match(song, found[song.song_id].cosine, why, _tempo_ratio(query, song))
            for song, why in zip(songs, parts, strict=True)
        ]


def _explained(explain: Explain, vector: Vector, others: Sequence[Vector]) -> list[SimilarityParts]:
    return [explain(vector, other) for other in others]


def _tempo_ratio(query: Query, song: Song) -> float | None:
    if query.tempo_bpm is None or song.traits.tempo_bpm is None:
        return None
    return song.traits.tempo_bpm / query.tempo_bpm


@dataclass(frozen=True, slots=True)
class SimilarRequest:
    """What is asked, small enough for the custom id of a button.

    Attributes:
        song_id: the remembered song asked about, or None for a file.
        ticket: names the file asked about, empty for a remembered song.
        page: from 0.
        filters: restrict the answer.
    """

    song_id: int | None
    ticket: str = ""
    page: int = 0
    filters: Filters = Filters()  # noqa: RUF009 - frozen, so it can be shared


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the answer.

    Attributes:
        request: what was asked.
        title: of the song asked about.
        asked: the song asked about, where it is remembered.
        page: the songs that sound like it.
        map: where they all stand; None when there is nothing to show.
    """

    request: SimilarRequest
    title: str
    asked: Song | None
    page: Page
    map: SongMap | None


@dataclass(frozen=True, slots=True)
class _File:
    guild_id: int
    title: str
    query: Query


class SimilarityService:
    """Answers similarity requests about a server's songs and about files."""

    def __init__(
        self,
        listening: ListeningService,
        songs: Songs,
        titles: SongTitles,
        nearest: SimilaritySearch,
        maps: SongMaps,
        post_check: PostCheck,
    ) -> None:
        """Join the parts.

        Args:
            listening: embeds files.
            songs: the stored songs.
            titles: searches their titles.
            nearest: finds the songs of a page.
            maps: lays out where they stand.
            post_check: finds out which of them are no longer posted.
        """
        self._listening = listening
        self._songs = songs
        self._titles = titles
        self._search = nearest
        self._maps = maps
        self._post_check = post_check
        self._files: OrderedDict[str, _File] = OrderedDict()

    async def embed_file(self, guild_id: int, title: str, data: bytes) -> str:
        """Embed a file to ask about.

        Its vector stays in memory, nothing is stored.

        Returns:
            The ticket that names it in a `SimilarRequest`.

        Raises:
            AudioError: it cannot be decoded.
        """
        hearing = await self._listening.hear(data, guild_id)
        content = await asyncio.to_thread(lambda: sha256(data).digest())
        ticket = secrets.token_hex(6)
        tempo_bpm = hearing.rhythm.tempo_bpm if hearing.rhythm else None
        query = Query(hearing.model, hearing.vector, tempo_bpm, content)
        self._files[ticket] = _File(guild_id, title, query)
        while len(self._files) > FILES_REMEMBERED:
            self._files.popitem(last=False)
        return ticket

    async def titles(
        self, guild_id: int, typed: str, reach: ReadableChannels, *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest songs within reach by what was typed of their titles."""
        return await self._titles.matching(guild_id, typed, reach.channels, limit=limit)

    async def titled(self, guild_id: int, typed: str, reach: ReadableChannels) -> int:
        """Return the song id whose title fits best what was typed.

        Raises:
            UnknownTitleError: there is none.
        """
        found = await self.titles(guild_id, typed, reach, limit=1)
        if not found:
            raise UnknownTitleError(typed)
        return found[0].song_id

    async def last_posted(self, guild_id: int, reach: ReadableChannels, find: Find) -> int:
        """Return the id of the song posted last in this channel.

        Args:
            guild_id: the server.
            reach: the channels to answer from.
            find: fetches a song's message again, to leave out what is no longer posted.

        Raises:
            NoSongYetError: there is none.
        """
        here = replace(reach, readable=reach.readable & {reach.asked_in}).channels
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        while songs := await self._songs.latest(guild_id, here, limit=1):
            if not await self._post_check.forget_gone(songs, find, deadline):
                return songs[0].song_id
        raise NoSongYetError

    async def posted_with(self, guild_id: int, message_id: int) -> tuple[int, ...]:
        """Return the ids of the remembered songs of a message."""
        songs = await self._songs.posted_with(guild_id, message_id)
        return tuple(song.song_id for song in songs)

    async def anything_within(self, guild_id: int, reach: ReadableChannels) -> bool:
        """Return whether there is any song to answer with."""
        return bool(await self._songs.latest(guild_id, reach.channels, limit=1))

    async def find(
        self, guild_id: int, request: SimilarRequest, reach: ReadableChannels, find: Find
    ) -> Found:
        """Answer a request from the channels within reach.

        Args:
            guild_id: the server.
            request: what is asked.
            reach: the channels to answer from.
            find: fetches a song's message again, to leave out what is no longer posted.

        Raises:
            ForgottenFileError: the file asked about is no longer in memory.
            UnknownSongError: the song asked about is gone, or not within reach.
            AnotherModelError: it waits to be embedded again.
            StorageError: the database could not do it.
        """
        if request.song_id is None:
            title, query = self._file(guild_id, request.ticket)
        else:
            query = await self._search.query_about(guild_id, request.song_id, reach)
            title = query.song.post.title if query.song else ""
        page = await self._page(guild_id, request, query, reach, find)
        marked = [match.song.song_id for match in page.matches]
        if not marked:
            return Found(request, title, query.song, page, None)
        around = await self._maps.map(guild_id, reach, query, marked=marked, limit=SONGS_AROUND)
        return Found(request, title, query.song, page, around)

    def _file(self, guild_id: int, ticket: str) -> tuple[str, Query]:
        file = self._files.get(ticket)
        if file is None or file.guild_id != guild_id:
            raise ForgottenFileError
        self._files.move_to_end(ticket)
        return file.title, file.query

    async def _page(
        self,
        guild_id: int,
        request: SimilarRequest,
        query: Query,
        reach: ReadableChannels,
        find: Find,
    ) -> Page:
        """Find a page of songs still posted.

        The next nearest replace those that are gone.
        """
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        asked = (query.song,) if query.song else ()
        while True:
            page = await self._search.nearest(
                guild_id, query, reach, request.filters, page=request.page
            )
            songs = [*(match.song for match in page.matches), *asked]
            gone = await self._post_check.forget_gone(songs, find, deadline)
            if query.song_id in gone:
                raise UnknownSongError(query.song_id or 0)
            if not gone:
                return page
