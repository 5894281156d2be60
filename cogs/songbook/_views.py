"""`/songbook map` and `/songbook stats`: all songs of a server at once."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.utils import format_dt

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import NAME, Drawn, drawn, genre_names, words_for_nothing
from bot.discord.permissions import Sight, sight_of
from bot.discord.requests import FrontDesk, Request
from bot.i18n import Say
from bot.rendering.palette import LAVENDER
from bot.rendering.songbook_stats import SongbookLabels, SongbookNumbers, Tile, songbook_stats
from bot.songbook.ingest import Remembering
from bot.songbook.service import Songbook
from storage.song_values import SongStats

STATS_NAME = "songbook.png"
ALT_LIMIT = 1024  # characters Discord keeps of a file's description
GENRES_TOLD, TEMPOS_TOLD, POSTERS_TOLD = 5, 3, 5
MINUTE, HOUR = 60, 3600  # s
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


def stats_embed(stats: SongStats, say: Say) -> discord.Embed:
    """Word what the picture does not show: who posted most, since when, what is stored."""
    posters = [
        say("stats-poster", poster=f"<@{member}>", songs=songs)
        for member, songs in stats.most_songs[:POSTERS_TOLD]
    ]
    stored = say(
        "stats-stored", stored=_size(stats.stored_bytes, say), heard=_size(stats.file_bytes, say)
    )
    embed = discord.Embed(title=say("stats-heading"), colour=discord.Colour.from_rgb(*LAVENDER))
    embed.add_field(name=say("stats-posters"), value="\n".join(posters), inline=False)
    if stats.first_posted_at and stats.last_posted_at:
        first, last = (format_dt(m, "D") for m in (stats.first_posted_at, stats.last_posted_at))
        span = say("stats-span", first=first, last=last)
        embed.add_field(name=say("stats-when"), value=span, inline=False)
    embed.add_field(name=say("stats-kept"), value=stored, inline=False)
    embed.set_image(url=f"attachment://{STATS_NAME}")
    return embed


def drawn_stats(stats: SongStats, say: Say) -> Drawn:
    """Draw the numbers. Takes tens of milliseconds: keep it off the event loop."""
    tiles = [
        Tile(f"{stats.songs:,}", say("stats-songs", songs=stats.songs)),
        Tile(_length(stats.seconds, say), say("stats-of-music")),
        Tile(f"{stats.posters:,}", say("stats-members", members=stats.posters)),
    ]
    labels = SongbookLabels(
        heading=say("stats-heading"),
        genre_names=genre_names(say),
        unsure=say("card-unsure"),
        others=say("card-others"),
        genres=say("stats-genres"),
        tempo=say("stats-tempo"),
    )
    picture = songbook_stats(SongbookNumbers(tiles, stats.genres, stats.tempos), labels)
    return Drawn(picture, _alt(stats, say)[:ALT_LIMIT], STATS_NAME)


def _alt(stats: SongStats, say: Say) -> str:
    names, unsure = genre_names(say), say("card-unsure")
    genres = say("list-comma").join(
        say("map-count", genre=names.get(genre, genre) if genre else unsure, songs=count)
        for genre, count in stats.genres[:GENRES_TOLD]
    )
    frequent = sorted(stats.tempos, key=lambda step: -step[1])[:TEMPOS_TOLD]
    tempos = say("list-comma").join(
        say("stats-tempo-step", lowest=lowest, highest=lowest + 9, songs=count)
        for lowest, count in frequent
    )
    told = say(
        "stats-alt",
        songs=stats.songs,
        length=_length(stats.seconds, say),
        members=stats.posters,
        genres=genres,
    )
    return say("stats-alt-tempo", told=told, tempos=tempos) if tempos else told


def _length(seconds: float, say: Say) -> str:
    if seconds >= HOUR:
        return say("stats-hours", hours=round(seconds / HOUR))
    return say("stats-minutes", minutes=max(1, round(seconds / MINUTE)))


def _size(size: int, say: Say) -> str:
    if size >= MEGABYTE:
        return say("stats-megabytes", size=round(size / MEGABYTE, 1))
    return say("stats-kilobytes", size=max(1, round(size / KILOBYTE)))


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
