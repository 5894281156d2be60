"""What goes with a server, and finding out which servers and channels went unheard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bot.services.atelier import Atelier
from bot.services.lessons import Lessons
from bot.services.songbook import Songbook
from storage.servers import Servers

log = structlog.stdlib.get_logger(__name__)

PAUSE_SECONDS = 1.0  # between two questions to Discord: nobody waits for them


class Surroundings(Protocol):
    """What the bot can see of Discord."""

    @property
    def bot_id(self) -> int:
        """The bot's own id there."""

    def left(self, guild_id: int) -> bool:
        """Tell whether the bot is certainly not in a server; one that is down may come back."""

    def sees(self, guild_id: int, channel_id: int) -> bool:
        """Tell whether a channel or thread is in sight, without asking anybody."""

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        """Ask Discord whether a channel is certainly no more; False where that cannot be told."""


class Departures:
    """Forgets servers and channels that are gone, whether the bot heard of it or not."""

    def __init__(
        self,
        songbook: Songbook,
        atelier: Atelier,
        lessons: Lessons,
        servers: Servers,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Join the parts; `sleep` waits for seconds."""
        self._songbook = songbook
        self._atelier = atelier
        self._lessons = lessons
        self._servers = servers
        self._sleep = sleep

    async def server_left(self, guild_id: int) -> None:
        """Forget everything about a server that is gone or sent the bot away."""
        await self._songbook.server_left(guild_id)  # rows first: files without one are swept
        await self._lessons.forget_server(guild_id)
        await self._atelier.portraits.server_left(guild_id)
        await self._atelier.icons.server_left(guild_id)

    async def catch_up(self, around: Surroundings) -> None:
        """Forget what went while nobody listened; it may be broken off and begun anew.

        A bot that comes to another's data is in none of its servers, and they are not gone.

        Raises:
            StorageError: the database could not do it.
        """
        if not await self._servers.belong_to(around.bot_id):
            log.warning("the data folder is another bot's: nothing is taken for gone")
            return
        servers = channels = 0
        for guild_id in sorted(await self._servers.known()):
            if around.left(guild_id):
                await self.server_left(guild_id)
                servers += 1
            else:
                channels += await self._forget_channels(guild_id, around)
        if servers or channels:
            log.info("gone meanwhile", servers=servers, channels=channels)

    async def _forget_channels(self, guild_id: int, around: Surroundings) -> int:
        forgotten = 0
        for channel_id in sorted(await self._servers.channels(guild_id)):
            if around.sees(guild_id, channel_id):
                continue
            if await around.is_gone(guild_id, channel_id):
                await self._songbook.channel_deleted(guild_id, channel_id)
                forgotten += 1
            await self._sleep(PAUSE_SECONDS)
        return forgotten
