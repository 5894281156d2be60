"""Songs go with their messages and channels; with servers everything does, see `departures`.

Raw events only: they come for messages and threads of any age, whether in memory or not.
"""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.remembering import Remembering
from bot.services.songbook import Songbook


class SongbookDepartures(Cog):
    """Forgets what Discord says is gone."""

    def __init__(
        self,
        desk: FrontDesk,
        remembering: Remembering,
        songbook: Songbook,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        super().__init__(desk)
        self._remembering = remembering
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
            await self._remembering.attachments_left(guild.id, payload.message_id, left)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget a deleted channel with its threads."""
        await self._songbook.channel_deleted(channel.guild.id, channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget a deleted thread."""
        await self._songbook.channel_deleted(payload.guild_id, payload.thread_id)
