"""Statistics and title search over a server's songs."""

from __future__ import annotations

from collections.abc import Collection

from storage.codecs import ID_LIST, fold, id_list, moment_or_none
from storage.database import Database, Row
from storage.song_values import SongStats, Title

MOST_WORDS = 8  # words of a search that are looked at; titles are short


class SongTitles:
    """The titles of every server's songs; each question names the one server it is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def matching(
        self, guild_id: int, typed: str, channels: Collection[int], *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest titles that contain every word typed so far.

        Width, case and the two kana do not matter. Best first: the whole title, its beginning,
        the beginning of one of its words, anywhere; then the last posted. The same file under
        the same title comes once.

        Args:
            guild_id: the server.
            typed: what the member typed; nothing gives the last posted songs.
            channels: the channels the member can read.
            limit: how many at most; Discord shows 25.
        """
        key = fold(typed)
        words = key.split()[:MOST_WORDS]
        rows = await self._database.rows(
            f"""SELECT song_id, title, poster_id, max(posted_at) AS newest,
                    CASE WHEN title_key = ? THEN 0
                        WHEN substr(title_key, 1, ?) = ? THEN 1
                        WHEN instr(title_key, ' ' || ?) THEN 2
                        ELSE 3 END AS distance
                FROM songs
                WHERE guild_id = ? AND gone_at IS NULL
                    AND channel_id IN {ID_LIST}
                    {"AND instr(title_key, ?)" * len(words)}
                GROUP BY {"title_key, content_hash" if words else "song_id"}
                ORDER BY distance, newest DESC LIMIT ?""",
            (key, len(key), key, key, guild_id, id_list(channels), *words, limit),
        )
        return tuple(Title(row["song_id"], row["title"], row["poster_id"]) for row in rows)


TEMPO_STEP = 10  # beats a minute
MOST_POSTERS = 10

VECTOR_ITEM_BYTES = 4  # float32

_CHOSEN = f"""FROM songs JOIN models USING (model_id)
    WHERE guild_id = ? AND gone_at IS NULL AND channel_id IN {ID_LIST}"""
_TOTALS = """SELECT count(*) AS songs, coalesce(sum(seconds), 0.0) AS seconds,
    count(DISTINCT poster_id) AS posters, coalesce(sum(file_bytes), 0) AS file_bytes,
    coalesce(sum(dimensions * ? + length(CAST(title AS BLOB)) + length(CAST(title_key AS BLOB))
        + length(genres) + length(styles) + length(tags) + length(rhythm)
        + coalesce(length(content_hash), 0)), 0) AS stored_bytes,
    min(posted_at) AS first_posted_at, max(posted_at) AS last_posted_at"""


class SongStatistics:
    """Counts over the songs of one server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int, channels: Collection[int]) -> SongStats:
        """Count the songs of these channels of one server."""
        chosen = (guild_id, id_list(channels))
        rows = self._database.rows
        totals = (await rows(f"{_TOTALS} {_CHOSEN}", (VECTOR_ITEM_BYTES, *chosen)))[0]
        genres = await rows(
            f"SELECT genre, count(*) AS songs {_CHOSEN} GROUP BY genre ORDER BY songs DESC, genre",
            chosen,
        )
        tempos = await rows(
            f"""SELECT CAST(tempo_bpm / ? AS INTEGER) * ? AS step, count(*) AS songs {_CHOSEN}
                AND tempo_bpm IS NOT NULL GROUP BY step ORDER BY step""",
            (TEMPO_STEP, TEMPO_STEP, *chosen),
        )
        posters = await rows(
            f"""SELECT poster_id, count(*) AS songs {_CHOSEN}
                GROUP BY poster_id ORDER BY songs DESC, poster_id LIMIT ?""",
            (*chosen, MOST_POSTERS),
        )
        return _stats(totals, genres, tempos, posters)


def _stats(totals: Row, genres: list[Row], tempos: list[Row], posters: list[Row]) -> SongStats:
    return SongStats(
        songs=totals["songs"],
        seconds=totals["seconds"],
        posters=totals["posters"],
        file_bytes=totals["file_bytes"],
        stored_bytes=totals["stored_bytes"],
        first_posted_at=moment_or_none(totals["first_posted_at"]),
        last_posted_at=moment_or_none(totals["last_posted_at"]),
        genres=tuple((row["genre"], row["songs"]) for row in genres),
        tempos=tuple((row["step"], row["songs"]) for row in tempos),
        most_songs=tuple((row["poster_id"], row["songs"]) for row in posters),
    )
