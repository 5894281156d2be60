"""A server's songbook filled through the service, and answers as members see them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import discord
import numpy as np
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.services import Services
from bot.songbook.service import Songbook
from storage.song_values import HeardSong, Post, Traits
from tests.helpers.discord import Server

SIZE = 64  # numbers in a vector of these tests' songs
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Record:
    """A song to remember; `degrees` is its angle to every other song's first axis."""

    title: str
    degrees: float = 30.0
    genre: str | None = "rock"
    tempo: float | None = 120.0
    tags: Mapping[str, float] = field(default_factory=dict)


async def remember(
    songbook: Songbook, channel: ChannelHandle, record: Record, poster: int = 1000, **post: object
) -> int:
    """Remember a song as if it had been handed to a command in `channel`; gives its id.

    So no message has it, which the bot could look for in vain.
    """
    number = next(numbers)
    assert channel.guild is not None
    facts: dict[str, object] = {
        "guild_id": channel.guild.id,
        "channel_id": channel.id,
        "message_id": number,
        "attachment_id": number,
        "poster_id": poster,
        "title": record.title,
        "by_command": True,
        "posted_at": NOON + timedelta(minutes=number),
    }
    traits = Traits(200.0, {"rock": 1.0}, record.genre, record.tempo, tags=record.tags)
    heard = HeardSong(songbook.model, at_angle(record.degrees, number), traits)
    kept = await songbook.remember(Post(**{**facts, **post}), heard)  # type: ignore[arg-type]
    assert kept.song_id is not None
    return kept.song_id


def at_angle(degrees: float, number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Give a vector at this angle to the first axis, away from all others otherwise."""
    vector = np.zeros(SIZE, np.float32)
    vector[0] = np.cos(np.radians(degrees))
    vector[1 + number % (SIZE - 1)] = np.sin(np.radians(degrees))
    return vector


async def remember_row(songbook: Songbook, channel: ChannelHandle, count: int) -> list[int]:
    """Remember "Song 0" and others less and less like it, each by a poster of its own."""
    records = [Record(f"Song {i}", 20.0 + 6 * i) for i in range(count)]
    return [
        await remember(songbook, channel, record, poster=1000 + i)
        for i, record in enumerate(records)
    ]


async def allow(server: Server, services: Services) -> None:
    """Let songs be remembered in the server."""
    assert server.channel.guild is not None
    await services.channels.allow_remembering(server.channel.guild.id, allowed=True)


def titles_in(message: ResponseMessage | discord.Message) -> list[str]:
    """The titles of the songs an answer lists, in order."""
    return [(each.name or "").split(" · ", 2)[2] for each in message.embeds[0].fields]
