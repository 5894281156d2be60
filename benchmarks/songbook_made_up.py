"""A database of made-up songs, in which no two sound alike."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from storage.database import SqliteDatabase
from storage.song_values import HeardSong, Post, Traits
from storage.songs import Songs

DIMENSIONS = 160  # as many as the model's vector has
MODEL = "benchmark"
CHANNELS = 20
TRAITS = Traits(200.0, {"rock": 0.9, "pop": 0.1}, "rock", 120.0)
Vectors = npt.NDArray[np.float32]


def made_up_vectors(count: int) -> Vectors:
    """Give (count, DIMENSIONS) random directions, which no index could prune: the hardest case."""
    vectors = np.random.default_rng(0).standard_normal((count, DIMENSIONS), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


async def fill(path: Path, vectors: Vectors, servers: int) -> None:
    """Write a database in which every server has these songs, from one real song as pattern."""
    pattern = Post(-1, 0, 1, 1, 1, "Lunatic Eyes.mp3", datetime.now(UTC), None, 4_000_000)
    async with SqliteDatabase.open(path) as database:
        await Songs(database).remember(pattern, HeardSong(MODEL, vectors[0], TRAITS))
    await asyncio.to_thread(_copy_pattern, path, vectors, servers)


def _copy_pattern(path: Path, vectors: Vectors, servers: int) -> None:
    count = len(vectors)
    varied = "guild_id, channel_id, message_id, attachment_id, poster_id"
    same = """title, title_key, posted_at, remembered_at, file_bytes, content_hash, seconds, genre,
        likeliest, genres, tempo_bpm, rhythm, model_id"""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            f"""INSERT INTO songs (song_id, recording, {varied}, {same})
                SELECT ?1, ?1, ?2, ?3, ?4, ?5, ?6, {same} FROM songs WHERE song_id = 1""",
            (
                (2 + server * count + i, server, i % CHANNELS, i, i, i)
                for server in range(servers)
                for i in range(count)
            ),
        )
        connection.executemany(
            "INSERT INTO vectors (song_id, vector) VALUES (?, ?)",
            (
                (2 + server * count + i, vectors[i].tobytes())
                for server in range(servers)
                for i in range(count)
            ),
        )
