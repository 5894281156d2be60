"""Erase what Discord no longer has: messages, files in them, channels, servers."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.discord.cog import Cog, ShardedBot
from bot.discord.requests import RequestGate
from bot.privacy.erasure import ErasureService
from bot.songbook.service import Songbook
from bot.songbook.sync import GuildSync
from storage.erasure import NO_SERVER

log = structlog.stdlib.get_logger(__name__)

UNKNOWN_CHANNEL = 10003  # any other 404 may be a proxy's, and says nothing about the channel


class DiscordGuilds:
    """What discord.py's cache shows of servers; Discord is asked about the rest."""

    def __init__(self, bot: ShardedBot) -> None:
        """Look into the cache of `bot`."""
        self._bot = bot

    @property
    def bot_id(self) -> int:
        """The bot's own id, which is known once it is ready."""
        assert self._bot.user is not None
        return self._bot.user.id

    def left(self, guild_id: int) -> bool:
        """Return whether the bot is certainly not in a server of one of its own shards.

        One that is down is cached.
        """
        known = self._bot.knows_guilds_near(guild_id)
        return known and self._bot.get_guild(guild_id) is None

    def sees(self, guild_id: int, channel_id: int) -> bool:
        """Return whether a channel, or a thread that is not archived, is cached."""
        guild = self._bot.get_guild(guild_id)
        return guild is not None and guild.get_channel_or_thread(channel_id) is not None

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        """Ask Discord whether a channel was deleted; False where it does not tell."""
        guild = self._bot.get_guild(guild_id)
        if guild is None or guild.unavailable or not self._bot.knows_guilds_near(guild_id):
            return False
        try:
            await guild.fetch_channel(channel_id)
        except discord.NotFound as error:
            return error.code == UNKNOWN_CHANNEL
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError):
            return False
        return False


class ErasureCog(Cog):
    """Listens for deletions, and looks at each start for those that it missed."""

    def __init__(
        self,
        gate: RequestGate,
        erasure: ErasureService,
        guild_sync: GuildSync,
        songbook: Songbook,
        *,
        message_content: bool,
    ) -> None:
        """Erase by `erasure`.

        Args:
            gate: of every cog.
            erasure: erases messages, channels and servers.
            guild_sync: finds what went while nobody listened.
            songbook: forgets files that were taken out of a message.
            message_content: whether the files of messages can be seen.
        """
        super().__init__(gate)
        self._erasure = erasure
        self._guild_sync = guild_sync
        self._songbook = songbook
        self._message_content = message_content
        self._guilds: DiscordGuilds | None = None
        self._task: asyncio.Task[None] | None = None
        self._requested = False

    async def ready(self, bot: ShardedBot) -> None:
        """Look for what went before this connection: Discord does not repeat those events."""
        self._guilds = DiscordGuilds(bot)
        self._request_sync()

    async def cog_unload(self) -> None:
        """Stop looking; the next start looks again."""
        if self._task is not None:
            self._task.cancel()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Erase the songs and portraits of a deleted message."""
        guild_id = payload.guild_id or NO_SERVER
        await self._erasure.erase_messages(guild_id, [payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Erase the songs and portraits of many messages deleted at once."""
        guild_id = payload.guild_id or NO_SERVER
        await self._erasure.erase_messages(guild_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Forget the songs that were taken out of a message.

        Without the message-content intent every message seems to have lost its files, and the
        bot's own answers to `/genre` never showed the file they stand for: neither counts. Nor
        does a forward, which has no files of its own.
        """
        guild, attachments = payload.message.guild, payload.data.get("attachments")
        if not self._message_content or guild is None or attachments is None:
            return
        if payload.message.author.id != guild.me.id and not payload.message.flags.forwarded:
            left = [int(each["id"]) for each in attachments]
            await self._songbook.forget_other_attachments(guild.id, payload.message_id, left)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Erase a deleted channel with its threads."""
        await self._erasure.erase_channel(channel.guild.id, channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Erase a deleted thread."""
        await self._erasure.erase_channel(payload.guild_id, payload.thread_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Erase a server that is gone or removed the bot; one that is only down comes back."""
        await self._erasure.erase_guild(guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, _: discord.Guild) -> None:
        """Look again once a server is back that was down, or late."""
        if self._guilds is not None:
            self._request_sync()

    def _request_sync(self) -> None:
        self._requested = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._sync(), name="guild sync")

    async def _sync(self) -> None:
        """Look once, and once more when it was requested meanwhile."""
        while self._requested and self._guilds is not None:
            self._requested = False
            try:
                await self._guild_sync.catch_up(self._guilds)
            except Exception:  # what was not erased now is at the next start
                log.exception("guild_sync_failed")
