"""Plain values for tests: posts, heard songs, hearings and contributions that nobody made.

Every factory takes keyword arguments that replace single fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.music.hearing import GENRES, Hearing
from storage.lessons import Contribution, Matter
from storage.song_values import HeardSong, Post, Traits

SERVER, OTHER_SERVER = 1, 2
CHANNEL, OTHER_CHANNEL = 10, 11
MEMBER, OTHER_MEMBER = 7, 8
MODEL = "ear-1"  # the name of a music model; any other is another model
VECTOR_SIZE = 8
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

Vector = npt.NDArray[np.float32]


def post(number: int = 1, **changes: Any) -> Post:
    """Return the `number`-th song of the server, in a message and a minute of its own."""
    usual = Post(
        guild_id=SERVER,
        channel_id=CHANNEL,
        message_id=number,
        attachment_id=number,
        poster_id=MEMBER,
        title=f"Song {number}",
        posted_at=NOW + timedelta(minutes=number),
        file_bytes=4_000_000,
        content_hash=sha256(str(number).encode()).digest(),
    )
    return replace(usual, **changes)


def traits(**changes: Any) -> Traits:
    """Return what might be heard in a fast rock song."""
    usual = Traits(
        seconds=200.0,
        genres={"rock": 0.75, "pop": 0.25},
        genre="rock",
        tempo_bpm=172.0,
        rhythm={"variety": 0.5, "profile": [0.0, 1.0]},
    )
    return replace(usual, **changes)


def at_angle(degrees: float, size: int = VECTOR_SIZE, axis: int = 1) -> Vector:
    """Return a unit vector at this angle to the first axis, turned towards `axis`."""
    vector = np.zeros(size, np.float32)
    vector[0], vector[axis] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vector


def heard_song(
    seed: int = 0,
    model: str = MODEL,
    size: int = VECTOR_SIZE,
    *,
    vector: Vector | None = None,
    **changes: Any,
) -> HeardSong:
    """Return a song as a model heard it; its vector is its own for each seed unless given.

    `changes` replace its traits.
    """
    if vector is None:
        noise = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
        vector = noise / np.float32(np.linalg.norm(noise))
    return HeardSong(model, vector, traits(**changes))


def hearing(
    windows: int = 60,
    genres: Sequence[str] = GENRES,
    *,
    sure: bool = True,
    seconds: float = 245.0,
    **changes: Any,
) -> Hearing:
    """Return a hearing of a song that wanders from its last genre to its first.

    It is louder in the middle, so that a picture of it has something to show.
    """
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, (windows, len(genres)))
    scores[:, 0] += np.linspace(-2, 5, windows)
    scores[:, -1] += np.linspace(3, -2, windows)
    timeline = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    means = dict(zip(genres, timeline.mean(axis=0), strict=True))
    best = sorted(means, key=lambda genre: -means[genre])
    mel = random.normal(-40, 12, (128, windows * 10)) - np.arange(128)[:, None] / 5
    usual = Hearing(
        genres={genre: float(means[genre]) for genre in best},
        genre=best[0] if sure else None,
        vector=np.full(4, 0.5, np.float32),
        timeline=timeline.astype(np.float32),
        starts=tuple(np.linspace(0.0, max(seconds - 1.0, 0.0), windows)),
        mel=mel.astype(np.float32),
        seconds=seconds,
        model=MODEL,
    )
    return replace(usual, **changes)


def contribution(number: int = 1, **changes: Any) -> Contribution:
    """Return the `number`-th song that a member handed over for lessons."""
    usual = Contribution(
        SERVER,
        MEMBER,
        Matter.SONG,
        f"Song {number}",
        sha256(str(number).encode()).digest(),
        label="Drill'n'Bass",
        model=MODEL,
        vector=np.arange(4, dtype=np.float32) + number,
        shares={"rock": 1.0},
    )
    return replace(usual, **changes)
