"""What is done every day without being asked: forgetting by age, hearing old songs anew."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot.attachments import songs_of
from bot.cog import Cog
from bot.errors import CannotFetch, NeedsPermissions
from bot.front_desk import FrontDesk
from bot.services.listening import Listening
from bot.services.rehearing import Rehearing
from bot.services.remembering import PostedSong
from bot.services.retention import Retention
from cogs.songbook._history import NEEDED
from storage.song_values import Post

log = structlog.stdlib.get_logger(__name__)

HOURS = 24


class SongbookHousekeeping(Cog):
    """Keeps the songbook as it should be."""

    def __init__(
        self,
        desk: FrontDesk,
        listening: Listening,
        rehearing: Rehearing,
        retention: Retention,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        super().__init__(desk)
        self._listening = listening
        self._rehearing = rehearing
        self._retention = retention
        self._message_content = message_content
        self._bot: commands.Bot | None = None
        self._nights: asyncio.Task[None] | None = None

    async def ready(self, bot: commands.Bot) -> None:
        """Begin; from then on once a day."""
        self._bot = bot
        if self._nights is None or self._nights.done():
            self._nights = asyncio.create_task(self._every_night(), name="housekeeping")

    async def cog_unload(self) -> None:
        """Stop; the next start goes on."""
        if self._nights is not None:
            self._nights.cancel()

    async def _every_night(self) -> None:
        # Not a loop of discord.py's, which makes up for every night that the clock jumped over.
        while True:
            await self._tidy()
            await asyncio.sleep(HOURS * 3600)

    async def _tidy(self) -> None:
        try:
            await self._retention.sweep()
            # Without the intent every message seems to have lost its files.
            if self._message_content:
                await self._rehearing.run(self._find)
        except Exception:  # tomorrow is another day; an exception would end the loop
            log.exception("housekeeping failed")

    async def _find(self, post: Post) -> PostedSong | None:
        """Fetch a song's message again.

        Raises:
            CannotFetch: Discord failed, or the server is out of reach; or the song was heard by
                `/genre`, whose file is in no message: what was heard of it stays as it is.
            NeedsPermissions: the channel cannot be read.
        """
        guild = self._bot.get_guild(post.guild_id) if self._bot else None
        if self._bot is None or guild is None or guild.unavailable:
            raise CannotFetch
        room = self._bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            message = await room.fetch_message(post.message_id)
        except discord.NotFound:
            return None
        except discord.Forbidden as error:
            raise NeedsPermissions(post.channel_id, NEEDED) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise CannotFetch from error
        if message.author.id == guild.me.id:
            raise CannotFetch
        songs = {song.post.attachment_id: song for song in songs_of(message, self._listening)}
        return songs.get(post.attachment_id)
