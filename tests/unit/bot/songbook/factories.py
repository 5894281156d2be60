"""Songs with chosen vectors, for tests of the songbook."""

from __future__ import annotations

from collections.abc import Sequence

from bot.songbook.service import Songbook
from bot.songbook.values import Query, ReadableChannels, Sound
from storage.song_values import HeardSong, Post
from tests import factories
from tests.factories import CHANNEL, MODEL, NOW, OTHER_CHANNEL, OTHER_SERVER, SERVER, at_angle
from tests.factories import VECTOR_SIZE as SIZE

__all__ = [
    "ADULT_CHANNEL", "CHANNEL", "EVERYWHERE", "MODEL", "NOW", "OTHER_CHANNEL", "OTHER_SERVER",
    "SERVER", "SIZE", "at_angle", "heard", "keep", "keep_at", "numbers", "post", "query",
]  # fmt: skip

ADULT_CHANNEL = 18
EVERYWHERE = ReadableChannels(
    readable=frozenset({CHANNEL, OTHER_CHANNEL}), age_restricted=frozenset(), asked_in=CHANNEL
)


def post(number: int, **changes: object) -> Post:
    """Return a song by a poster of its own, in a file that nobody compared."""
    return factories.post(number, **{"poster_id": 1000 + number, "content_hash": None, **changes})


def heard(
    degrees: float, genre: str | None = "rock", tempo: float | None = 120.0, model: str = MODEL
) -> HeardSong:
    vector = at_angle(degrees)
    return factories.heard_song(vector=vector, model=model, genre=genre, tempo_bpm=tempo)


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
