"""Forgets servers when they go, and what went while the bot was stopped or cut off."""

from __future__ import annotations

import asyncio

import discord
import structlog
from discord.ext import commands

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.departures import Departures
from cogs.departures._surroundings import DiscordSurroundings

log = structlog.stdlib.get_logger(__name__)


class DeparturesCog(Cog):
    """Tells what is gone."""

    def __init__(self, desk: FrontDesk, departures: Departures) -> None:
        """Join the desk and the service."""
        super().__init__(desk)
        self._departures = departures
        self._around: DiscordSurroundings | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def ready(self, bot: commands.Bot) -> None:
        """Look around: what happened before Discord began to tell is told by nobody."""
        self._around = DiscordSurroundings(bot)
        self._look()

    async def cog_unload(self) -> None:
        """Stop; the next start looks again."""
        if self._task is not None:
            self._task.cancel()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server that is gone or sent the bot away; one that is only down comes back."""
        await self._departures.server_left(guild.id)

    @commands.Cog.listener()
    async def on_guild_available(self, _: discord.Guild) -> None:
        """Look around once a server is back that was down, or late."""
        if self._around is not None:
            self._look()

    def _look(self) -> None:
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_quiet(), name="departures")

    async def _until_quiet(self) -> None:
        """Look once, and once more when something spoke for it meanwhile."""
        while self._again and self._around is not None:
            self._again = False
            try:
                await self._departures.catch_up(self._around)
            except Exception:  # what was not forgotten now is at the next start
                log.exception("looking for what is gone failed")
