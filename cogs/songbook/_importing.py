"""`/songbook import`: store the songs of a channel's history."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol, Self, cast

import discord
import structlog
from discord import ButtonStyle, app_commands
from discord.ext import commands
from discord.ui import Button, DynamicItem, View
from discord.utils import escape_markdown

from bot.discord.cog import Cog, localised
from bot.discord.messages import NEEDED, ChannelHistory, Readable
from bot.discord.permissions import (
    is_administrator,
    require_administrator,
    require_own_permissions,
)
from bot.discord.requests import RequestGate
from bot.errors import NeedsMessageContent
from bot.i18n import Translator, translator_for
from bot.i18n.error_messages import error_message
from bot.listening.service import ListeningService
from bot.rendering.palette import LAVENDER
from bot.songbook.importing import ImportService, Progress
from cogs.songbook._remembering import about_channel
from storage.imports import Import, ImportState, Notice

log = structlog.stdlib.get_logger(__name__)

EDIT_SECONDS = 2.0  # between two edits at least, as Discord asks
HEADINGS = {
    ImportState.RUNNING: "songbook-import-running",
    ImportState.DONE: "songbook-import-done",
    ImportState.CANCELLED: "songbook-import-cancelled",
    ImportState.FAILED: "songbook-import-failed",
}


def progress_embed(progress: Progress, channel_id: int, tr: Translator) -> discord.Embed:
    """Word an import's progress."""
    counts = progress.counts
    heading = tr(HEADINGS[progress.state], channel=f"<#{channel_id}>")
    lines = [f"**{heading}**", tr("songbook-import-songs", count=counts.remembered)]
    others = {
        "songbook-import-known": counts.known,
        "songbook-import-refused": counts.refused,
        "songbook-import-unheard": counts.unheard,
        "songbook-import-messages": counts.messages,
    }
    lines.append(" · ".join(tr(key, count=count) for key, count in others.items() if count))
    if progress.state is ImportState.RUNNING:
        lines += _underway(progress, tr)
    if progress.stopped_by is not None:
        lines.append(error_message(progress.stopped_by, tr) or tr("songbook-import-trouble"))
    text = "\n".join(line for line in lines if line)
    return discord.Embed(description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def _underway(progress: Progress, tr: Translator) -> list[str]:
    lines, pace = [], []
    if progress.title is not None:
        lines.append(tr("songbook-import-now", title=escape_markdown(progress.title)))
    if progress.songs_a_minute is not None:
        pace.append(tr("songbook-import-pace", songs=round(progress.songs_a_minute)))
    if progress.left_seconds is not None:
        minutes = tr("minutes", minutes=max(1, round(progress.left_seconds / 60)))
        pace.append(tr("songbook-import-left", minutes=minutes))
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
            log.warning("progress_not_shown", exc_info=True)
        self._edited = self._clock()


class CancelButton(DynamicItem[Button[Any]], template=r"songbook:cancel:(?P<import_id>\d{1,18})"):
    """Ends an import; it works in messages from before a restart, too."""

    def __init__(self, import_id: int, label: str = "·") -> None:
        """End the import `import_id`."""
        custom_id = f"songbook:cancel:{import_id}"
        super().__init__(Button(label=label, style=ButtonStyle.secondary, custom_id=custom_id))
        self.import_id = import_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(int(match["import_id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """End the import."""
        # Discord hands a press to the client alone; this leads back to the button's own cog.
        cog = cast(commands.Bot, interaction.client).get_cog(SongbookImportCog.__name__)
        await cast(SongbookImportCog, cog).cancel(interaction, self.import_id)


class SongbookImportCog(Cog):
    """Carries imports out, over restarts."""

    lasting = (CancelButton,)

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        listening: ListeningService,
        importing: ImportService,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put the command into `group`.

        Args:
            gate: where requests come in.
            group: `/songbook`.
            listening: knows how large a song may be.
            importing: imports.
            message_content: whether the host switched the message-content intent on.
        """
        super().__init__(gate)
        self._listening = listening
        self._importing = importing
        self._message_content = message_content
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.add_to(
            group,
            localised("command-songbook-import"),
            localised("command-songbook-import.description"),
            self.import_channel,
        )

    @about_channel(localised("option-songbook-history"))
    async def import_channel(self, interaction: discord.Interaction, channel: Readable) -> None:
        """Remember the songs of a channel's history."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            if not self._message_content:
                raise NeedsMessageContent
            require_own_permissions(channel, *NEEDED)
            await request.defer(private=False)
            by = interaction.user.id
            begun = await self._importing.start(channel.guild.id, channel.id, by)
            progress = Progress(ImportState.RUNNING, begun.counts)
            embed = progress_embed(progress, channel.id, request.tr)
            await request.answer(embed, view=_view(begun.import_id, request.tr))
            assert request.message_id is not None  # Discord tells it of every answer
            assert interaction.channel_id is not None  # of a server's commands
            locale = interaction.locale.value
            notice = Notice(interaction.channel_id, request.message_id, locale)
            self._run_in_background(replace(begun, notice=notice), channel)

    async def cancel(self, interaction: discord.Interaction, import_id: int) -> None:
        """End an import for whoever began it, or an administrator."""
        async with self.gate.handle(interaction) as request:
            cancelled = await self._importing.cancel(
                interaction.guild_id or 0,
                import_id,
                interaction.user.id,
                administrator=is_administrator(interaction),
            )
            await request.defer_in_place()
            key = "songbook-import-ending" if cancelled else "songbook-import-over"
            await request.send_ephemeral(request.tr(key))

    async def ready(self, bot: commands.Bot) -> None:
        """Go on with what a restart interrupted."""
        for guild in bot.guilds:
            await self.on_guild_available(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Go on with the imports of a server that was out of reach."""
        if not guild.unavailable:
            for begun in await self._importing.resumable(guild.id):
                await self._resume(begun, guild)

    async def cog_unload(self) -> None:
        """Stop; what is not done goes on after the next start."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _resume(self, begun: Import, guild: discord.Guild) -> None:
        try:
            channel = await guild.fetch_channel(begun.channel_id)
        except (discord.NotFound, discord.Forbidden):
            await self._importing.abandon(begun)
            return
        if isinstance(channel, Readable):
            self._run_in_background(begun, channel)

    def _run_in_background(self, begun: Import, channel: Readable) -> None:
        if begun.import_id in self._tasks:
            return
        task = asyncio.create_task(self._run(begun, channel), name="import")
        self._tasks[begun.import_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(begun.import_id, None))

    async def _run(self, begun: Import, channel: Readable) -> None:
        tr = translator_for(begun.notice.locale if begun.notice else "en")
        notice = ProgressNotice(
            _message_of(begun, channel.guild),
            lambda progress: progress_embed(progress, channel.id, tr),
            _view(begun.import_id, tr),
        )
        history = ChannelHistory(channel, self._listening)
        log.info("import_running", import_id=begun.import_id, guild=begun.guild_id)
        try:
            ended = await self._importing.run(begun, history, notice.show, begun.notice)
        except Exception as error:  # of the database, or unforeseen: it goes on after a restart
            log.error("import_stopped", import_id=begun.import_id, exc_info=error)
            ended = Progress(ImportState.RUNNING, begun.counts, stopped_by=error)
        finally:
            await notice.close()
        log.info("import_ended", import_id=begun.import_id, state=ended.state.value)
        await notice.finish(ended)


def _view(import_id: int, tr: Translator) -> View:
    view = View(timeout=None)
    view.add_item(CancelButton(import_id, tr("songbook-import-cancel")))
    return view


def _message_of(begun: Import, guild: discord.Guild) -> Editable | None:
    """Find the message that shows the progress; None where there is none any more."""
    if begun.notice is None:
        return None
    room = guild.get_channel_or_thread(begun.notice.channel_id)
    if not isinstance(room, discord.abc.Messageable):
        return None
    return room.get_partial_message(begun.notice.message_id)
