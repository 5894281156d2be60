"""What is done every day without being asked: forgetting by age, hearing old songs anew."""

from __future__ import annotations

import asyncio

import structlog
from discord.ext import commands

from bot.discord.cog import Cog
from bot.discord.messages import SongMessages
from bot.discord.requests import RequestGate
from bot.songbook.reembedding import Reembedding
from bot.songbook.retention import Retention

log = structlog.stdlib.get_logger(__name__)

HOURS = 24


class HousekeepingCog(Cog):
    """Keeps the songbook as it should be."""

    def __init__(
        self,
        gate: RequestGate,
        messages: SongMessages,
        reembedding: Reembedding,
        retention: Retention,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        super().__init__(gate)
        self._messages = messages
        self._rehearing = reembedding
        self._retention = retention
        self._message_content = message_content
        self._nights: asyncio.Task[None] | None = None

    async def ready(self, bot: commands.Bot) -> None:
        """Begin; from then on once a day."""
        self._messages.ask_through(bot)
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
            # Without the intent there is no file of a message to be heard.
            if self._message_content:
                await self._rehearing.run(self._messages.find)
        except Exception:  # tomorrow is another day; an exception would end the loop
            log.exception("housekeeping failed")
