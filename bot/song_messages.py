"""Songs in their messages, fetched again."""

from __future__ import annotations

import aiohttp
import discord
from discord.ext import commands

from bot.attachments import songs_of
from bot.errors import CannotFetch, NeedsPermissions
from bot.services.listening import Listening
from bot.services.remembering import PostedSong
from storage.song_values import Post

NEEDED = ("view_channel", "read_message_history")
UNKNOWN = (10003, 10008)  # channel, message; any other 404 may be a proxy's


class SongMessages:
    """Asks Discord for the messages of remembered songs."""

    def __init__(self, listening: Listening, *, message_content: bool) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        self._listening = listening
        self._message_content = message_content
        self._bot: commands.Bot | None = None

    def ask_through(self, bot: commands.Bot) -> None:
        """Ask through a client that is connected; before, nothing can be told."""
        self._bot = bot

    async def find(self, post: Post) -> PostedSong | None:
        """Find a song again; None when its message, or the file in it, is gone.

        Raises:
            CannotFetch: Discord failed, the server is out of reach, or the files of the message
                cannot be seen: those of others without the message-content intent, and what the
                bot's own answers stand for never.
            NeedsPermissions: the channel cannot be read.
        """
        message = await self._fetch(post)
        if message is None:
            return None
        assert message.guild is not None
        if not self._message_content or message.author.id == message.guild.me.id:
            raise CannotFetch
        songs = {song.post.attachment_id: song for song in songs_of(message, self._listening)}
        return songs.get(post.attachment_id)

    async def _fetch(self, post: Post) -> discord.Message | None:
        guild = self._bot.get_guild(post.guild_id) if self._bot else None
        if self._bot is None or guild is None or guild.unavailable:
            raise CannotFetch
        room = self._bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            return await room.fetch_message(post.message_id)
        except discord.Forbidden as error:
            raise NeedsPermissions(post.channel_id, NEEDED) from error
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error, discord.NotFound) and error.code in UNKNOWN:
                return None
            raise CannotFetch from error
