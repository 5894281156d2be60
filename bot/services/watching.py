"""Watching: the channels in which posted songs are remembered as they come."""

from __future__ import annotations

from collections.abc import Collection

from bot.errors import RememberingNotAllowed
from bot.services.remembering import Remembering
from storage.channels import Channels


class Watching:
    """Knows which channels administrators switched on."""

    def __init__(self, channels: Channels, remembering: Remembering) -> None:
        """Join the parts."""
        self._channels = channels
        self._remembering = remembering

    async def watch(self, guild_id: int, channel_id: int, watched_by: int) -> bool:
        """Watch a channel; False when it is watched already.

        Raises:
            RememberingNotAllowed: the server does not let the bot remember.
        """
        if not await self._remembering.allowed(guild_id):
            raise RememberingNotAllowed
        return await self._channels.watch(guild_id, channel_id, watched_by)

    async def unwatch(self, guild_id: int, channel_id: int) -> bool:
        """Stop watching a channel; False when it was not watched."""
        return await self._channels.unwatch(guild_id, channel_id)

    async def watches(self, guild_id: int, channel_ids: Collection[int]) -> bool:
        """Tell whether one of these channels, say a thread's and its parent, is watched."""
        watched = await self._channels.watched(guild_id)
        return any(each.channel_id in channel_ids for each in watched)
