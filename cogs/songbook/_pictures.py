"""`/songbook map` and `/songbook stats`: what a server's songs look like together."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.cog import Cog
from bot.empty_songbook import words_for_nothing
from bot.front_desk import FrontDesk, Request
from bot.map_answers import NAME, drawn
from bot.pictures.palette import LAVENDER
from bot.reach import Sight, sight_of
from bot.services.remembering import Remembering
from bot.services.songbook import Songbook
from bot.translation import localised
from cogs.songbook._stats import drawn_stats, stats_embed

COLOUR = discord.Colour.from_rgb(*LAVENDER)


class SongbookPictures(Cog):
    """Shows the songbook to whoever asks, as far as they can read."""

    def __init__(
        self,
        desk: FrontDesk,
        group: app_commands.Group,
        songbook: Songbook,
        remembering: Remembering,
    ) -> None:
        """Join the parts and put commands into `group`."""
        super().__init__(desk)
        self._songbook = songbook
        self._remembering = remembering
        self.add_to(
            group,
            localised("command-songbook-map"),
            localised("command-songbook-map.description"),
            self.map,
        )
        self.add_to(
            group,
            localised("command-songbook-stats"),
            localised("command-songbook-stats.description"),
            self.stats,
        )

    @app_commands.rename(private=localised("option-similar-private"))
    @app_commands.describe(private=localised("option-similar-private.description"))
    async def map(self, interaction: discord.Interaction, private: bool = False) -> None:
        """Show all songs as a map."""
        async with self.desk.serving(interaction) as request:
            assert interaction.guild_id is not None
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            around = await self._songbook.map(interaction.guild_id, sight.reach)
            if not around.spots:
                await self._nothing(interaction, request, sight)
                return
            picture = await request.draw(drawn, around, request.say)
            embed = discord.Embed(
                title=request.say("map-heading", songs=around.songs),
                description=request.say("map-explained"),
                colour=COLOUR,
            )
            embed.set_image(url=f"attachment://{NAME}")
            await request.answer(embed, picture.file())
            await _tell_narrowed(request, sight)

    @app_commands.rename(private=localised("option-similar-private"))
    @app_commands.describe(private=localised("option-similar-private.description"))
    async def stats(self, interaction: discord.Interaction, private: bool = False) -> None:
        """Show the songbook in numbers."""
        async with self.desk.serving(interaction) as request:
            assert interaction.guild_id is not None
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            stats = await self._songbook.stats(interaction.guild_id, sight.reach)
            if not stats.songs:
                await self._nothing(interaction, request, sight)
                return
            picture = await request.draw(drawn_stats, stats, request.say)
            await request.answer(stats_embed(stats, request.say), picture.file())
            await _tell_narrowed(request, sight)

    async def _nothing(
        self, interaction: discord.Interaction, request: Request, sight: Sight
    ) -> None:
        assert interaction.guild_id is not None
        words = words_for_nothing(
            request.say,
            allowed=await self._remembering.allowed(interaction.guild_id),
            administrator=interaction.permissions.manage_guild,
            narrowed=sight.narrowed,
        )
        await request.whisper(words)


async def _tell_narrowed(request: Request, sight: Sight) -> None:
    """Tell only who asks that they could see more: others must not learn that there is more."""
    if sight.narrowed:
        await request.whisper(request.say("similar-narrowed"))
