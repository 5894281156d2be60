"""Hearing again, with the model of today, what an earlier model heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.errors import CannotFetch, Declined, FileGone
from bot.songbook.ingest import SongIngest
from bot.songbook.service import Songbook
from bot.songbook.sync import Find
from bot.songbook.values import heard_from
from ml.audio.errors import AudioError
from storage.song_values import Song

log = structlog.stdlib.get_logger(__name__)

PAUSE_SECONDS = 1.0  # between two songs: nobody waits, and each asks Discord for its message


@dataclass(frozen=True, slots=True)
class ReembeddingCounts:
    """How many songs were heard again, were gone, or wait for another time."""

    heard: int = 0
    gone: int = 0
    waiting: int = 0

    def __add__(self, other: ReembeddingCounts) -> ReembeddingCounts:
        return ReembeddingCounts(
            self.heard + other.heard, self.gone + other.gone, self.waiting + other.waiting
        )


class Reembedding:
    """Goes through the songs of older models; each that is done leaves the list for good."""

    def __init__(
        self,
        songbook: Songbook,
        ingest: SongIngest,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Join the parts; `sleep` waits for seconds."""
        self._songbook = songbook
        self._remembering = ingest
        self._sleep = sleep

    async def run(self, find: Find) -> ReembeddingCounts:
        """Hear every waiting song once; it may be broken off at any time and begun anew.

        Args:
            find: fetches a song's message again.

        Raises:
            StorageError: the database could not do it.
        """
        counts, after = ReembeddingCounts(), 0
        while songs := await self._songbook.waiting_to_be_heard_again(after):
            for song in songs:
                counts += await self._hear_again(song, find)
                await self._sleep(PAUSE_SECONDS)
            after = songs[-1].song_id
        if counts != ReembeddingCounts():
            log.info("heard again", heard=counts.heard, gone=counts.gone, waiting=counts.waiting)
        return counts

    async def _hear_again(self, song: Song, find: Find) -> ReembeddingCounts:
        guild_id = song.post.guild_id
        if not await self._remembering.allowed(guild_id):
            return ReembeddingCounts(waiting=1)
        try:
            posted = await find(song.post)
            if posted is not None:
                hearing = await self._remembering.hear_in_turn(posted)
                return ReembeddingCounts(
                    heard=await self._songbook.hear_again(song, heard_from(hearing))
                )
        except FileGone:
            pass
        except (AudioError, CannotFetch, Declined) as error:
            log.info("not heard again", song=song.song_id, reason=type(error).__name__)
            return ReembeddingCounts(waiting=1)
        return ReembeddingCounts(gone=await self._songbook.mark_gone(guild_id, song.song_id))
