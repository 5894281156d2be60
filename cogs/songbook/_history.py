"""A channel's messages, as an import reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import discord

from bot.attachments import is_by_people, songs_of
from bot.errors import CannotFetch, NeedsPermissions
from bot.services.importing import PostedMessage
from bot.services.listening import Listening
from bot.song_messages import NEEDED

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class ChannelHistory:
    """Reads a channel from its beginning; discord.py keeps to Discord's rate limits."""

    def __init__(self, channel: Readable, listening: Listening) -> None:
        """Read `channel`; `listening` knows how large a song may be."""
        self._channel = channel
        self._listening = listening

    @property
    def last_id(self) -> int | None:
        """Tell how far there is to go."""
        return self._channel.last_message_id

    async def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        """Give every message after `message_id`, the oldest first; bots' own without songs.

        Raises:
            CannotFetch: Discord, or the way to it, failed.
            NeedsPermissions: the channel cannot be read, or no longer.
        """
        start = discord.Object(message_id) if message_id is not None else None
        messages = self._channel.history(limit=None, after=start, oldest_first=True)
        try:
            async for message in messages:
                songs = songs_of(message, self._listening) if is_by_people(message) else ()
                yield PostedMessage(message.id, songs)
        except (discord.Forbidden, discord.NotFound) as error:
            raise NeedsPermissions(self._channel.id, NEEDED) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise CannotFetch from error
