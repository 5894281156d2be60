"""Every day: forget songs by age, embed songs of earlier models again."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog
from discord.ext import commands

from bot.discord.cog import Cog
from bot.discord.messages import SongMessages
from bot.discord.requests import RequestGate
from bot.songbook.ingest import Reembedding
from bot.songbook.sync import Retention

log = structlog.stdlib.get_logger(__name__)

PERIOD_SECONDS = 24 * 3600.0


class HousekeepingCog(Cog):
    """Runs retention and re-embedding at every start and once a day."""

    def __init__(
        self,
        gate: RequestGate,
        messages: SongMessages,
        reembedding: Reembedding,
        retention: Retention,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts.

        Args:
            gate: where requests come in.
            messages: fetches a song's message again.
            reembedding: embeds songs of earlier models again.
            retention: forgets by age.
            message_content: whether the files of messages can be seen.
        """
        super().__init__(gate)
        self._messages = messages
        self._reembedding = reembedding
        self._retention = retention
        self._message_content = message_content
        self._task: asyncio.Task[None] | None = None

    async def ready(self, bot: commands.Bot) -> None:
        """Begin; from then on once a day."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run_daily(bot), name="housekeeping")

    async def cog_unload(self) -> None:
        """Stop; the next start goes on."""
        if self._task is not None:
            self._task.cancel()

    async def _run_daily(self, bot: commands.Bot) -> None:
        # Not a loop of discord.py's, which makes up for every day that the clock jumped over.
        while True:
            await self._run_once(bot)
            await asyncio.sleep(PERIOD_SECONDS)

    async def _run_once(self, bot: commands.Bot) -> None:
        try:
            await self._retention.sweep()
            # Without the intent no file of a message can be fetched.
            if self._message_content:
                await self._reembedding.run(partial(self._messages.find, bot))
        except Exception:  # it is tried again tomorrow; an exception would end the loop
            log.exception("housekeeping_failed")
