"""What a server taught goes with the server."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.classroom import Classroom
from bot.services.songbook import Songbook


class TrainingDepartures(Cog):
    """Forgets the lessons of servers that are gone."""

    def __init__(self, desk: FrontDesk, classroom: Classroom, songbook: Songbook) -> None:
        """Join the desk and the services."""
        super().__init__(desk)
        self._lessons = classroom.lessons
        self._songbook = songbook

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server that is gone or sent the bot away; one that is only down comes back."""
        await self._songbook.server_left(guild.id)  # rows first: files without one are swept
        await self._lessons.forget_server(guild.id)
