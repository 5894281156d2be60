"""Plain values for tests: posts, heard songs, hearings and contributions that nobody made.

Every factory takes keyword arguments that replace single fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.music.hearing import GENRES, Hearing, Key, Timeline, Verdict
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


def timeline(shares: Mapping[str, Vector], *, seconds: float = 245.0) -> Timeline:
    """Return how shares, one a window each, go on over a song of three-second windows."""
    windows = len(next(iter(shares.values())))
    return Timeline(
        starts=tuple(np.linspace(0.0, max(seconds - 3.0, 0.0), windows).tolist()),
        window_seconds=3.0,
        shares={name: np.asarray(over_time, np.float32) for name, over_time in shares.items()},
        genres=np.full((windows, len(GENRES)), 0.1, np.float32),
        vectors=np.full((windows, 4), 0.5, np.float32),
    )


def hearing(
    windows: int = 8,
    names: Sequence[str] = GENRES,
    *,
    sure: bool = True,
    seconds: float = 245.0,
    **changes: Any,
) -> Hearing:
    """Return a hearing of a song that wanders from its last family to its first."""
    random = np.random.default_rng(0)
    scores = random.normal(-2, 1, (windows, len(names)))
    scores[:, 0] += np.linspace(0, 5, windows)
    scores[:, -1] += np.linspace(3, -2, windows)
    over_time = dict(zip(names, (1 / (1 + np.exp(-scores))).astype(np.float32).T, strict=True))
    means = {name: float(shares.mean()) for name, shares in over_time.items()}
    best = sorted(means, key=lambda name: -means[name])
    usual = Hearing(
        kind="music",
        kinds={"music": 1.0},
        genres=dict.fromkeys(GENRES, 0.1),
        families={name: means[name] for name in best},
        styles={},
        tags={"instrumental": 0.9, "guitar": 0.8, "mellow": 0.7, "sad": 0.2},
        verdict=Verdict((best[0],) if sure else ()),
        key=Key("A", "minor", "8A", 0.7),
        vector=np.full(4, 0.5, np.float32),
        timeline=timeline(over_time, seconds=seconds),
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
