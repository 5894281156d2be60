"""`/help`, and the welcome in a server that the bot has just joined."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import discord
import structlog
from discord import ButtonStyle, app_commands
from discord.ext import commands

from bot.discord.cog import Cog, localised
from bot.discord.permissions import is_administrator
from bot.discord.requests import RequestGate
from bot.discord.ui import PersistentButton, buttons
from bot.i18n import Translator, translator_for
from bot.privacy.service import PrivacyService
from bot.rendering.palette import LAVENDER
from bot.songbook.ingest import SongIngest
from cogs.privacy import summary_embed
from cogs.songbook import AllowSongbook, WatchHere

log = structlog.stdlib.get_logger(__name__)

COLOUR = discord.Colour.from_rgb(*LAVENDER)
CARDS = (
    ("help-hear", "help-hear.text"),
    ("help-find", "help-find.text"),
    ("help-draw", "help-draw.text"),
    ("help-stored", "help-stored.text"),
)
ADMINISTRATORS_CARD = ("help-administrators", "help-administrators.text")


class WhatStored(PersistentButton, template="help:stored", action="show_stored"):
    """Shows what the bot stores, in general and about whoever presses it."""


class ShowHelp(PersistentButton, template="help:open", action="help_pressed"):
    """Shows what the bot can do, as `/help` does."""


def help_cards(tr: Translator, *, administrator: bool) -> list[discord.Embed]:
    """Word what the bot can do: a card each for hearing, finding, drawing and what it stores."""
    cards = (*CARDS, ADMINISTRATORS_CARD) if administrator else CARDS
    return [_card(title, text, tr) for title, text in cards]


def welcome_embed(tr: Translator) -> discord.Embed:
    """Word what a server reads when the bot has joined it."""
    return _card("welcome-heading", "welcome-text", tr)


def _card(title: str, text: str, tr: Translator) -> discord.Embed:
    return discord.Embed(title=tr(title), description=tr(text), colour=COLOUR)


def channel_to_greet(guild: discord.Guild) -> discord.TextChannel | None:
    """Return where the bot may write: the channel for Discord's own notices, else the first."""
    preferred = [guild.system_channel] if guild.system_channel else []
    return next(filter(_may_write, [*preferred, *guild.text_channels]), None)


def _may_write(channel: discord.TextChannel) -> bool:
    may = channel.permissions_for(channel.guild.me)
    return may.view_channel and may.send_messages and may.embed_links


class HelpCog(Cog):
    """Says what the bot can do, and greets servers."""

    persistent_items = (WhatStored, ShowHelp)

    def __init__(self, gate: RequestGate, ingest: SongIngest, privacy: PrivacyService) -> None:
        """Answer through `gate`.

        Args:
            gate: admits requests.
            ingest: knows whether a server lets the bot remember songs.
            privacy: knows what is stored about a member.
        """
        super().__init__(gate)
        self._ingest = ingest
        self._privacy = privacy

    @app_commands.command(
        name=localised("command-help"), description=localised("command-help.description")
    )
    async def help(self, interaction: discord.Interaction) -> None:
        """Show what the bot can do; administrators also see what only they can do."""
        await self.help_pressed(interaction)

    async def help_pressed(self, interaction: discord.Interaction) -> None:
        """Show what `/help` shows."""
        async with self.gate.handle(interaction) as request:
            guild_id, tr = interaction.guild_id, request.tr
            administrator = guild_id is not None and is_administrator(interaction)
            offers: list[PersistentButton] = [WhatStored(tr("welcome-stored"))]
            if administrator and guild_id and not await self._ingest.allowed(guild_id):
                offers.insert(0, AllowSongbook(tr("welcome-allow"), ButtonStyle.success))
            await request.send_cards(help_cards(tr, administrator=administrator), buttons(*offers))

    async def show_stored(self, interaction: discord.Interaction) -> None:
        """Show what is stored in general, and about whoever asks."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            summary = await self._privacy.show(interaction.user.id)
            embed = summary_embed(summary, interaction.guild_id, request.tr)
            general = request.tr("help-stored.text")
            embed.description = f"{general}\n\n{embed.description}"
            await request.answer(embed)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server, in its own language, where the bot may write."""
        channel = channel_to_greet(guild)
        if channel is None:
            log.info("welcome_without_channel", guild=guild.id)
            return
        tr = translator_for(guild.preferred_locale.value)
        try:
            await channel.send(
                embed=welcome_embed(tr), view=buttons(*_first_steps(tr)), silent=True
            )
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            log.warning("welcome_not_sent", guild=guild.id, exc_info=True)


def _first_steps(tr: Translator) -> Sequence[PersistentButton]:
    return (
        AllowSongbook(tr("welcome-allow"), ButtonStyle.success),
        WatchHere(tr("setup-watch-here")),
        WhatStored(tr("welcome-stored")),
    )
