"""Which songs of a server sound like one: the question, the page of answers, the map."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import sha256

from bot.listening.service import ListeningService
from bot.songbook.service import Songbook
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import (
    Filters,
    Page,
    Query,
    ReadableChannels,
    SongMap,
    UnknownSongError,
    heard_from,
)
from storage.song_values import Song, Title

MOST_FILES = 500  # songs asked about by file that are kept in mind, the last ones asked about
SONGS_ON_MAP = 600  # more would make every page wait for its picture


class ForgottenFileError(Exception):
    """The file asked about is out of mind: asked long ago, or before a restart."""

    code = "forgotten_file"


class NoSongYetError(Exception):
    """No song of this channel is remembered, so there is none to ask about."""

    code = "no_song_yet"


class UnknownTitleError(Exception):
    """No song within reach has these words in its title."""

    code = "unknown_title"

    def __init__(self, typed: str) -> None:
        super().__init__(f"{len(typed)} characters typed")  # what they are is in no log
        self.typed = typed


@dataclass(frozen=True, slots=True)
class SimilarRequest:
    """What is asked, small enough to be written on a button.

    Attributes:
        song_id: the remembered song asked about, or None for a file.
        ticket: names the file asked about, empty for a remembered song.
        page: from 0.
        filters: what the asker wants to hear of only.
    """

    song_id: int | None
    ticket: str = ""
    page: int = 0
    filters: Filters = Filters()  # noqa: RUF009 - frozen, so it can be shared


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the answer.

    Attributes:
        question: what was asked.
        title: of the song asked about.
        asked: the song asked about, where it is remembered.
        page: the songs that sound like it.
        map: where they all stand; None when there is nothing to show.
    """

    question: SimilarRequest
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
    """Answers questions about a server's songs."""

    def __init__(
        self, listening: ListeningService, songbook: Songbook, still_posted: PostCheck
    ) -> None:
        """Hear files through `listening`, search in `songbook`, show what is `still_posted`."""
        self._listening = listening
        self._songbook = songbook
        self._still_posted = still_posted
        self._files: OrderedDict[str, _File] = OrderedDict()

    async def hear(self, guild_id: int, title: str, data: bytes) -> str:
        """Hear a file to ask about; nothing of it is stored, its numbers are kept in mind.

        Returns:
            The ticket that names it.

        Raises:
            AudioError: it cannot be heard.
        """
        hearing = await self._listening.hear(data, guild_id)
        content = await asyncio.to_thread(lambda: sha256(data).digest())
        ticket = secrets.token_hex(6)
        query = Query.of(heard_from(hearing), content)
        self._files[ticket] = _File(guild_id, title, query)
        while len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return ticket

    async def titled(self, guild_id: int, typed: str, reach: ReadableChannels) -> int:
        """Find the song whose title fits best what was typed.

        Raises:
            UnknownTitleError: there is none.
        """
        found = await self.titles(guild_id, typed, reach, limit=1)
        if not found:
            raise UnknownTitleError(typed)
        return found[0].song_id

    async def titles(
        self, guild_id: int, typed: str, reach: ReadableChannels, *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest songs by what was typed of their titles."""
        return await self._songbook.titles(guild_id, typed, reach, limit=limit)

    async def last_posted(self, guild_id: int, reach: ReadableChannels) -> int:
        """Find the remembered song posted last where the question is asked.

        Raises:
            NoSongYetError: there is none.
        """
        here = replace(reach, readable=reach.readable & {reach.asked_in})
        until = asyncio.get_running_loop().time() + LOOK_SECONDS
        while songs := await self._songbook.latest(guild_id, here, limit=1):
            if not await self._still_posted.forget_gone(songs, until):
                return songs[0].song_id
        raise NoSongYetError

    async def posted_with(self, guild_id: int, message_id: int) -> tuple[int, ...]:
        """Find the remembered songs of a message."""
        songs = await self._songbook.posted_with(guild_id, message_id)
        return tuple(song.song_id for song in songs)

    async def anything_within(self, guild_id: int, reach: ReadableChannels) -> bool:
        """Tell whether there is any song to answer with."""
        return bool(await self._songbook.latest(guild_id, reach, limit=1))

    async def find(self, guild_id: int, question: SimilarRequest, reach: ReadableChannels) -> Found:
        """Answer a question from the channels within reach.

        Raises:
            ForgottenFileError: the file asked about is out of mind.
            UnknownSongError: the song asked about is gone, or not within reach.
            AnotherModelError: it waits to be heard again.
            StorageError: the database could not do it.
        """
        title, asked, query = await self._asked_about(guild_id, question, reach)
        page = await self._page(guild_id, question, asked, query, reach)
        marked = [match.song.song_id for match in page.matches]
        if not marked:
            return Found(question, title, asked, page, None)
        around = await self._songbook.map(guild_id, reach, query, marked=marked, most=SONGS_ON_MAP)
        return Found(question, title, asked, page, around)

    async def _page(
        self,
        guild_id: int,
        question: SimilarRequest,
        asked: Song | None,
        query: Query,
        reach: ReadableChannels,
    ) -> Page:
        """Find a page of songs that are still posted; the next nearest take the others' places."""
        until = asyncio.get_running_loop().time() + LOOK_SECONDS
        while True:
            page = await self._songbook.nearest(
                guild_id, query, reach, question.filters, page=question.page
            )
            songs = [match.song for match in page.matches] + ([asked] if asked else [])
            gone = await self._still_posted.forget_gone(songs, until)
            if asked is not None and asked.song_id in gone:
                raise UnknownSongError(asked.song_id)
            if not gone:
                return page

    async def _asked_about(
        self, guild_id: int, question: SimilarRequest, reach: ReadableChannels
    ) -> tuple[str, Song | None, Query]:
        if question.song_id is not None:
            query = await self._songbook.query_about(guild_id, question.song_id, reach)
            song = await self._songbook.song(guild_id, question.song_id, reach)
            if song is None:  # forgotten in between
                raise UnknownSongError(question.song_id)
            return song.post.title, song, query
        file = self._files.get(question.ticket)
        if file is None or file.guild_id != guild_id:
            raise ForgottenFileError
        self._files.move_to_end(question.ticket)
        return file.title, None, file.query
