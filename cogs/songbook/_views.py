"""`/songbook map` and `/songbook stats`: all songs of a server at once."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.utils import format_dt

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import NAME, MapPicture, drawn, genre_names, words_for_nothing
from bot.discord.permissions import ChannelAccess, sight_of
from bot.discord.requests import GuildRequest, RequestGate
from bot.i18n import Translator
from bot.i18n.catalogue import genre_name
from bot.rendering.palette import LAVENDER
from bot.rendering.songbook_stats import SongbookLabels, SongbookNumbers, Tile, songbook_stats
from bot.songbook.ingest import SongIngest
from bot.songbook.map import SongMaps
from bot.songbook.service import Songbook
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
