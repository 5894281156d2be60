"""Import the songs of a channel's history, from its first message to its last."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.errors import (
    AlreadyImportingError,
    CannotFetchError,
    DeclinedError,
    FileGoneError,
    NotYoursError,
    RememberingNotAllowedError,
)
from bot.sharding import ALL_SHARDS, SNOWFLAKE_TIME_BITS, Shards
from bot.songbook.ingest import PostedSong, SongIngest
from ml.audio.errors import AudioError
from storage.channels import Import, ImportCounts, Imports, ImportState, Notice
from storage.song_values import Outcome

log = structlog.stdlib.get_logger(__name__)

SONGS_AHEAD = 8  # begun before the oldest message is done; `SongIngest` hears a few at a time
MESSAGES_A_SAVE = 100  # without songs, after which the cursor is saved; Discord's page
TRIES = 5  # at reading on, when Discord fails
PAUSE_SECONDS = 30.0  # before each further try

COUNTED = {
    Outcome.REMEMBERED: ImportCounts(remembered=1),
    Outcome.KNOWN: ImportCounts(known=1),
    Outcome.REFUSED: ImportCounts(refused=1),
    Outcome.NOT_MUSIC: ImportCounts(too_short=1),
    Outcome.TOO_SHORT: ImportCounts(too_short=1),
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
        """Id of the newest message when the import began; None: unknown."""

    def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        """Yield every message after `message_id`, the oldest first.

        Raises:
            CannotFetchError: Discord failed; trying again later may help.
            NeedsPermissionsError: the bot may not read the channel, or no longer.
        """


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come.

    Attributes:
        state: whether it runs, and how it ended.
        counts: what it met since it was first begun.
        title: the song fetched last; None before the first.
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
    """Starts, runs and cancels imports; each survives a restart."""

    def __init__(
        self,
        imports: Imports,
        ingest: SongIngest,
        shards: Shards = ALL_SHARDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Join the parts; imports go on for servers of `shards`. `sleep`, `clock`: in seconds."""
        self._imports = imports
        self._ingest = ingest
        self._shards = shards
        self._sleep = sleep
        self._clock = clock
        self._active: set[int] = set()  # ids of the imports that run in this process

    async def require_allowed(self, guild_id: int) -> None:
        """Check that songs may be remembered before an import begins.

        Raises:
            RememberingNotAllowedError: the server does not let the bot remember.
        """
        if not await self._ingest.allowed(guild_id):
            raise RememberingNotAllowedError

    async def start(self, guild_id: int, channel_id: int, started_by: int) -> Import:
        """Begin an import, or return the interrupted one of this channel.

        Raises:
            AlreadyImportingError: the channel is being imported.
        """
        begun = await self._imports.start(guild_id, channel_id, started_by)
        if begun.import_id in self._active:
            raise AlreadyImportingError
        return begun

    async def resumable(self, guild_id: int) -> list[Import]:
        """List the imports of a server that a restart interrupted."""
        return [
            each
            for each in await self._imports.running()
            if each.guild_id == guild_id
            and self._shards.owns(guild_id)
            and each.import_id not in self._active
        ]

    async def cancel(
        self, guild_id: int, import_id: int, member_id: int, *, administrator: bool
    ) -> bool:
        """Cancel an import for whoever began it, or an administrator.

        Its songs stay.

        Returns:
            False when it has ended already, or is none of this server's.

        Raises:
            NotYoursError: somebody else asks.
        """
        begun = await self._imports.find(guild_id, import_id)
        if begun is None:
            return False
        if begun.started_by != member_id and not administrator:
            raise NotYoursError
        return await self._imports.finish(import_id, ImportState.CANCELLED)

    async def abandon(self, begun: Import) -> None:
        """Cancel an import whose channel cannot be read any more."""
        await self._imports.finish(begun.import_id, ImportState.CANCELLED)

    async def run(
        self,
        begun: Import,
        history: History,
        show: Callable[[Progress], None],
        notice: Notice | None = None,
    ) -> Progress:
        """Carry an import on from where it stands.

        Cancelling the task leaves it running in the database, to go on after the next start.

        Args:
            begun: the import.
            history: the channel's messages.
            show: called after every step; returns at once.
            notice: where progress is shown, stored for the next start of the bot.

        Returns:
            How it ended.

        Raises:
            StorageError: the database could not do it; the import goes on after the next start.
        """
        self._active.add(begun.import_id)
        try:
            if notice is not None:
                await self._imports.set_notice(begun.import_id, notice)
            run = _ImportRun(self._imports, self._ingest, begun, self._clock, show)
            stopped_by = await self._read(run, history)
            return await self._end(run, stopped_by)
        finally:
            self._active.discard(begun.import_id)

    async def _read(self, run: _ImportRun, history: History) -> Exception | None:
        """Read the history to its end.

        Return what stopped it, None when it is done.
        """
        stopped_by: Exception | None = None
        for attempt in range(TRIES):
            if attempt:
                await self._sleep(PAUSE_SECONDS)
            try:
                await run.read(history)
            except CannotFetchError as error:
                log.warning("import_interrupted", import_id=run.import_id, attempt=attempt)
                stopped_by = error
            except DeclinedError as error:
                return error
            else:
                return None
        return stopped_by

    async def _end(self, run: _ImportRun, stopped_by: Exception | None) -> Progress:
        state = ImportState.DONE if stopped_by is None else ImportState.FAILED
        ended = not run.cancelled and await self._imports.finish(run.import_id, state)
        if not ended:  # somebody cancelled it, or its channel was deleted
            return replace(run.progress(), state=ImportState.CANCELLED)
        return replace(run.progress(), state=state, stopped_by=stopped_by)


@dataclass(slots=True)
class _PendingMessage:
    """A message whose songs are being remembered, one task a song."""

    message_id: int
    tasks: list[asyncio.Task[ImportCounts]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether all its songs are done."""
        return all(task.done() for task in self.tasks)


class _ImportRun:
    """One import in this run of the bot.

    A message is pending from `_begin` to `_count_oldest`: its songs are remembered meanwhile, up
    to `SONGS_AHEAD` of all pending messages at the same time. Messages are counted in the order
    in which they were posted, and the cursor follows, so that after a restart exactly those that
    were not counted are read again.

    Attributes:
        import_id: the import.
        cancelled: whether the import was found to be cancelled when the cursor was saved.
    """

    def __init__(
        self,
        imports: Imports,
        ingest: SongIngest,
        begun: Import,
        clock: Callable[[], float],
        show: Callable[[Progress], None],
    ) -> None:
        self.import_id = begun.import_id
        self.cancelled = False
        self._imports = imports
        self._ingest = ingest
        self._clock = clock
        self._show = show
        self._started = clock()
        self._cursor = begun.cursor_id  # the last message counted
        self._counts = begun.counts
        self._unsaved = ImportCounts()  # counted, but not in the database yet
        self._pending: deque[_PendingMessage] = deque()  # begun, but not counted yet
        self._songs = 0
        self._title: str | None = None
        self._first_id = begun.cursor_id
        self._last_id: int | None = None

    async def read(self, history: History) -> None:
        """Read what is left; return early when the import was cancelled."""
        self._last_id = history.last_id
        try:
            async for message in history.after(self._cursor):
                self._begin(message)
                while self._must_count():
                    await self._count_oldest()
                if self.cancelled:
                    return
            while self._pending and not self.cancelled:
                await self._count_oldest()
            await self._save()
        finally:
            await self._drop_pending()

    def progress(self) -> Progress:
        """Return how far it is."""
        passed = self._clock() - self._started
        speed = 60 * self._songs / passed if self._songs and passed > 0 else None
        left = self._left_seconds(passed)
        return Progress(ImportState.RUNNING, self._counts, self._title, speed, left)

    def _left_seconds(self, passed: float) -> float | None:
        """Estimate from the time that the history spans: ids grow with time."""
        if self._first_id is None or self._last_id is None or self._cursor is None:
            return None
        whole, done = (
            (each >> SNOWFLAKE_TIME_BITS) - (self._first_id >> SNOWFLAKE_TIME_BITS)
            for each in (self._last_id, self._cursor)
        )
        return max(0.0, passed * (whole - done) / done) if done > 0 else None

    def _begin(self, message: PostedMessage) -> None:
        if self._first_id is None:
            self._first_id = message.message_id
        tasks = [asyncio.create_task(self._remember(song)) for song in message.songs]
        self._pending.append(_PendingMessage(message.message_id, tasks))

    async def _remember(self, song: PostedSong) -> ImportCounts:
        async def fetch() -> bytes:
            self._title = song.post.title
            return await song.fetch()

        try:
            outcome = await self._ingest.remember_in_background(PostedSong(song.post, fetch))
        except (AudioError, FileGoneError, CannotFetchError):
            return ImportCounts(unheard=1)
        return COUNTED[outcome]

    def _must_count(self) -> bool:
        """Return whether the oldest message is done, or too much is pending."""
        if not self._pending or self.cancelled:
            return False
        return self._pending[0].done or sum(len(m.tasks) for m in self._pending) > SONGS_AHEAD

    async def _count_oldest(self) -> None:
        """Wait for the oldest pending message and count it.

        The cursor moves to it.
        """
        oldest = self._pending[0]
        counts = sum(await asyncio.gather(*oldest.tasks), ImportCounts(messages=1))
        self._pending.popleft()
        self._cursor = oldest.message_id
        self._counts += counts
        self._unsaved += counts
        self._songs += len(oldest.tasks)
        if oldest.tasks or self._unsaved.messages >= MESSAGES_A_SAVE:
            await self._save()
            self._show(self.progress())

    async def _save(self) -> None:
        if self._cursor is not None and self._unsaved != ImportCounts():
            counts, self._unsaved = self._unsaved, ImportCounts()
            self.cancelled = not await self._imports.advance(self.import_id, self._cursor, counts)

    async def _drop_pending(self) -> None:
        """Cancel what is pending; it is met again from the cursor on."""
        tasks = [task for message in self._pending for task in message.tasks]
        self._pending.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
