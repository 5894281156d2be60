"""All songs of a server at once: `/songbook map` and `stats`, and the weekly card."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog
from discord import app_commands
from discord.utils import escape_markdown, format_dt

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import (
    NAME,
    TITLE_LIMIT,
    MapPicture,
    drawn,
    drawn_list,
    genre_names,
    message_link,
    song_line,
    words_for_nothing,
)
from bot.discord.permissions import (
    ChannelAccess,
    common_reach,
    require_administrator,
    require_own_permissions,
    sight_of,
)
from bot.discord.requests import GuildRequest, RequestGate
from bot.discord.shards import ShardedBot
from bot.i18n import Translator, genre_name, translator_for
from bot.rendering.palette import LAVENDER
from bot.rendering.songbook_stats import SongbookLabels, SongbookNumbers, Tile, songbook_stats
from bot.songbook.ingest import SongIngest
from bot.songbook.map import SongMaps
from bot.songbook.service import Songbook
from bot.songbook.weekly import WeeklyDigest, WeeklyService
from storage.channels import WeeklyCard
from storage.song_values import SongStats

STATS_NAME = "songbook.png"
ALT_LIMIT = 1024  # characters Discord keeps of a file's description
ALT_GENRES, ALT_TEMPOS, POSTERS_SHOWN = 5, 3, 5
MINUTE, HOUR = 60, 3600  # s
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


def stats_embed(stats: SongStats, tr: Translator) -> discord.Embed:
    """Word what the picture does not show.

    Who posted most, since when, what is stored.
    """
    posters = [
        tr("stats-poster", poster=f"<@{member}>", songs=songs)
        for member, songs in stats.most_songs[:POSTERS_SHOWN]
    ]
    styles = [
        tr("map-count", genre=genre_name(style, tr), songs=songs) for style, songs in stats.styles
    ]
    stored = tr(
        "stats-stored", stored=_size(stats.stored_bytes, tr), heard=_size(stats.file_bytes, tr)
    )
    embed = discord.Embed(title=tr("stats-heading"), colour=discord.Colour.from_rgb(*LAVENDER))
    if styles:
        embed.add_field(name=tr("stats-styles"), value=tr("list-comma").join(styles), inline=False)
    embed.add_field(name=tr("stats-posters"), value="\n".join(posters), inline=False)
    if stats.first_posted_at and stats.last_posted_at:
        first, last = (format_dt(m, "D") for m in (stats.first_posted_at, stats.last_posted_at))
        span = tr("stats-span", first=first, last=last)
        embed.add_field(name=tr("stats-when"), value=span, inline=False)
    embed.add_field(name=tr("stats-kept"), value=stored, inline=False)
    embed.set_image(url=f"attachment://{STATS_NAME}")
    embed.set_footer(text=tr("stats-next"))
    return embed


def drawn_stats(
    stats: SongStats, tr: Translator, *, heading: str | None = None, members: bool = True
) -> MapPicture:
    """Draw the numbers; blocks for tens of milliseconds.

    Args:
        stats: the numbers.
        tr: the reader's language.
        heading: whose songs they are; None: the server's.
        members: whether to count who posted them.
    """
    tiles = [
        Tile(f"{stats.songs:,}", tr("stats-songs", songs=stats.songs)),
        Tile(_length(stats.seconds, tr), tr("stats-of-music")),
    ]
    if members:
        tiles.append(Tile(f"{stats.posters:,}", tr("stats-members", members=stats.posters)))
    labels = SongbookLabels(
        heading=heading or tr("stats-heading"),
        genre_names=genre_names(tr),
        unsure=tr("genre-none"),
        others=tr("card-others"),
        genres=tr("stats-genres"),
        tempo=tr("stats-tempo"),
    )
    genres = [(count.genre, count.songs, count.sure) for count in stats.genres]
    picture = songbook_stats(SongbookNumbers(tiles, genres, stats.tempos), labels)
    alt = _alt(stats, heading or tr("stats-heading"), tr)
    return MapPicture(picture, alt[:ALT_LIMIT], STATS_NAME)


def _alt(stats: SongStats, heading: str, tr: Translator) -> str:
    names, none = genre_names(tr), tr("genre-none")
    genres = tr("list-comma").join(
        tr(
            "map-count",
            genre=names.get(count.genre, count.genre) if count.genre else none,
            songs=count.songs,
        )
        for count in stats.genres[:ALT_GENRES]
    )
    frequent = sorted(stats.tempos, key=lambda step: -step[1])[:ALT_TEMPOS]
    tempos = tr("list-comma").join(
        tr("stats-tempo-step", lowest=lowest, highest=lowest + 9, songs=count)
        for lowest, count in frequent
    )
    words = tr(
        "stats-alt",
        heading=heading,
        songs=stats.songs,
        length=_length(stats.seconds, tr),
        members=stats.posters,
        genres=genres,
    )
    return tr("stats-alt-tempo", told=words, tempos=tempos) if tempos else words


def _length(seconds: float, tr: Translator) -> str:
    if seconds >= HOUR:
        return tr("stats-hours", hours=round(seconds / HOUR))
    return tr("stats-minutes", minutes=max(1, round(seconds / MINUTE)))


def _size(size: int, tr: Translator) -> str:
    if size >= MEGABYTE:
        return tr("stats-megabytes", size=round(size / MEGABYTE, 1))
    return tr("stats-kilobytes", size=max(1, round(size / KILOBYTE)))


COLOUR = discord.Colour.from_rgb(*LAVENDER)


class SongbookViewsCog(Cog):
    """Shows the songbook to whoever asks, as far as they can read."""

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        songbook: Songbook,
        maps: SongMaps,
        ingest: SongIngest,
    ) -> None:
        """Join the parts and put commands into `group`."""
        super().__init__(gate)
        self._songbook = songbook
        self._maps = maps
        self._ingest = ingest
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
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            around = await self._maps.map(request.guild_id, sight.reach)
            if not around.spots:
                await self._send_nothing(interaction, request, sight)
                return
            picture = await request.draw(drawn, around, request.tr)
            embed = discord.Embed(
                title=request.tr("map-heading", songs=around.songs),
                description=request.tr("map-explained"),
                colour=COLOUR,
            )
            embed.set_image(url=f"attachment://{NAME}")
            await request.answer(embed, picture.file())
            await _send_narrowed(request, sight)

    @app_commands.rename(private=localised("option-similar-private"))
    @app_commands.describe(private=localised("option-similar-private.description"))
    async def stats(self, interaction: discord.Interaction, private: bool = False) -> None:
        """Show the songbook in numbers."""
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            stats = await self._songbook.statistics.of(request.guild_id, sight.reach.channels)
            if not stats.songs:
                await self._send_nothing(interaction, request, sight)
                return
            picture = await request.draw(drawn_stats, stats, request.tr)
            await request.answer(stats_embed(stats, request.tr), picture.file())
            await _send_narrowed(request, sight)

    async def _send_nothing(
        self, interaction: discord.Interaction, request: GuildRequest, sight: ChannelAccess
    ) -> None:
        words = words_for_nothing(
            request.tr,
            allowed=await self._ingest.allowed(request.guild_id),
            administrator=interaction.permissions.manage_guild,
            narrowed=sight.narrowed,
        )
        await request.send_ephemeral(words)


async def _send_narrowed(request: GuildRequest, sight: ChannelAccess) -> None:
    """Word it to the asker alone that there is more.

    Others must not learn of it.
    """
    if sight.narrowed:
        await request.send_ephemeral(request.tr("similar-narrowed"))


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
