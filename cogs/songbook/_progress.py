"""How an import's progress reads, and the message that shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import discord
import structlog
from discord.utils import escape_markdown

from bot.apologies import apology
from bot.pictures.palette import LAVENDER
from bot.services.importing import Progress
from bot.words import Say
from storage.import_values import ImportState

log = structlog.stdlib.get_logger(__name__)

EDIT_SECONDS = 2.0  # between two edits at least, as Discord asks
HEADINGS = {
    ImportState.RUNNING: "songbook-import-running",
    ImportState.DONE: "songbook-import-done",
    ImportState.CANCELLED: "songbook-import-cancelled",
    ImportState.FAILED: "songbook-import-failed",
}


def progress_embed(progress: Progress, channel_id: int, say: Say) -> discord.Embed:
    """Word an import's progress."""
    counts = progress.counts
    heading = say(HEADINGS[progress.state], channel=f"<#{channel_id}>")
    lines = [f"**{heading}**", say("songbook-import-songs", count=counts.remembered)]
    others = {
        "songbook-import-known": counts.known,
        "songbook-import-refused": counts.refused,
        "songbook-import-unheard": counts.unheard,
        "songbook-import-messages": counts.messages,
    }
    lines.append(" · ".join(say(key, count=count) for key, count in others.items() if count))
    if progress.state is ImportState.RUNNING:
        lines += _underway(progress, say)
    if progress.stopped_by is not None:
        lines.append(apology(progress.stopped_by, say) or say("songbook-import-trouble"))
    text = "\n".join(line for line in lines if line)
    return discord.Embed(description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def _underway(progress: Progress, say: Say) -> list[str]:
    lines, pace = [], []
    if progress.title is not None:
        lines.append(say("songbook-import-now", title=escape_markdown(progress.title)))
    if progress.songs_a_minute is not None:
        pace.append(say("songbook-import-pace", songs=round(progress.songs_a_minute)))
    if progress.left_seconds is not None:
        minutes = say("minutes", minutes=max(1, round(progress.left_seconds / 60)))
        pace.append(say("songbook-import-left", minutes=minutes))
    return [*lines, " · ".join(pace)]


class Editable(Protocol):
    """A message that can be edited: an ordinary one, which outlives any interaction."""

    async def edit(self, *, embed: discord.Embed, view: discord.ui.View | None) -> Any:
        """Show something else; Any: the message as Discord has it then."""


class ProgressNotice:
    """Keeps one message up to date, at most one edit every two seconds."""

    def __init__(
        self,
        message: Editable | None,
        word: Callable[[Progress], discord.Embed],
        view: discord.ui.View,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Show progress in `message`, which was sent just now; None shows it nowhere."""
        self._message = message
        self._word = word
        self._view = view
        self._clock = clock
        self._sleep = sleep
        self._edited = clock()
        self._editing: asyncio.Task[None] | None = None

    def show(self, progress: Progress) -> None:
        """Show progress if it is time; otherwise the next call may."""
        busy = self._editing is not None and not self._editing.done()
        if not busy and self._clock() - self._edited >= EDIT_SECONDS:
            self._editing = asyncio.create_task(self._edit(progress, self._view))

    async def finish(self, progress: Progress) -> None:
        """Show how it ended, without the button, as soon as another edit is due."""
        await self._sleep(max(0.0, self._edited + EDIT_SECONDS - self._clock()))
        await self._edit(progress, None)

    async def close(self) -> None:
        """Wait for an edit under way."""
        if self._editing is not None:
            await asyncio.wait([self._editing])

    async def _edit(self, progress: Progress, view: discord.ui.View | None) -> None:
        if self._message is None:
            return
        try:
            await self._message.edit(embed=self._word(progress), view=view)
        except (discord.NotFound, discord.Forbidden):
            self._message = None  # somebody deleted it; the import goes on
        except discord.HTTPException:
            log.warning("progress could not be shown", exc_info=True)
        self._edited = self._clock()
