"""Whether songs may be remembered: the server's word, each poster's word, one song by hand."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands

from bot.discord.attachments import songs_of
from bot.discord.cog import Cog, localised
from bot.discord.permissions import require_administrator
from bot.discord.requests import Request, RequestGate
from bot.errors import NothingToHear, RememberingNotAllowed
from bot.listening.service import ListeningService
from bot.songbook.ingest import PostedSong, SongIngest
from bot.songbook.service import Songbook
from cogs.songbook._texts import outcome_words


class SongbookPermissionsCog(Cog):
    """Asks server and posters, and remembers single messages."""

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        listening: ListeningService,
        ingest: SongIngest,
        songbook: Songbook,
    ) -> None:
        """Join the parts and put commands into `group`."""
        super().__init__(gate)
        self._listening = listening
        self._remembering = ingest
        self._songbook = songbook
        self.add_menu(localised("menu-remember"), self.remember)
        self.add_to(
            group,
            localised("command-songbook-allow"),
            localised("command-songbook-allow.description"),
            self.allow,
        )
        self.add_to(
            group,
            localised("command-songbook-optout"),
            localised("command-songbook-optout.description"),
            self.opt_out,
        )
        self.add_to(
            group,
            localised("command-songbook-optin"),
            localised("command-songbook-optin.description"),
            self.opt_in,
        )

    @app_commands.rename(allowed=localised("option-songbook-allowed"))
    @app_commands.describe(allowed=localised("option-songbook-allowed.description"))
    async def allow(self, interaction: discord.Interaction, allowed: bool) -> None:
        """Say whether songs may be remembered in this server."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            assert interaction.guild_id is not None
            await request.defer(private=True)
            await self._remembering.allow(interaction.guild_id, allowed=allowed)
            key = "songbook-allowed" if allowed else "songbook-not-allowed"
            await request.send_ephemeral(request.tr(key))

    async def opt_out(self, interaction: discord.Interaction) -> None:
        """Never remember songs of whoever asks, and forget those that are."""
        async with self.gate.handle(interaction) as request:
            assert interaction.guild_id is not None
            await request.defer(private=True)
            count = await self._songbook.opt_out(interaction.guild_id, interaction.user.id)
            await request.send_ephemeral(request.tr("songbook-opted-out", count=count))

    async def opt_in(self, interaction: discord.Interaction) -> None:
        """Take an opt-out back."""
        async with self.gate.handle(interaction) as request:
            assert interaction.guild_id is not None
            await request.defer(private=True)
            await self._songbook.opt_in(interaction.guild_id, interaction.user.id)
            await request.send_ephemeral(request.tr("songbook-opted-in"))

    @app_commands.guild_only()
    async def remember(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Remember the songs of a message; the poster's wish counts, whoever asks."""
        async with self.gate.handle(interaction) as request:
            assert interaction.guild_id is not None
            if not await self._remembering.allowed(interaction.guild_id):
                raise RememberingNotAllowed
            songs = songs_of(message, self._listening)
            if not songs:
                raise NothingToHear
            await request.defer(private=True)
            await self._remember_each(request, songs)

    async def _remember_each(self, request: Request, songs: Sequence[PostedSong]) -> None:
        for song in songs:
            async with request.report_errors():  # one bad file does not cost the others
                outcome = await self._remembering.remember(song)
                await request.send_ephemeral(outcome_words(outcome, song.post, request.tr))
