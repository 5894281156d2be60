"""Real SQLite in a temporary folder; songs made up here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from storage.song_values import HeardSong, Post, Traits

SERVER, OTHER_SERVER = 1, 2
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MODEL = "ear-1"
SIZE = 8

POST = Post(
    guild_id=SERVER,
    channel_id=10,
    message_id=100,
    attachment_id=1000,
    poster_id=7,
    title="Lunatic Eyes.mp3",
    posted_at=NOW,
    file_bytes=4_000_000,
)
TRAITS = Traits(
    seconds=200.0,
    genres={"rock": 0.75, "pop": 0.25},
    genre="rock",
    tempo_bpm=172.0,
    rhythm={"variety": 0.5, "profile": [0.0, 1.0]},
)


def post(number: int, **changes: object) -> Post:
    """Give the `number`-th song of the server, each of a message and a minute of its own."""
    usual = replace(
        POST,
        message_id=number,
        attachment_id=number,
        title=f"Song {number}",
        posted_at=NOW + timedelta(minutes=number),
        content_hash=sha256(str(number).encode()).digest(),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # tests name real fields


def heard(number: int = 0, model: str = MODEL, size: int = SIZE, **changes: object) -> HeardSong:
    """Give a listening whose vector is its own for each number."""
    vector = np.random.default_rng(number).standard_normal(size).astype(np.float32)
    traits = replace(TRAITS, **changes)  # type: ignore[arg-type]  # tests name real fields
    return HeardSong(model, vector / np.float32(np.linalg.norm(vector)), traits)
