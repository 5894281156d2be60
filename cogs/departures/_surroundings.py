"""What the bot can see of its servers and their channels."""

from __future__ import annotations

import aiohttp
import discord
from discord.ext import commands

UNKNOWN_CHANNEL = 10003  # any other 404 may be a proxy's, and is no word of Discord's


class DiscordSurroundings:
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
