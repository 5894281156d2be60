"""`/setup import`: store the songs of a channel's history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import discord
import structlog
from discord import app_commands
from discord.abc import Messageable
from discord.ext import commands
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.cog import Cog, localised
from bot.discord.messages import NEEDED, ChannelHistory, Readable
from bot.discord.permissions import (
    is_administrator,
    require_administrator,
    require_own_permissions,
)
from bot.discord.requests import RequestGate
from bot.discord.shards import ShardedBot
from bot.discord.ui import Field, LiveMessage, MessageContent, PersistentButton
from bot.errors import NeedsMessageContentError
from bot.i18n import Translator, translator_for
from bot.i18n.error_messages import error_message
from bot.listening.service import ListeningService
from bot.rendering.palette import LAVENDER
from bot.songbook.importing import ImportService, Progress
from cogs.songbook._remembering import about_channel
from storage.channels import Import, ImportState, Notice

log = structlog.stdlib.get_logger(__name__)

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
        "songbook-import-too-short": counts.too_short,
        "songbook-import-messages": counts.messages,
    }
    lines.append(" · ".join(tr(key, count=count) for key, count in others.items() if count))
    if progress.state is ImportState.RUNNING:
        lines += _pace(progress, tr)
    if progress.state is ImportState.DONE and counts.remembered + counts.known:
        lines.append(tr("songbook-import-next"))
    if progress.stopped_by is not None:
        lines.append(error_message(progress.stopped_by, tr) or tr("songbook-import-trouble"))
    text = "\n".join(line for line in lines if line)
    return discord.Embed(description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def _pace(progress: Progress, tr: Translator) -> list[str]:
    lines, pace = [], []
    if progress.title is not None:
        lines.append(tr("songbook-import-now", title=escape_markdown(progress.title)))
    if progress.songs_a_minute is not None:
        pace.append(tr("songbook-import-pace", songs=round(progress.songs_a_minute)))
    if progress.left_seconds is not None:
        minutes = tr("minutes", minutes=max(1, round(progress.left_seconds / 60)))
        pace.append(tr("songbook-import-left", minutes=minutes))
    return [*lines, " · ".join(pace)]


IMPORT_ID = Field(r"[0-9]{1,18}", int)


class CancelButton(
    PersistentButton,
    template="songbook:cancel:{import_id}",
    fields={"import_id": IMPORT_ID},
    action="cancel",
):
    """Cancels an import."""


class SongbookImportCog(Cog):
    """Runs imports, over restarts."""

    persistent_items = (CancelButton,)

    def __init__(
        self,
        gate: RequestGate,
        setup: app_commands.Group,
        listening: ListeningService,
        importing: ImportService,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put the command into `setup`.

        Args:
            gate: where requests come in.
            setup: administrators' group.
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
            setup,
            localised("command-setup-import"),
            localised("command-setup-import.description"),
            self.import_channel,
        )

    @about_channel(localised("option-songbook-history"))
    async def import_channel(self, interaction: discord.Interaction, channel: Readable) -> None:
        """Remember the songs of a channel's history."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            if not self._message_content:
                raise NeedsMessageContentError
            require_own_permissions(channel, *NEEDED)
            await self._importing.require_allowed(channel.guild.id)
            await request.defer(private=False)
            by = interaction.user.id
            begun = await self._importing.start(channel.guild.id, channel.id, by)
            progress = Progress(ImportState.RUNNING, begun.counts)
            embed = progress_embed(progress, channel.id, request.tr)
            await request.answer(embed, view=_view(begun.import_id, request.tr))
            assert request.message_id is not None  # Discord returns it for every answer
            locale = interaction.locale.value
            notice = Notice(request.channel_id, request.message_id, locale)
            self._run_in_background(replace(begun, notice=notice), channel)

    async def cancel(self, interaction: discord.Interaction, import_id: int) -> None:
        """End an import for whoever began it, or an administrator."""
        async with self.gate.handle_guild(interaction) as request:
            cancelled = await self._importing.cancel(
                request.guild_id,
                import_id,
                interaction.user.id,
                administrator=is_administrator(interaction),
            )
            await request.defer_in_place()
            key = "songbook-import-ending" if cancelled else "songbook-import-over"
            await request.send_ephemeral(request.tr(key))

    async def ready(self, bot: ShardedBot) -> None:
        """Go on with what a restart interrupted."""
        for guild in bot.guilds:
            await self.on_guild_available(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Resume the imports of a server that was out of reach."""
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
        notice = begun.notice
        message: LiveMessage[Progress] = LiveMessage(
            partial(_content, begun, translator_for(notice.locale if notice else "en")),
            partial(_channel_of, notice, channel.guild),
            notice.message_id if notice else None,
        )
        history = ChannelHistory(channel, self._listening)
        log.info("import_running", import_id=begun.import_id, guild=begun.guild_id)
        try:
            ended = await self._importing.run(begun, history, message.show, notice)
        except Exception as error:  # of the database, or unforeseen: it goes on after a restart
            log.error("import_stopped", import_id=begun.import_id, exc_info=error)
            ended = Progress(ImportState.RUNNING, begun.counts, stopped_by=error)
        except asyncio.CancelledError:
            await message.close()
            raise
        log.info("import_ended", import_id=begun.import_id, state=ended.state.value)
        await message.finish(ended)


async def _content(begun: Import, tr: Translator, progress: Progress) -> MessageContent:
    goes_on = progress.state is ImportState.RUNNING and progress.stopped_by is None
    view = _view(begun.import_id, tr) if goes_on else None
    return MessageContent(progress_embed(progress, begun.channel_id, tr), view)


async def _channel_of(notice: Notice | None, guild: discord.Guild) -> Messageable | None:
    """Find the channel that shows the progress.

    None where there is none any more.
    """
    channel = guild.get_channel_or_thread(notice.channel_id) if notice else None
    return channel if isinstance(channel, Messageable) else None


def _view(import_id: int, tr: Translator) -> View:
    view = View(timeout=None)
    view.add_item(CancelButton(tr("songbook-import-cancel"), import_id=import_id))
    return view
