"""Delete what Discord no longer has: servers, channels, messages."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.discord.cog import Cog
from bot.discord.requests import RequestGate
from bot.portraits.features import PortraitServices
from bot.songbook.service import Songbook
from bot.songbook.sync import GuildSync
from storage.portraits import DIRECT_MESSAGES

UNKNOWN_CHANNEL = 10003  # any other 404 may be a proxy's, and is no word of Discord's


class DiscordGuilds:
    """Looks into discord.py's memory first; of what it does not know, Discord is asked."""

    def __init__(self, bot: commands.Bot) -> None:
        """Look through the eyes of `bot`."""
        self._bot = bot

    @property
    def bot_id(self) -> int:
        """The bot's own id, which is known once it is ready."""
        assert self._bot.user is not None
        return self._bot.user.id

    def left(self, guild_id: int) -> bool:
        """Tell whether the bot is certainly not in a server; one that is down is in the list."""
        return self._bot.is_ready() and self._bot.get_guild(guild_id) is None

    def sees(self, guild_id: int, channel_id: int) -> bool:
        """Tell whether a channel, or a thread that is not archived, is in memory."""
        guild = self._bot.get_guild(guild_id)
        return guild is not None and guild.get_channel_or_thread(channel_id) is not None

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        """Ask Discord whether a channel is no more; False for one it does not show or tell of."""
        guild = self._bot.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return False
        try:
            await guild.fetch_channel(channel_id)
        except discord.NotFound as error:
            return error.code == UNKNOWN_CHANNEL
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError):
            return False
        return False


log = structlog.stdlib.get_logger(__name__)


class GuildErasureCog(Cog):
    """Tells what is gone."""

    def __init__(self, gate: RequestGate, guild_sync: GuildSync) -> None:
        """Join the desk and the service."""
        super().__init__(gate)
        self._departures = guild_sync
        self._around: DiscordGuilds | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def ready(self, bot: commands.Bot) -> None:
        """Look around: what happened before Discord began to tell is told by nobody."""
        self._around = DiscordGuilds(bot)
        self._look()

    async def cog_unload(self) -> None:
        """Stop; the next start looks again."""
        if self._task is not None:
            self._task.cancel()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server that is gone or sent the bot away; one that is only down comes back."""
        await self._departures.server_left(guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, _: discord.Guild) -> None:
        """Look around once a server is back that was down, or late."""
        if self._around is not None:
            self._look()

    def _look(self) -> None:
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_quiet(), name="departures")

    async def _until_quiet(self) -> None:
        """Look once, and once more when something spoke for it meanwhile."""
        while self._again and self._around is not None:
            self._again = False
            try:
                await self._departures.catch_up(self._around)
            except Exception:  # what was not forgotten now is at the next start
                log.exception("looking for what is gone failed")


class SongErasureCog(Cog):
    """Forgets what Discord says is gone."""

    def __init__(
        self,
        gate: RequestGate,
        songbook: Songbook,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        super().__init__(gate)
        self._songbook = songbook
        self._message_content = message_content

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Forget the songs of a deleted message."""
        if payload.guild_id is not None:
            await self._songbook.forget_messages(payload.guild_id, [payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Forget the songs of many messages deleted at once."""
        if payload.guild_id is not None:
            await self._songbook.forget_messages(payload.guild_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Forget the songs that were taken out of a message.

        Without the message-content intent every message seems to have lost its files, and the
        bot's own answers to `/genre` never showed the file they stand for: neither says anything.
        """
        guild, attachments = payload.message.guild, payload.data.get("attachments")
        if not self._message_content or guild is None or attachments is None:
            return
        if payload.message.author.id != guild.me.id:
            left = [int(each["id"]) for each in attachments]
            await self._songbook.forget_other_attachments(guild.id, payload.message_id, left)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget a deleted channel with its threads."""
        await self._songbook.channel_deleted(channel.guild.id, channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget a deleted thread."""
        await self._songbook.channel_deleted(payload.guild_id, payload.thread_id)


class PortraitErasureCog(Cog):
    """Forgets what Discord says is gone."""

    def __init__(self, gate: RequestGate, portrait_services: PortraitServices) -> None:
        """Join the desk and the services."""
        super().__init__(gate)
        self._portraits = portrait_services.portraits

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Forget the portraits of a deleted answer."""
        place = payload.guild_id or DIRECT_MESSAGES
        await self._portraits.messages_deleted(place, [payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Forget the portraits of many answers deleted at once."""
        place = payload.guild_id or DIRECT_MESSAGES
        await self._portraits.messages_deleted(place, sorted(payload.message_ids))
