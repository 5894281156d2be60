"""How a song lies in its row: columns, moments, JSON and vectors."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from storage.database import Row
from storage.errors import OtherVector
from storage.song_values import Heard, Post, Song, Traits, VectorPage

SONG_COLUMNS = """song_id, guild_id, channel_id, parent_id, message_id, attachment_id, poster_id,
    title, posted_at, remembered_at, file_bytes, content_hash, seconds, genre, genres, tempo_bpm,
    rhythm, models.name, gone_at, by_command"""
VECTOR_COLUMNS = "song_id, channel_id, poster_id, content_hash, tempo_bpm, genre, vector"

_VECTOR = np.dtype("<f4")
# Katakana stand 0x60 above the hiragana of the same sound; people type either for a title.
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)} | {ord("_"): " "}


def fold(title: str) -> str:
    """Give a title the form in which it is searched: width, case and kana do not matter."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TO_HIRAGANA).split())


def milliseconds(moment: datetime) -> int:
    """Give a moment as the database keeps it; a moment without a time zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is ambiguous")
    return round(moment.timestamp() * 1000)


def moment(stored: int) -> datetime:
    """Read a stored moment, in UTC."""
    return datetime.fromtimestamp(stored / 1000, UTC)


def vector_blob(heard: Heard) -> bytes:
    """Give the vector's bytes.

    Raises:
        OtherVector: it is not one row of finite numbers.
    """
    if heard.vector.ndim != 1 or not np.isfinite(heard.vector).all():
        finite = int(np.isfinite(heard.vector).sum())
        raise OtherVector(heard.model, finite, heard.vector.size)
    return heard.vector.astype(_VECTOR).tobytes()


def vector_from(blob: bytes) -> npt.NDArray[np.float32]:
    """Read a vector: (n,) float32."""
    return np.frombuffer(blob, _VECTOR).astype(np.float32)


def post_values(post: Post) -> tuple[Any, ...]:
    """Give guild to by-command in the order of the columns of `Songs.remember`."""
    return (
        post.guild_id,
        post.channel_id,
        post.parent_id,
        post.message_id,
        post.attachment_id,
        post.poster_id,
        post.title,
        fold(post.title),
        milliseconds(post.posted_at),
        post.file_bytes,
        post.content_hash,
        int(post.by_command),
    )


def traits_values(traits: Traits) -> tuple[Any, ...]:
    """Give seconds, genre, genres, tempo and rhythm in the order of the columns."""
    return (
        traits.seconds,
        traits.genre,
        json.dumps(dict(traits.genres)),
        traits.tempo_bpm,
        json.dumps(dict(traits.rhythm), allow_nan=False),
    )


def song_from(row: Row) -> Song:
    """Read a row of `SONG_COLUMNS`."""
    song_id, guild, channel, parent, message, attachment, poster, title, posted = row[:9]
    remembered, file_bytes, content_hash, seconds, genre, genres, tempo, rhythm = row[9:17]
    model, gone_at, by_command = row[17:]
    return Song(
        song_id=song_id,
        post=Post(
            guild_id=guild,
            channel_id=channel,
            parent_id=parent,
            message_id=message,
            attachment_id=attachment,
            poster_id=poster,
            title=title,
            posted_at=moment(posted),
            file_bytes=file_bytes,
            content_hash=content_hash,
            by_command=bool(by_command),
        ),
        traits=Traits(seconds, json.loads(genres), genre, tempo, json.loads(rhythm)),
        model=model,
        remembered_at=moment(remembered),
        gone=gone_at is not None,
    )


def short_content(content_hash: bytes | None) -> int:
    """Shorten a content hash to the 8 bytes that memory holds of it; 0 when unknown."""
    return int.from_bytes(content_hash[:8], "little") if content_hash else 0


def page_from(rows: list[Row]) -> VectorPage:
    """Turn rows of `VECTOR_COLUMNS`, at least one, into columns."""
    songs, channels, posters, hashes, tempos, genres, blobs = zip(*rows, strict=True)
    vectors = np.frombuffer(b"".join(blobs), _VECTOR).reshape(len(rows), -1)
    return VectorPage(
        song_ids=np.array(songs, np.int64),
        channel_ids=np.array(channels, np.int64),
        poster_ids=np.array(posters, np.int64),
        contents=np.array([short_content(content) for content in hashes], np.uint64),
        tempos=np.array([np.nan if tempo is None else tempo for tempo in tempos], np.float32),
        genres=genres,
        vectors=vectors.astype(np.float32, copy=False),
    )
