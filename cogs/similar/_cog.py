"""`/similar`, its context menu and its buttons: songs of the server that sound like one."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.attachments import fetch, songs_among, title_of
from bot.discord.cog import Cog, localised
from bot.discord.map_answers import words_for_nothing
from bot.discord.messages import SongMessages
from bot.discord.permissions import ChannelAccess, is_administrator, sight_of
from bot.discord.requests import GuildRequest, Request, RequestGate
from bot.discord.ui import is_invoker
from bot.errors import NothingToHearError
from bot.listening.service import ListeningService
from bot.songbook.ingest import Find, SongIngest
from bot.songbook.service import Songbook
from bot.songbook.similar import Found, SimilarityService, SimilarRequest
from bot.songbook.sync import PostCheck
from bot.songbook.values import Filters
from cogs.similar._answer import (
    OpenButton,
    SongSelect,
    TurnButton,
    answer_for,
    nothing_found,
    view_of,
)
from ml.music.hearing import GENRES

SONGS_A_MESSAGE = 3  # each gets an answer of its own
CHOSEN = "song:"  # before the id of a song that was chosen rather than typed
CHOICE_LIMIT = 100  # characters of a choice's name
SLOWEST, FASTEST = 20, 400  # beats a minute that can be asked for
Tempo = app_commands.Range[int, SLOWEST, FASTEST]


class SimilarCog(Cog):
    """Finds songs of the server that sound like one."""

    persistent_items = (TurnButton, SongSelect, OpenButton)

    def __init__(
        self,
        gate: RequestGate,
        listening: ListeningService,
        songbook: Songbook,
        ingest: SongIngest,
        similarity: SimilarityService,
        post_check: PostCheck,
        messages: SongMessages,
    ) -> None:
        """Join the parts.

        Args:
            gate: where requests come in.
            listening: knows how large a song may be.
            songbook: knows where songs were posted.
            ingest: knows whether the server lets the bot remember.
            similarity: answers.
            post_check: remembers which songs were found to be still posted.
            messages: fetches a song's message again.
        """
        super().__init__(gate)
        self._listening = listening
        self._songbook = songbook
        self._ingest = ingest
        self._similar = similarity
        self._post_check = post_check
        self._messages = messages
        self.add_menu(localised("menu-similar"), self.similar_to_message)

    async def ready(self, bot: commands.Bot) -> None:
        """Look every song up anew: deletions while offline are not replayed."""
        self._post_check.trust_nothing()

    @app_commands.command(
        name=localised("command-similar"), description=localised("command-similar.description")
    )
    @app_commands.guild_only()
    @app_commands.rename(
        file=localised("option-similar-file"),
        song=localised("option-similar-song"),
        genre=localised("option-similar-genre"),
        poster=localised("option-similar-poster"),
        tempo_min=localised("option-similar-slowest"),
        tempo_max=localised("option-similar-fastest"),
        private=localised("option-similar-private"),
    )
    @app_commands.describe(
        file=localised("option-similar-file.description"),
        song=localised("option-similar-song.description"),
        genre=localised("option-similar-genre.description"),
        poster=localised("option-similar-poster.description"),
        tempo_min=localised("option-similar-slowest.description"),
        tempo_max=localised("option-similar-fastest.description"),
        private=localised("option-similar-private.description"),
    )
    @app_commands.choices(
        genre=[app_commands.Choice(name=localised(f"genre-{each}"), value=each) for each in GENRES]
    )
    async def similar(
        self,
        interaction: discord.Interaction,
        song: str | None = None,
        file: discord.Attachment | None = None,
        genre: str | None = None,
        poster: discord.User | None = None,
        tempo_min: Tempo | None = None,
        tempo_max: Tempo | None = None,
        private: bool = False,
    ) -> None:
        """Find songs like a remembered one, a file or the last one."""
        async with self.gate.handle_guild(interaction) as request:
            if file is not None:
                self._listening.check_size(file.size)
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            filters = Filters(genre, poster.id if poster else None, _tempos(tempo_min, tempo_max))
            if not await self._anything(interaction, request, sight):
                return
            if file is not None:
                asked = await self._about_file(request, file, filters)
            else:
                song_id = await self._song_asked_about(interaction, request, song, sight)
                asked = SimilarRequest(song_id, filters=filters)
            await self._answer(interaction, request, asked, sight)

    @similar.autocomplete("song")
    async def _titles(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        assert interaction.guild_id is not None  # the command is for servers only
        private = bool(getattr(interaction.namespace, "private", False))
        sight = await sight_of(interaction, self._songbook, private=private, asking=False)
        titles = await self._similar.titles(interaction.guild_id, typed, sight.reach)
        return [
            app_commands.Choice(name=each.title[:CHOICE_LIMIT], value=f"{CHOSEN}{each.song_id}")
            for each in titles
        ]

    @app_commands.guild_only()
    async def similar_to_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Find songs like those of a message.

        Only the one who asked sees the answers.
        """
        async with self.gate.handle_guild(interaction) as request:
            known = await self._similar.posted_with(request.guild_id, message.id)
            files = [] if known else songs_among(message.attachments)
            if not known and not files:
                raise NothingToHearError
            await request.defer(private=True)
            sight = await sight_of(interaction, self._songbook, private=True)
            if not await self._anything(interaction, request, sight):
                return
            for song_id in known[:SONGS_A_MESSAGE]:
                async with request.report_errors():  # one song does not cost the others
                    await self._answer(interaction, request, SimilarRequest(song_id), sight)
            for file in files[:SONGS_A_MESSAGE]:
                async with request.report_errors():
                    asked = await self._about_file(request, file, Filters())
                    await self._answer(interaction, request, asked, sight)

    async def open(self, interaction: discord.Interaction, song_id: int) -> None:
        """Answer whoever pressed the button about a song elsewhere, and nobody else."""
        await self._answer_anew(interaction, SimilarRequest(song_id))

    async def ask_about_match(
        self, interaction: discord.Interaction, asked: SimilarRequest, chosen: str
    ) -> None:
        """Ask about one of the songs found, under the same filters."""
        about_match = SimilarRequest(int(chosen), filters=asked.filters)
        await self.turn(interaction, about_match)

    async def _answer_anew(self, interaction: discord.Interaction, asked: SimilarRequest) -> None:
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            sight = await sight_of(interaction, self._songbook, private=True)
            if await self._anything(interaction, request, sight):
                await self._answer(interaction, request, asked, sight)

    async def turn(self, interaction: discord.Interaction, asked: SimilarRequest) -> None:
        """Turn an answer's page for its asker.

        Others get that page for themselves.
        """
        if not is_invoker(interaction):
            await self._answer_anew(interaction, asked)
            return
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            assert interaction.message is not None
            await request.defer_in_place()
            private = interaction.message.flags.ephemeral
            sight = await sight_of(interaction, self._songbook, private=private)
            found = await self._similar.find(
                request.guild_id, asked, sight.reach, self._find_posted(interaction)
            )
            if found.map is None:
                embed = _nothing_embed(found, request, sight)
                await request.answer_in_place(embed, view=view_of(found, request.tr))
                return
            embed, drawn = await answer_for(found, request, narrowed=sight.narrowed)
            view = view_of(found, request.tr)
            await request.answer_in_place(embed, drawn.file(), view)

    async def _answer(
        self,
        interaction: discord.Interaction,
        request: GuildRequest,
        asked: SimilarRequest,
        sight: ChannelAccess,
    ) -> None:
        find = self._find_posted(interaction)
        found = await self._similar.find(request.guild_id, asked, sight.reach, find)
        if found.map is None:
            await request.answer(_nothing_embed(found, request, sight))
            return
        embed, drawn = await answer_for(found, request, narrowed=sight.narrowed)
        await request.answer(embed, drawn.file(), view_of(found, request.tr))

    def _find_posted(self, interaction: discord.Interaction) -> Find:
        return partial(self._messages.find, interaction.client)

    async def _anything(
        self, interaction: discord.Interaction, request: GuildRequest, sight: ChannelAccess
    ) -> bool:
        """Return whether there is a song to answer with.

        If not, word what to do about it.
        """
        if await self._similar.anything_within(request.guild_id, sight.reach):
            return True
        await request.send_ephemeral(
            words_for_nothing(
                request.tr,
                allowed=await self._ingest.allowed(request.guild_id),
                administrator=is_administrator(interaction),
                narrowed=sight.narrowed,
            )
        )
        return False

    async def _song_asked_about(
        self,
        interaction: discord.Interaction,
        request: GuildRequest,
        song: str | None,
        sight: ChannelAccess,
    ) -> int:
        if song is None:
            find = self._find_posted(interaction)
            return await self._similar.last_posted(request.guild_id, sight.reach, find)
        chosen = song.removeprefix(CHOSEN)
        if song.startswith(CHOSEN) and chosen.isascii() and chosen.isdigit():
            return int(chosen[:18])
        return await self._similar.titled(request.guild_id, song, sight.reach)

    async def _about_file(
        self, request: GuildRequest, file: discord.Attachment, filters: Filters
    ) -> SimilarRequest:
        async with self._listening.admission.slot(request.guild_id):
            data = await fetch(file, self._listening)
            ticket = await self._similar.embed_file(request.guild_id, title_of(file), data)
        return SimilarRequest(None, ticket, filters=filters)


def _tempos(lowest: int | None, highest: int | None) -> tuple[float, float] | None:
    """Complete a range whose ends may be missing or swapped."""
    if lowest is None and highest is None:
        return None
    low, high = sorted((lowest or SLOWEST, highest or FASTEST))
    return float(low), float(high)


def _nothing_embed(found: Found, request: Request, sight: ChannelAccess) -> discord.Embed:
    alone = found.request.filters == Filters()
    return nothing_found(found, request.tr, alone=alone, narrowed=sight.narrowed)
