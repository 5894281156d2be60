"""`/songbook import`: the songs of a channel's history."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any, Self, cast

import discord
import structlog
from discord import ButtonStyle, app_commands
from discord.ext import commands
from discord.ui import Button, DynamicItem, View

from bot.administrators import (
    is_administrator,
    require_administrator,
    require_own_permissions,
)
from bot.cog import Cog
from bot.errors import (
    AlreadyImporting,
    NeedsMessageContent,
    NotYours,
    RememberingNotAllowed,
)
from bot.front_desk import FrontDesk
from bot.services.importing import Importing, Progress
from bot.services.listening import Listening
from bot.services.remembering import Remembering
from bot.song_messages import NEEDED
from bot.translation import localised
from bot.words import Say, words_for
from cogs.songbook._history import ChannelHistory, Readable
from cogs.songbook._options import about_channel
from cogs.songbook._progress import Editable, ProgressNotice, progress_embed
from storage.import_values import Import, ImportState, Notice

log = structlog.stdlib.get_logger(__name__)


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
        cog = cast(commands.Bot, interaction.client).get_cog(SongbookImporting.__name__)
        await cast(SongbookImporting, cog).cancel(interaction, self.import_id)


class SongbookImporting(Cog):
    """Carries imports out, over restarts."""

    lasting = (CancelButton,)

    def __init__(
        self,
        desk: FrontDesk,
        group: app_commands.Group,
        listening: Listening,
        remembering: Remembering,
        importing: Importing,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put the command into `group`.

        Args:
            desk: where requests come in.
            group: `/songbook`.
            listening: knows how large a song may be.
            remembering: knows whether songs may be remembered.
            importing: imports.
            message_content: whether the host switched the message-content intent on.
        """
        super().__init__(desk)
        self._listening = listening
        self._remembering = remembering
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
        async with self.desk.serving(interaction) as request:
            require_administrator(interaction)
            if not self._message_content:
                raise NeedsMessageContent
            require_own_permissions(channel, *NEEDED)
            if not await self._remembering.allowed(channel.guild.id):
                raise RememberingNotAllowed
            await request.defer(private=False)
            by = interaction.user.id
            begun = await self._importing.start(channel.guild.id, channel.id, by)
            if begun.import_id in self._tasks:
                raise AlreadyImporting
            progress = Progress(ImportState.RUNNING, begun.counts)
            embed = progress_embed(progress, channel.id, request.say)
            await request.answer(embed, view=_view(begun.import_id, request.say))
            assert request.message_id is not None  # Discord tells it of every answer
            assert interaction.channel_id is not None  # of a server's commands
            locale = interaction.locale.value
            notice = Notice(interaction.channel_id, request.message_id, locale)
            await self._importing.put_up(begun.import_id, notice)
            self._go_on(replace(begun, notice=notice), channel)

    async def cancel(self, interaction: discord.Interaction, import_id: int) -> None:
        """End an import for whoever began it, or an administrator."""
        async with self.desk.serving(interaction) as request:
            begun = await self._importing.find(interaction.guild_id or 0, import_id)
            theirs = begun is not None and begun.started_by != interaction.user.id
            if theirs and not is_administrator(interaction):
                raise NotYours
            await request.defer_in_place()
            ended = begun is not None and await self._importing.cancel(import_id)
            key = "songbook-import-ending" if ended else "songbook-import-over"
            await request.whisper(request.say(key))

    async def ready(self, bot: commands.Bot) -> None:
        """Go on with what a restart interrupted."""
        for guild in bot.guilds:
            await self.on_guild_available(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Go on with the imports of a server that was out of reach."""
        for begun in await self._importing.running():
            if begun.guild_id == guild.id and not guild.unavailable:
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
            await self._importing.cancel(begun.import_id)
            return
        if isinstance(channel, Readable):
            self._go_on(begun, channel)

    def _go_on(self, begun: Import, channel: Readable) -> None:
        if begun.import_id in self._tasks:
            return
        task = asyncio.create_task(self._carry_out(begun, channel), name="import")
        self._tasks[begun.import_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(begun.import_id, None))

    async def _carry_out(self, begun: Import, channel: Readable) -> None:
        say = words_for(begun.notice.locale if begun.notice else "en")
        notice = ProgressNotice(
            _message_of(begun, channel.guild),
            lambda progress: progress_embed(progress, channel.id, say),
            _view(begun.import_id, say),
        )
        history = ChannelHistory(channel, self._listening)
        log.info("import goes on", import_id=begun.import_id, guild=begun.guild_id)
        try:
            ended = await self._importing.run(begun, history, notice.show)
        except Exception as error:  # of the database, or unforeseen: it goes on after a restart
            log.error("import stopped", import_id=begun.import_id, exc_info=error)
            ended = Progress(ImportState.RUNNING, begun.counts, stopped_by=error)
        finally:
            await notice.close()
        log.info("import over", import_id=begun.import_id, state=ended.state.value)
        await notice.finish(ended)


def _view(import_id: int, say: Say) -> View:
    view = View(timeout=None)
    view.add_item(CancelButton(import_id, say("songbook-import-cancel")))
    return view


def _message_of(begun: Import, guild: discord.Guild) -> Editable | None:
    """Find the message that shows the progress; None where there is none any more."""
    if begun.notice is None:
        return None
    room = guild.get_channel_or_thread(begun.notice.channel_id)
    if not isinstance(room, discord.abc.Messageable):
        return None
    return room.get_partial_message(begun.notice.message_id)
