"""Songs with chosen vectors, for tests of the songbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from bot.songbook.service import Songbook
from bot.songbook.values import Query, ReadableChannels, Sound
from storage.song_values import HeardSong, Post, Traits

SERVER, OTHER_SERVER = 1, 2
CHANNEL, OTHER_CHANNEL, ADULT_CHANNEL = 10, 11, 18
MODEL = "ear-1"
SIZE = 8
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVERYWHERE = ReadableChannels(
    readable=frozenset({CHANNEL, OTHER_CHANNEL}), age_restricted=frozenset(), asked_in=CHANNEL
)


def post(number: int, **changes: object) -> Post:
    usual = Post(
        guild_id=SERVER,
        channel_id=CHANNEL,
        message_id=number,
        attachment_id=number,
        poster_id=1000 + number,
        title=f"Song {number}",
        posted_at=NOW + timedelta(minutes=number),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # tests name real fields


def at_angle(degrees: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Give a vector at this angle to the first axis; its cosine to `query()` is cos(angle)."""
    vector = np.zeros(SIZE, np.float32)
    vector[0], vector[1] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vector


def heard(
    degrees: float, genre: str | None = "rock", tempo: float | None = 120.0, model: str = MODEL
) -> HeardSong:
    return HeardSong(model, at_angle(degrees), Traits(200.0, {"rock": 1.0}, genre, tempo))


def query(degrees: float = 0.0, content_hash: bytes | None = None) -> Query:
    return Query(MODEL, Sound(at_angle(degrees)), content_hash)


async def keep(songbook: Songbook, given: Post, listening: HeardSong) -> int:
    remembered = await songbook.remember(given, listening)
    assert remembered.song_id is not None
    return remembered.song_id


async def keep_at(songbook: Songbook, angles: Sequence[float], **changes: object) -> list[int]:
    """Remember songs at these angles, numbered from 1."""
    return [
        await keep(songbook, post(number, **changes), heard(angle))
        for number, angle in enumerate(angles, start=1)
    ]


async def numbers(songbook: Songbook, guild_id: int = SERVER, **asked: object) -> list[int]:
    """Ask for the nearest and give the numbers of the posts."""
    reach = asked.pop("reach", EVERYWHERE)
    about = asked.pop("query", query())
    page = await songbook.nearest(guild_id, about, reach, **asked)  # type: ignore[arg-type]
    return [match.song.post.message_id for match in page.matches]
