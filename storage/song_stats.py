"""A server's songbook in numbers."""

from __future__ import annotations

import json
from collections.abc import Collection

from storage.database import Database, Row
from storage.song_rows import moment
from storage.song_values import SongStats

TEMPO_STEP = 10  # beats a minute
MOST_POSTERS = 10

VECTOR_ITEM_BYTES = 4  # float32

_CHOSEN = """FROM songs JOIN models USING (model_id)
    WHERE guild_id = ? AND gone_at IS NULL AND channel_id IN (SELECT value FROM json_each(?))"""
_TOTALS = """SELECT count(*), total(seconds), count(DISTINCT poster_id), total(file_bytes),
    total(dimensions * ? + length(CAST(title AS BLOB)) + length(CAST(title_key AS BLOB))
        + length(genres) + length(rhythm) + ifnull(length(content_hash), 0)),
    min(posted_at), max(posted_at)"""


class SongStatistics:
    """Counts over the songs of one server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int, channels: Collection[int]) -> SongStats:
        """Count the songs of these channels of one server."""
        chosen = (guild_id, json.dumps(list(channels)))
        totals = (await self._rows(f"{_TOTALS} {_CHOSEN}", VECTOR_ITEM_BYTES, *chosen))[0]
        genres = await self._rows(
            f"SELECT genre, count(*) AS songs {_CHOSEN} GROUP BY genre ORDER BY songs DESC, genre",
            *chosen,
        )
        tempos = await self._rows(
            f"""SELECT CAST(tempo_bpm / ? AS INTEGER) * ? AS step, count(*) {_CHOSEN}
                AND tempo_bpm IS NOT NULL GROUP BY step ORDER BY step""",
            TEMPO_STEP,
            TEMPO_STEP,
            *chosen,
        )
        posters = await self._rows(
            f"""SELECT poster_id, count(*) AS songs {_CHOSEN}
                GROUP BY poster_id ORDER BY songs DESC, poster_id LIMIT ?""",
            *chosen,
            MOST_POSTERS,
        )
        return _stats(totals, genres, tempos, posters)

    async def _rows(self, sql: str, *parameters: str | int) -> list[Row]:
        return await self._database.rows(sql, parameters)


def _stats(totals: Row, genres: list[Row], tempos: list[Row], posters: list[Row]) -> SongStats:
    songs, seconds, members, file_bytes, stored_bytes, first, last = totals
    return SongStats(
        songs=songs,
        seconds=seconds,
        posters=members,
        file_bytes=int(file_bytes),
        stored_bytes=int(stored_bytes),
        first_posted_at=None if first is None else moment(first),
        last_posted_at=None if last is None else moment(last),
        genres=tuple((genre, count) for genre, count in genres),
        tempos=tuple((step, count) for step, count in tempos),
        most_songs=tuple((member, count) for member, count in posters),
    )
