"""A server's songbook filled through the service, and answers as members see them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import discord
import numpy as np
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.services.songbook import Songbook
from storage.song_values import Heard, Post, Traits

SIZE = 64  # numbers in a vector of these tests' songs
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Record:
    """A song to remember; `degrees` is its angle to every other song's first axis."""

    title: str
    degrees: float
    genre: str | None = "rock"
    tempo: float | None = 120.0
    poster: int = field(default=0)


async def remember(
    songbook: Songbook, channel: ChannelHandle, record: Record, poster: int, **changes: object
) -> int:
    """Remember a song as if it had been posted in `channel`; gives its id."""
    number = next(numbers)
    assert channel.guild is not None
    facts: dict[str, object] = {
        "guild_id": channel.guild.id,
        "channel_id": channel.id,
        "message_id": number,
        "attachment_id": number,
        "poster_id": poster,
        "title": record.title,
        "posted_at": NOON + timedelta(minutes=number),
    }
    traits = Traits(200.0, {"rock": 1.0}, record.genre, record.tempo)
    heard = Heard(songbook.model, at_angle(record.degrees, number), traits)
    kept = await songbook.remember(Post(**{**facts, **changes}), heard)  # type: ignore[arg-type]
    assert kept.song_id is not None
    return kept.song_id


def at_angle(degrees: float, number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Give a vector at this angle to the first axis, away from all others otherwise."""
    vector = np.zeros(SIZE, np.float32)
    vector[0] = np.cos(np.radians(degrees))
    vector[1 + number % (SIZE - 1)] = np.sin(np.radians(degrees))
    return vector


async def remember_row(
    songbook: Songbook, channel: ChannelHandle, count: int, **changes: object
) -> list[int]:
    """Remember "Song 0", the song asked about, and others less and less like it."""
    return [
        await remember(
            songbook, channel, Record(f"Song {i}", 5.0 + 6 * i), poster=1000 + i, **changes
        )
        for i in range(count)
    ]


def answer_of(result: InteractionResult) -> ResponseMessage:
    """The one message the bot sent, or changed, for an interaction."""
    messages = {m.id: m for m in (result.response, *result.followups) if m is not None}
    assert len(messages) == 1, messages
    return next(iter(messages.values()))


def titles_in(message: ResponseMessage | discord.Message) -> list[str]:
    """The titles of the songs an answer lists, in order."""
    fields = message.embeds[0].fields
    return [(each.name or "").split(" · ", 2)[2] for each in fields]


def custom_ids(message: ResponseMessage) -> list[str]:
    """The custom ids of everything that can be pressed, in order."""
    rows = message.components
    return [item["custom_id"] for row in rows for item in row["components"]]
