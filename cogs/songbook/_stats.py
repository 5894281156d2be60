"""The songbook in numbers, in the words of its reader."""

from __future__ import annotations

import discord
from discord.utils import format_dt

from bot.map_answers import Drawn, genre_names
from bot.pictures.palette import LAVENDER
from bot.pictures.songbook_stats import SongbookLabels, SongbookNumbers, Tile, songbook_stats
from bot.words import Say
from storage.song_values import SongStats

NAME = "songbook.png"
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
    embed.set_image(url=f"attachment://{NAME}")
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
    return Drawn(picture, _alt(stats, say)[:ALT_LIMIT], NAME)


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
