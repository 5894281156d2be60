"""The commands about music."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ui import View

from bot.discord.attachments import (
    announce_left_out,
    fetch,
    files_of,
    song_of_command,
    songs_among,
    title_of,
)
from bot.discord.cog import Cog, localised
from bot.discord.messages import MessageLink, last_with_songs, linked_message, message_link
from bot.discord.requests import GuildRequest, Request, RequestGate
from bot.discord.ui import ID, PersistentButton
from bot.errors import NoSongHereError, NothingToHearError, OneSourceError
from bot.lessons.contributions import ContributionService, Giver
from bot.lessons.models import ServerGenres
from bot.listening.service import ListeningService
from bot.songbook.ingest import SongIngest
from cogs.lessons import wrong_genre_button
from cogs.listening._answer import answer_for
from cogs.similar import similar_button
from ml.music.hearing import Hearing
from storage.errors import StorageError
from storage.song_values import Outcome, Remembered

MOST_SONGS_A_MESSAGE = 5  # each gets an answer of its own


class HearPosted(
    PersistentButton,
    template="genre:posted:{message_id}",
    fields={"message_id": ID},
    action="hear_posted",
):
    """Hears the songs of a message in the same channel."""


class GenreCog(Cog):
    """Hears songs and says what they are."""

    persistent_items = (HearPosted,)

    def __init__(
        self,
        gate: RequestGate,
        listening: ListeningService,
        ingest: SongIngest,
        genres: ServerGenres,
        contributions: ContributionService,
        *,
        message_content: bool,
    ) -> None:
        """Join the gate and the services; `message_content`: whether files of messages show."""
        super().__init__(gate)
        self._message_content = message_content
        self._listening = listening
        self._remembering = ingest
        self._genres = genres
        self._contributions = contributions
        self.add_menu(localised("menu-genre"), self.genre_of_message)

    @app_commands.command(
        name=localised("command-genre"), description=localised("command-genre.description")
    )
    @app_commands.rename(
        file=localised("option-genre-file"),
        link=localised("option-genre-link"),
        private=localised("option-genre-private"),
    )
    @app_commands.describe(
        file=localised("option-genre-file.description", limit="song"),
        link=localised("option-genre-link.description"),
        private=localised("option-genre-private.description"),
    )
    async def genre(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment | None = None,
        link: str | None = None,
        private: bool = False,
    ) -> None:
        """Hear one attached song, that of a message, or the last one of the channel."""
        async with self.gate.handle(interaction) as request:
            if file is None or link is not None:
                await self._hear_posted(interaction, request, link, file, private=private)
                return
            self._listening.check_size(file.size)
            await request.defer(private=private)
            if private or not isinstance(request, GuildRequest) or request.message_id is None:
                hearing = await self._hear(file, interaction.guild_id)
                await self._answer(interaction, request, file, hearing, handed_over=True)
                return
            song = song_of_command(request, request.message_id, file, self._listening)
            hearing, kept = await self._remembering.hear(song)
            if isinstance(kept, StorageError):
                await self._answer(interaction, request, file, hearing, handed_over=True)
                raise kept
            await self._answer(interaction, request, file, hearing, kept, handed_over=True)

    async def _hear_posted(
        self,
        interaction: discord.Interaction,
        request: Request,
        link: str | None,
        file: discord.Attachment | None,
        *,
        private: bool,
    ) -> None:
        """Hear songs that are posted already; a link is refused before anything is fetched."""
        target = None if link is None else message_link(link)
        if file is not None:
            raise OneSourceError
        if not (self._message_content and isinstance(request, GuildRequest)):
            raise NoSongHereError(0, seen=False)
        assert isinstance(request.member, discord.Member)  # of a server
        elsewhere = target is not None and target.channel_id != request.channel_id
        await request.defer(private=private or elsewhere)  # no title leaves its channel
        if target is None:
            assert isinstance(interaction.channel, discord.abc.Messageable)
            message = await last_with_songs(interaction.channel, request.channel_id)
        else:
            message = await linked_message(request.member, target)
        await self._answer_each(interaction, request, message)

    async def hear_posted(self, interaction: discord.Interaction, message_id: int) -> None:
        """Hear the songs of a message in this channel, for everybody to see."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            assert isinstance(request.member, discord.Member)  # of a server
            await request.defer(private=False)
            link = MessageLink(request.guild_id, request.channel_id, message_id)
            message = await linked_message(request.member, link)
            await self._answer_each(interaction, request, message)

    async def genre_of_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Hear the songs of a message; only the one who asked sees the answers."""
        async with self.gate.handle(interaction) as request:
            if not songs_among(files_of(message)):
                raise NothingToHearError
            await request.defer(private=True)
            await self._answer_each(interaction, request, message)

    async def _answer_each(
        self, interaction: discord.Interaction, request: Request, message: discord.Message
    ) -> None:
        songs = songs_among(files_of(message))
        if not songs:
            raise NothingToHearError
        for song in songs[:MOST_SONGS_A_MESSAGE]:
            async with request.report_errors():  # one bad file does not cost the others
                hearing = await self._hear(song, interaction.guild_id)
                known = await self._known(message, song)
                await self._answer(interaction, request, song, hearing, known)
        await announce_left_out(request, len(songs), MOST_SONGS_A_MESSAGE)

    async def _known(self, message: discord.Message, song: discord.Attachment) -> Remembered | None:
        if message.guild is None:
            return None
        song_id = await self._remembering.known(message.guild.id, message.id, song.id)
        return None if song_id is None else Remembered(Outcome.KNOWN, song_id)

    async def _hear(self, song: discord.Attachment, server_id: int | None) -> Hearing:
        async with self._listening.admission.slot(server_id):
            return await self._listening.hear(await fetch(song, self._listening), server_id)

    async def _answer(
        self,
        interaction: discord.Interaction,
        request: Request,
        song: discord.Attachment,
        hearing: Hearing,
        kept: Remembered | None = None,
        *,
        handed_over: bool = False,
    ) -> None:
        """Answer in the server's own genres where they are sure.

        Only a song that was handed over to the command can be put right: what others posted is
        not the asker's to teach with. Nor can one be that is too short to learn from.
        """
        guild_id, title = interaction.guild_id, hearing.title or title_of(song)
        named, taught = await self._genres.name(guild_id, hearing)
        judged = hearing.kind == "music" and not hearing.too_short
        can_be_named = guild_id is not None and handed_over and judged
        song_id = kept.song_id if kept else None
        answer = await request.draw(
            answer_for,
            named,
            title,
            request.tr,
            outcome=kept.outcome if kept else None,
            taught=taught,
            can_be_named=can_be_named,
            in_words=guild_id is not None and judged and song_id is None,
        )
        view = View(timeout=None)
        if song_id is not None:
            view.add_item(similar_button(song_id, request.tr))
        if guild_id is not None and can_be_named:
            asker_id, sure = interaction.user.id, named.verdict.family is not None
            giver = Giver(guild_id, asker_id)
            ticket = self._contributions.note(giver, title, hearing, song_id)
            view.add_item(wrong_genre_button(ticket, asker_id, request.tr, sure=sure))
        await request.answer(answer.embed, answer.file(), view if view.children else None)
