"""The commands about music."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands

from bot.attachments import fetch, song_of_command, songs_among, title_of
from bot.cog import Cog
from bot.errors import NothingToHear
from bot.front_desk import FrontDesk, Request
from bot.services.listening import Listening
from bot.services.remembering import Remembering
from bot.translation import localised
from cogs.music._answer import answer_for
from ml.music.hearing import Hearing
from storage.song_values import Outcome

MOST_SONGS_A_MESSAGE = 5  # each gets an answer of its own


class Music(Cog):
    """Hears songs and says what they are."""

    def __init__(self, desk: FrontDesk, listening: Listening, remembering: Remembering) -> None:
        """Join the desk and the services."""
        super().__init__(desk)
        self._listening = listening
        self._remembering = remembering
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
            if private or interaction.guild_id is None or request.message_id is None:
                await self._answer(request, file, await self._hear(file))
                return
            song = song_of_command(interaction, request.message_id, file, self._listening)
            hearing, outcome = await self._remembering.hear(song)
            await self._answer(request, file, hearing, outcome)

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
                    await self._answer(request, song, await self._hear(song))

    async def _hear(self, song: discord.Attachment) -> Hearing:
        with self._listening.place():
            return await self._listening.hear(await fetch(song, self._listening))

    async def _answer(
        self,
        request: Request,
        song: discord.Attachment,
        hearing: Hearing,
        outcome: Outcome | None = None,
    ) -> None:
        remembered = outcome is Outcome.REMEMBERED
        answer = await asyncio.to_thread(
            answer_for, hearing, title_of(song), request.say, remembered=remembered
        )
        await request.answer(answer.embed, answer.file())
