"""The commands about music."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands

from bot.cog import Cog
from bot.errors import NothingToHear
from bot.front_desk import FrontDesk, Request
from bot.services.listening import Listening
from bot.translation import localised
from cogs.music._answer import answer_for
from cogs.music._songs import fetch, songs_among, title_of

MOST_SONGS_A_MESSAGE = 5  # each gets an answer of its own


class Music(Cog):
    """Hears songs and says what they are."""

    def __init__(self, desk: FrontDesk, listening: Listening) -> None:
        """Join the desk and the service."""
        super().__init__(desk)
        self._listening = listening
        self.add_menu(localised("menu-genre"), self.genre_of_message)

    @app_commands.command(
        name=localised("command-genre"), description=localised("command-genre.description")
    )
    @app_commands.rename(
        file=localised("option-genre-file"), private=localised("option-genre-private")
    )
    @app_commands.describe(
        file=localised("option-genre-file.description"),
        private=localised("option-genre-private.description"),
    )
    async def genre(
        self, interaction: discord.Interaction, file: discord.Attachment, private: bool = False
    ) -> None:
        """Hear one attached song."""
        async with self.desk.serving(interaction) as request:
            self._listening.check_size(file.size)
            await request.defer(private=private)
            await self._answer(request, file)

    async def genre_of_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Hear the songs of a message; only the one who asked sees the answers."""
        async with self.desk.serving(interaction) as request:
            songs = songs_among(message.attachments)[:MOST_SONGS_A_MESSAGE]
            if not songs:
                raise NothingToHear
            await request.defer(private=True)
            for song in songs:
                async with request.apologising():  # one bad file does not cost the others
                    await self._answer(request, song)

    async def _answer(self, request: Request, song: discord.Attachment) -> None:
        with self._listening.place():
            data = await fetch(song, self._listening)
            hearing = await self._listening.hear(data)
        answer = await asyncio.to_thread(answer_for, hearing, title_of(song), request.say)
        await request.answer(answer.embed, answer.file())
