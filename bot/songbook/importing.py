"""Importing: the songs of a channel's history, from its first message to its last."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.errors import CannotFetch, Declined, FileGone
from bot.songbook.ingest import PostedSong, SongIngest
from ml.audio.errors import AudioError
from storage.imports import Import, ImportCounts, Imports, ImportState, Notice
from storage.song_values import Outcome

log = structlog.stdlib.get_logger(__name__)

AHEAD = 8  # songs begun before the oldest is done; `SongIngest` hears a few of them at a time
MESSAGES_A_NOTE = 100  # without songs, after which the cursor is written down; Discord's page
TRIES = 5  # at reading on, when Discord fails
PAUSE_SECONDS = 30.0  # before each further try
SNOWFLAKE_TIME_BITS = 22  # Discord's ids count milliseconds above these

COUNTED = {
    Outcome.REMEMBERED: ImportCounts(remembered=1),
    Outcome.KNOWN: ImportCounts(known=1),
    Outcome.REFUSED: ImportCounts(refused=1),
    Outcome.FORGOTTEN: ImportCounts(),
}


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message with its songs, if any."""

    message_id: int
    songs: tuple[PostedSong, ...]


class History(Protocol):
    """A channel's messages.

    `last_id` is the newest message when the import began, None where that is unknown.
    """

    @property
    def last_id(self) -> int | None:
        """Tell how far there is to go."""

    def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        """Give every message after `message_id`, the oldest first.

        Raises:
            CannotFetch: Discord failed; trying again later may help.
            NeedsPermissions: the bot may not read the channel, or no longer.
        """


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come.

    Attributes:
        state: whether it runs, and how it ended.
        counts: what it met since it was first begun.
        title: the song listened to last; None before the first.
        songs_a_minute: speed since this start of the bot; None before it is known.
        left_seconds: how long it will still take; None before that is known.
        stopped_by: what ended it before its time.
    """

    state: ImportState
    counts: ImportCounts
    title: str | None = None
    songs_a_minute: float | None = None
    left_seconds: float | None = None
    stopped_by: Exception | None = None


class ImportService:
    """Starts, carries out and ends imports; each survives a restart."""

    def __init__(
        self,
        imports: Imports,
        ingest: SongIngest,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Join the parts; `sleep` and `clock` work in seconds."""
        self._imports = imports
        self._remembering = ingest
        self._sleep = sleep
        self._clock = clock

    async def start(self, guild_id: int, channel_id: int, started_by: int) -> Import:
        """Begin an import, or give the one that runs in this channel already."""
        return await self._imports.start(guild_id, channel_id, started_by)

    async def put_up(self, import_id: int, notice: Notice) -> None:
        """Keep where progress is shown."""
        await self._imports.put_up(import_id, notice)

    async def running(self) -> tuple[Import, ...]:
        """List the imports that go on after a start."""
        return await self._imports.running()

    async def find(self, guild_id: int, import_id: int) -> Import | None:
        """Find one import of this server."""
        return await self._imports.find(guild_id, import_id)

    async def cancel(self, import_id: int) -> bool:
        """End an import; False when it has ended already. What it remembered stays."""
        return await self._imports.finish(import_id, ImportState.CANCELLED)

    async def run(
        self, begun: Import, history: History, show: Callable[[Progress], None]
    ) -> Progress:
        """Carry an import on from where it stands.

        Cancelling the task leaves it running in the database, to go on after the next start.

        Args:
            begun: the import.
            history: the channel's messages.
            show: called after every step; returns at once.

        Returns:
            How it ended.

        Raises:
            StorageError: the database could not do it; the import goes on after the next start.
        """
        passage = _Passage(self._imports, self._remembering, begun, self._clock, show)
        for attempt in range(TRIES):
            if attempt:
                await self._sleep(PAUSE_SECONDS)
            try:
                await passage.read(history)
            except CannotFetch as error:
                log.warning("import interrupted", import_id=begun.import_id, attempt=attempt)
                stopped_by: Exception = error
            except Declined as error:
                stopped_by = error
                break
            else:
                return await self._end(passage, ImportState.DONE)
        return await self._end(passage, ImportState.FAILED, stopped_by)

    async def _end(
        self, passage: _Passage, state: ImportState, stopped_by: Exception | None = None
    ) -> Progress:
        ended = not passage.called_off and await self._imports.finish(passage.import_id, state)
        if not ended:  # somebody cancelled it, or its channel was deleted
            return replace(passage.progress(), state=ImportState.CANCELLED)
        return replace(passage.progress(), state=state, stopped_by=stopped_by)


@dataclass(slots=True)
class _Reading:
    """A message under way, and what becomes of its songs."""

    message_id: int
    songs: list[asyncio.Task[ImportCounts]] = field(default_factory=list)


class _Passage:
    """One import's way through the history in this run of the bot."""

    def __init__(
        self,
        imports: Imports,
        ingest: SongIngest,
        begun: Import,
        clock: Callable[[], float],
        show: Callable[[Progress], None],
    ) -> None:
        self.import_id = begun.import_id
        self.called_off = False
        self._imports = imports
        self._remembering = ingest
        self._clock = clock
        self._show = show
        self._started = clock()
        self._cursor = begun.cursor_id
        self._counts = begun.counts
        self._unwritten = ImportCounts()
        self._under_way: deque[_Reading] = deque()
        self._songs = 0
        self._title: str | None = None
        self._first_id = begun.cursor_id
        self._last_id: int | None = None

    async def read(self, history: History) -> None:
        """Go through what is left; stops early when the import was called off."""
        self._last_id = history.last_id
        try:
            async for message in history.after(self._cursor):
                self._begin(message)
                while self._oldest_is_due():
                    await self._finish_oldest()
                if self.called_off:
                    return
            while self._under_way and not self.called_off:
                await self._finish_oldest()
            await self._write_down()
        finally:
            await self._drop()

    def progress(self) -> Progress:
        """Tell how far it is."""
        passed = self._clock() - self._started
        speed = 60 * self._songs / passed if self._songs and passed > 0 else None
        left = self._left(passed)
        return Progress(ImportState.RUNNING, self._counts, self._title, speed, left)

    def _left(self, passed: float) -> float | None:
        """Guess the seconds left from the time that the history spans: ids grow with time."""
        if self._first_id is None or self._last_id is None or self._cursor is None:
            return None
        whole, done = (
            (each >> SNOWFLAKE_TIME_BITS) - (self._first_id >> SNOWFLAKE_TIME_BITS)
            for each in (self._last_id, self._cursor)
        )
        return max(0.0, passed * (whole - done) / done) if done > 0 else None

    def _oldest_is_due(self) -> bool:
        """Tell whether to count the oldest message now: it is done, or enough is begun."""
        if not self._under_way or self.called_off:
            return False
        done = all(song.done() for song in self._under_way[0].songs)
        return done or sum(len(each.songs) for each in self._under_way) > AHEAD

    def _begin(self, message: PostedMessage) -> None:
        if self._first_id is None:
            self._first_id = message.message_id
        songs = [asyncio.create_task(self._remember(song)) for song in message.songs]
        self._under_way.append(_Reading(message.message_id, songs))

    async def _remember(self, song: PostedSong) -> ImportCounts:
        async def fetch() -> bytes:
            self._title = song.post.title
            return await song.fetch()

        try:
            outcome = await self._remembering.remember_in_turn(PostedSong(song.post, fetch))
        except (AudioError, FileGone, CannotFetch):
            return ImportCounts(unheard=1)
        return COUNTED[outcome]

    async def _finish_oldest(self) -> None:
        """Wait for the oldest message under way and count it; the cursor never runs ahead."""
        oldest = self._under_way[0]
        met = sum(await asyncio.gather(*oldest.songs), ImportCounts(messages=1))
        self._under_way.popleft()
        self._cursor = oldest.message_id
        self._counts += met
        self._unwritten += met
        self._songs += len(oldest.songs)
        if oldest.songs or self._unwritten.messages >= MESSAGES_A_NOTE:
            await self._write_down()
            self._show(self.progress())

    async def _write_down(self) -> None:
        if self._cursor is not None and self._unwritten != ImportCounts():
            met, self._unwritten = self._unwritten, ImportCounts()
            self.called_off = not await self._imports.advance(self.import_id, self._cursor, met)

    async def _drop(self) -> None:
        """Leave what is under way; it is met again from the cursor on."""
        tasks = [task for each in self._under_way for task in each.songs]
        self._under_way.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
