"""Answer `/similar`: which songs of a server sound like one, or like several."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from bot.errors import TooShortError
from bot.listening.service import ListeningService
from bot.retrieval.search import Hit, Ranking, VectorQuery, search
from bot.retrieval.vectors import SongMatrix, VectorCache, unit
from bot.songbook.ingest import Find
from bot.songbook.map import SongMaps, row_filter
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import (
    LEAST,
    AnotherModelError,
    Filters,
    Match,
    Page,
    Query,
    ReadableChannels,
    SongMap,
    UnknownSongError,
    closeness,
)
from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.music.hearing import SAME_SONG, SimilarityParts, SimilarityScale
from storage.song_queries import SongTitles
from storage.song_values import Song, Title
from storage.songs import Songs

Weights = Mapping[str, float]  # by part of the vector
# Returns how much each part counts in a server; 1 where none is given.
WeightsOf = Callable[[int], Awaitable[Weights]]

SONGS_A_PAGE = 5
SONGS_A_POSTER = 2  # on a page, where others are as alike, unless one member's were asked for
SONGS_AT_ONCE = 3  # that can be asked about
FILES_REMEMBERED = 500  # files asked about, the last ones, so that their pages can be turned
CHOSEN = "song:"  # before the id of a song that was chosen rather than typed
ID_DIGITS = 18  # more would not fit the database's numbers
SONGS_AROUND = 600  # on the map of an answer; more would make every page wait for its picture


async def all_alike(_: int) -> Weights:
    """Weigh every part as the model does."""
    return {}


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


class UnknownGenreError(Exception):
    """No song within reach is of a genre that was typed."""

    code = "unknown_genre"

    def __init__(self, typed: str) -> None:
        super().__init__(f"{len(typed)} characters typed")
        self.typed = typed


class SimilaritySearch:
    """Finds the songs of a server that sound most like those asked about.

    Never a song asked about, nor the same song in another file; each recording once; a few by one
    poster on a page where others are as alike; only from readable channels.
    """

    def __init__(
        self,
        songs: Songs,
        cache: VectorCache,
        executor: Executor,
        scale: SimilarityScale,
        *,
        same_song: float = SAME_SONG,
        weights: WeightsOf = all_alike,
    ) -> None:
        """Search the matrices of `cache`.

        Args:
            songs: the stored songs.
            cache: their vectors.
            executor: runs searches off the event loop.
            scale: how vectors are compared.
            same_song: cosine from which two vectors are one song in two encodings.
            weights: how much each part of the vector counts in a server.
        """
        self._songs = songs
        self._cache = cache
        self._executor = executor
        self._scale = scale
        self._same_song = same_song
        self._weights = weights
        self._levels = tuple(sorted(map(scale.cosine, LEAST.values())))

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
        content = song.post.content_hash
        return Query(
            model,
            vector[np.newaxis],
            song.traits.tempo_bpm,
            () if content is None else (content,),
            (song,),
        )

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
            query: what is asked about.
            reach: the channels to answer from.
            filters: restrict the answer.
            limit: songs a page.
            page: number of the page, from 0.

        Raises:
            AnotherModelError: a song asked about was embedded by another model.
            StorageError: the database could not do it.
        """
        if query.model != self._cache.model:
            raise AnotherModelError(found=query.model, expected=self._cache.model)
        asked = unit(np.asarray(query.vectors, np.float32))
        middle = asked.mean(axis=0)
        # As long as the mean is: so a score is the mean of the cosines to each song asked about.
        length = float(np.linalg.norm(middle))
        steered = self._scale.steered(unit(middle[np.newaxis])[0], await self._weights(guild_id))
        vector = np.asarray(steered * length, np.float32)
        per_poster = SONGS_A_POSTER if filters.poster_id is None else limit
        rules = (self._same_song, self._levels, per_poster, limit, page)
        while True:
            matrix = await self._cache.matrix(guild_id)
            rows = row_filter(matrix, reach, filters, query)
            question = VectorQuery(vector, asked, rows, *rules)
            ranking = await asyncio.get_running_loop().run_in_executor(
                self._executor, search, matrix.snapshot(), question
            )
            if not matrix.wiped:  # else it was evicted meanwhile
                return await self._page(guild_id, query, matrix, ranking, question)

    async def _page(
        self,
        guild_id: int,
        query: Query,
        matrix: SongMatrix,
        ranking: Ranking,
        asked: VectorQuery,
    ) -> Page:
        hits = {hit.song_id: hit for hit in ranking.hits if matrix.contains(hit.song_id)}
        songs = await self._songs.songs(guild_id, list(hits))
        matches = [self._match(query, asked.asked, song, hits[song.song_id]) for song in songs]
        return Page(
            tuple(matches),
            asked.page,
            max(1, -(-ranking.alike // asked.limit)),
            ranking.alike,
            ranking.compared,
            asked.page * asked.limit + 1,
        )

    async def compare(
        self, guild_id: int, query: Query, song_id: int, reach: ReadableChannels
    ) -> SimilarityParts:
        """Return how alike a remembered song is to what was asked about.

        Raises:
            UnknownSongError: the song is gone, or not within reach.
            AnotherModelError: it waits to be embedded again.
            StorageError: the database could not do it.
        """
        other = await self.query_about(guild_id, song_id, reach)
        return self._scale.compare_each(unit(query.vectors), unit(other.vectors)[0])

    def _match(self, query: Query, asked: npt.NDArray[np.float32], song: Song, hit: Hit) -> Match:
        return Match(
            song,
            closeness(self._scale.probability(hit.score)),
            self._scale.compare_each(asked, hit.vector),
            _tempo_ratio(query, song),
        )


def _tempo_ratio(query: Query, song: Song) -> float | None:
    if query.tempo_bpm is None or song.traits.tempo_bpm is None:
        return None
    return song.traits.tempo_bpm / query.tempo_bpm


@dataclass(frozen=True, slots=True)
class SimilarRequest:
    """What is asked, small enough for the custom id of a button.

    Attributes:
        song_ids: the remembered songs asked about, at most `SONGS_AT_ONCE`.
        ticket: names the file asked about; empty: none.
        page: from 0.
        filters: restrict the answer.
    """

    song_ids: tuple[int, ...] = ()
    ticket: str = ""
    page: int = 0
    filters: Filters = Filters()  # noqa: RUF009 - frozen, so it can be shared


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the answer.

    Attributes:
        request: what was asked.
        titles: of the songs asked about.
        asked: those of them that are remembered.
        page: the songs that sound like it.
        map: where they all stand; None when there is nothing to show.
    """

    request: SimilarRequest
    titles: tuple[str, ...]
    asked: tuple[Song, ...]
    page: Page
    map: SongMap | None


@dataclass(frozen=True, slots=True)
class _File:
    guild_id: int
    title: str
    query: Query
    song_ids: tuple[int, ...]  # remembered songs that are asked about with it


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
            maps: lays out where they stand, and knows by which genres one can filter.
            post_check: finds out which of them are no longer posted.
        """
        self._listening = listening
        self._songs = songs
        self._titles = titles
        self._search = nearest
        self.maps = maps
        self._post_check = post_check
        self._files: OrderedDict[str, _File] = OrderedDict()

    async def embed_file(
        self, guild_id: int, title: str, data: bytes, song_ids: tuple[int, ...] = ()
    ) -> str:
        """Embed a file to ask about.

        Its vector stays in memory, nothing is stored.

        Args:
            guild_id: the server.
            title: what to call it.
            data: the whole file.
            song_ids: remembered songs to ask about with it.

        Returns:
            The ticket that names it in a `SimilarRequest`.

        Raises:
            AudioError: it cannot be decoded.
            TooShortError: there is too little sound to compare it.
        """
        hearing = await self._listening.hear(data, guild_id)
        if hearing.too_short:
            raise TooShortError(LEAST_SECONDS_OF_SOUND)
        content = await asyncio.to_thread(lambda: sha256(data).digest())
        ticket = secrets.token_hex(6)
        tempo_bpm = hearing.rhythm.tempo_bpm if hearing.rhythm else None
        query = Query(hearing.model, hearing.vector[np.newaxis], tempo_bpm, (content,))
        self._files[ticket] = _File(guild_id, hearing.title or title, query, song_ids)
        while len(self._files) > FILES_REMEMBERED:
            self._files.popitem(last=False)
        return ticket

    async def titles(
        self, guild_id: int, typed: str, reach: ReadableChannels, *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest songs within reach by what was typed of their titles."""
        return await self._titles.matching(guild_id, typed, reach.channels, limit=limit)

    async def named(self, guild_id: int, named: str, reach: ReadableChannels) -> int:
        """Return the id of a song that was chosen among suggestions, or whose title was typed.

        Raises:
            UnknownTitleError: there is none.
        """
        chosen = named.removeprefix(CHOSEN)
        if named.startswith(CHOSEN) and chosen.isascii() and chosen.isdigit():
            return int(chosen[:ID_DIGITS])
        return await self.titled(guild_id, named, reach)

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

    async def posted_with(self, guild_id: int, message_id: int) -> dict[int, int]:
        """Return the remembered songs of a message: id of the file -> id of the song."""
        songs = await self._songs.posted_with(guild_id, message_id)
        return {song.post.attachment_id: song.song_id for song in songs}

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
        titles, query = await self._asked(guild_id, request, reach)
        page = await self._page(guild_id, request, query, reach, find)
        marked = [match.song.song_id for match in page.matches]
        if not marked:
            return Found(request, titles, query.songs, page, None)
        around = await self.maps.map(
            guild_id, reach, query, request.filters, marked=marked, limit=SONGS_AROUND, titles=0
        )
        return Found(request, titles, query.songs, page, around)

    async def compare(
        self, guild_id: int, request: SimilarRequest, song_id: int, reach: ReadableChannels
    ) -> SimilarityParts:
        """Return how alike a song found is to what was asked about.

        Raises:
            ForgottenFileError, UnknownSongError, AnotherModelError, StorageError: as `find`.
        """
        _, query = await self._asked(guild_id, request, reach)
        return await self._search.compare(guild_id, query, song_id, reach)

    async def _asked(
        self, guild_id: int, request: SimilarRequest, reach: ReadableChannels
    ) -> tuple[tuple[str, ...], Query]:
        """Return the titles of the songs asked about, and the query."""
        titles, queries, song_ids = [], [], request.song_ids
        if request.ticket:
            file = self._file(guild_id, request.ticket)
            titles.append(file.title)
            queries.append(file.query)
            song_ids = file.song_ids
        for song_id in song_ids:
            query = await self._search.query_about(guild_id, song_id, reach)
            titles += [song.post.title for song in query.songs]
            queries.append(query)
        return tuple(titles), Query.joined(queries)

    def _file(self, guild_id: int, ticket: str) -> _File:
        file = self._files.get(ticket)
        if file is None or file.guild_id != guild_id:
            raise ForgottenFileError
        self._files.move_to_end(ticket)
        return file

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
        while True:
            page = await self._search.nearest(
                guild_id, query, reach, request.filters, page=request.page
            )
            songs = [*(match.song for match in page.matches), *query.songs]
            gone = await self._post_check.forget_gone(songs, find, deadline)
            for song_id in query.song_ids:
                if song_id in gone:
                    raise UnknownSongError(song_id)
            if not gone:
                return page
