"""The one message that shows a lesson: kept up to date, over restarts and past fifteen minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

import aiohttp
import discord
import structlog
from discord.abc import Messageable

from bot.lessons.values import LessonProgress
from storage.lesson_values import Job, JobNotice, JobState

log = structlog.stdlib.get_logger(__name__)

EDIT_SECONDS = 2.0  # between two edits at least, as Discord asks
TOKEN_SECONDS = 14 * 60.0  # an interaction can be edited for fifteen minutes
ENDED = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)
PICTURE_NAME = "lesson.png"


@dataclass(frozen=True, slots=True)
class LessonView:
    """What a board shows."""

    embed: discord.Embed
    view: discord.ui.View | None
    picture: bytes | None
    alt: str = ""

    def files(self) -> list[discord.File]:
        """Wrap the picture for sending; a file can be sent once."""
        if self.picture is None:
            return []
        return [discord.File(BytesIO(self.picture), PICTURE_NAME, description=self.alt)]


class Surface(Protocol):
    """A message that can show something."""

    async def put(self, face: LessonView) -> None:
        """Show it."""


class InteractionSurface:
    """The answer to an interaction, which can be edited by its token for a while."""

    def __init__(
        self, interaction: discord.Interaction, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interaction = interaction
        self._clock = clock
        self._until = clock() + TOKEN_SECONDS

    @property
    def expired(self) -> bool:
        """Whether it can be edited no more."""
        return self._clock() >= self._until

    async def put(self, face: LessonView) -> None:
        """Show it."""
        await self._interaction.edit_original_response(
            embed=face.embed, attachments=face.files(), view=face.view
        )


class Ordinary:
    """An ordinary message of the bot's."""

    def __init__(self, message: discord.PartialMessage | discord.Message) -> None:
        self._message = message

    async def put(self, face: LessonView) -> None:
        """Show it."""
        await self._message.edit(embed=face.embed, attachments=face.files(), view=face.view)


class Boards(Protocol):
    """What a board needs of its cog."""

    async def room(self, job: Job) -> Messageable | None:
        """Find the channel in which a lesson is shown."""

    async def face(self, progress: LessonProgress) -> LessonView:
        """Word and draw progress."""

    async def moved(self, job: Job, notice: JobNotice) -> None:
        """Note that a lesson is shown in another message from now on."""

    async def told(self, job: Job) -> None:
        """Note that the end of a lesson was shown."""


class Board:
    """Shows one lesson, at most one edit every two seconds, the last state always."""

    def __init__(
        self,
        job: Job,
        boards: Boards,
        answer: InteractionSurface | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Show `job`; `answer` is edited as long as it can be, then an ordinary message."""
        self._job = job
        self._boards = boards
        self._surface: Surface | None = answer
        self._answer = answer
        self._clock = clock
        self._sleep = sleep
        self._edited = clock()
        self._next: LessonProgress | None = None
        self._showing: asyncio.Task[None] | None = None

    def show(self, progress: LessonProgress) -> None:
        """Show progress as soon as an edit is due; what came in between is passed over."""
        self._next = progress
        if self._showing is None or self._showing.done():
            self._showing = asyncio.create_task(self._catch_up(), name="lesson board")

    async def close(self) -> None:
        """Stop showing; after a restart another board goes on."""
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

    async def _catch_up(self) -> None:
        while self._next is not None:
            await self._sleep(max(0.0, self._edited + EDIT_SECONDS - self._clock()))
            progress, self._next = self._next, None
            shown = await self._put(await self._boards.face(progress))
            self._edited = self._clock()
            if shown and progress.state in ENDED:
                await self._boards.told(progress.job)

    async def _put(self, face: LessonView) -> bool:
        """Show something where it can be shown; False when that is nowhere."""
        if self._answer is not None and self._answer.expired:
            self._surface = self._answer = None
        try:
            surface = self._surface or await self._open()
            if surface is not None and await self._edit(surface, face):
                self._surface = surface
                return True
            self._answer = None  # it is gone
            return await self._send(face)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            log.warning("progress could not be shown", job=self._job.job_id, exc_info=True)
            return False

    async def _edit(self, surface: Surface, face: LessonView) -> bool:
        """Edit a message; False when it is gone, and another must take its place."""
        try:
            await surface.put(face)
        except (discord.NotFound, discord.Forbidden):
            return False
        return True

    async def _open(self) -> Surface | None:
        """Find the ordinary message that showed the lesson before a restart."""
        notice, room = self._job.notice, await self._boards.room(self._job)
        if notice is None or notice.message_id is None or room is None:
            return None
        partial = getattr(room, "get_partial_message", None)
        return Ordinary(partial(notice.message_id)) if partial else None

    async def _send(self, face: LessonView) -> bool:
        """Go on in a new ordinary message."""
        room, notice = await self._boards.room(self._job), self._job.notice
        if room is None or notice is None:
            return False
        view = face.view or discord.utils.MISSING
        message = await room.send(embed=face.embed, files=face.files(), view=view)
        self._surface = Ordinary(message)
        moved = JobNotice(notice.channel_id, message.id, notice.locale)
        await self._boards.moved(self._job, moved)
        return True
