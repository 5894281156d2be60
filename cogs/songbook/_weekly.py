"""The weekly card: `/setup weekly`, and what sends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog
from discord import app_commands
from discord.utils import escape_markdown, format_dt

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import NAME, TITLE_LIMIT, drawn_list, message_link, song_line
from bot.discord.permissions import (
    common_reach,
    require_administrator,
    require_own_permissions,
)
from bot.discord.requests import RequestGate
from bot.discord.shards import ShardedBot
from bot.i18n import Translator, translator_for
from bot.rendering.palette import LAVENDER
from bot.songbook.service import Songbook
from bot.songbook.weekly import WeeklyDigest, WeeklyService
from storage.channels import WeeklyCard

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 900.0  # between two looks for cards that are due
NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files")
Sendable = discord.TextChannel | discord.Thread
Sleep = Callable[[float], Awaitable[None]]  # seconds


def weekly_embed(digest: WeeklyDigest, server: str, tr: Translator) -> discord.Embed:
    """Word a card."""
    lines = [tr("weekly-counts", songs=digest.count, members=digest.members)]
    lines += [song_line(number, song, tr) for number, song in enumerate(digest.songs, 1)]
    if digest.count > len(digest.songs):
        lines.append(tr("weekly-more", count=digest.count - len(digest.songs)))
    embed = discord.Embed(
        title=tr("weekly-heading", server=escape_markdown(server))[:256],
        description="\n".join(lines),
        colour=discord.Colour.from_rgb(*LAVENDER),
    )
    if digest.moved is not None:
        post = digest.moved.song.post
        text = tr(
            "weekly-moved-text",
            member=f"<@{digest.moved.member_id}>",
            title=escape_markdown(post.title[:TITLE_LIMIT]),
            link=message_link(post),
        )
        embed.add_field(name=tr("weekly-moved"), value=text, inline=False)
    if digest.again is not None:
        post = digest.again.post
        text = tr(
            "weekly-again-text",
            title=escape_markdown(post.title[:TITLE_LIMIT]),
            link=message_link(post),
            poster=f"<@{post.poster_id}>",
            when=format_dt(post.posted_at, "D"),
        )
        embed.add_field(name=tr("weekly-again"), value=text, inline=False)
    return embed.set_image(url=f"attachment://{NAME}")


class WeeklyCog(Cog):
    """Sends each server its card, once a week, in the channel an administrator chose."""

    def __init__(
        self,
        gate: RequestGate,
        setup: app_commands.Group,
        weekly: WeeklyService,
        songbook: Songbook,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Join the parts and put the command into `setup`.

        Args:
            gate: where requests come in.
            setup: administrators' group.
            weekly: knows which cards are due, and what they show.
            songbook: knows the channels.
            sleep: waits between two looks.
        """
        super().__init__(gate)
        self._weekly = weekly
        self._songbook = songbook
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self.add_to(
            setup,
            localised("command-setup-weekly"),
            localised("command-setup-weekly.description"),
            self.weekly,
        )

    @app_commands.rename(channel=localised("option-weekly-channel"))
    @app_commands.describe(channel=localised("option-weekly-channel.description"))
    async def weekly(
        self, interaction: discord.Interaction, channel: Sendable | None = None
    ) -> None:
        """Send a weekly card to a channel, or stop that."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            guild_id, tr = request.guild_id, request.tr
            if channel is None:
                await request.defer(private=True)
                was = await self._weekly.switch_off(guild_id)
                await request.send_ephemeral(tr("weekly-off" if was else "weekly-was-off"))
                return
            require_own_permissions(channel, *NEEDED)
            await request.defer(private=True)
            due = await self._weekly.switch_on(guild_id, channel.id, interaction.user.id)
            when = format_dt(due, "F")
            await request.send_ephemeral(tr("weekly-on", channel=channel.mention, when=when))

    async def ready(self, bot: ShardedBot) -> None:
        """Begin to look for cards that are due."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_again_and_again(bot), name="weekly cards")

    async def cog_unload(self) -> None:
        """Stop; the next start looks at once."""
        if self._task is not None:
            self._task.cancel()

    async def _look_again_and_again(self, bot: ShardedBot) -> None:
        while True:
            await self.send_due(bot)
            await self._sleep(LOOK_SECONDS)

    async def send_due(self, bot: ShardedBot) -> None:
        """Send every card that is due in a server this process serves."""
        try:
            for card in await self._weekly.due():
                guild = bot.get_guild(card.guild_id)
                if guild is None or guild.unavailable:
                    continue  # another process serves it, or it comes back
                if await self._weekly.claim(card):
                    await self._send(guild, card)
        except Exception:  # the next look tries again what was not claimed
            log.exception("weekly_cards_failed")

    async def _send(self, guild: discord.Guild, card: WeeklyCard) -> None:
        channel = guild.get_channel_or_thread(card.channel_id)
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            log.info("weekly_card_without_channel", guild=guild.id)
            return
        reach = await common_reach(guild, channel.id, self._songbook)
        digest = await self._weekly.digest(guild.id, reach, card.due_at)
        if digest is None:
            return
        tr = translator_for(guild.preferred_locale.value)
        picture = await asyncio.to_thread(
            drawn_list, digest.map, digest.songs, tr("weekly-alt"), tr
        )
        embed = weekly_embed(digest, guild.name, tr)
        try:
            await channel.send(embed=embed, file=picture.file(), silent=True)
        except discord.HTTPException as error:
            log.warning("weekly_card_not_sent", guild=guild.id, reason=type(error).__name__)
