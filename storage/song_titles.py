"""Finding songs by what a member types."""

from __future__ import annotations

import json
from collections.abc import Collection

from storage.database import Database
from storage.song_rows import fold
from storage.song_values import Title

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
                    AND channel_id IN (SELECT value FROM json_each(?))
                    {"AND instr(title_key, ?)" * len(words)}
                GROUP BY {"title_key, content_hash" if words else "song_id"}
                ORDER BY distance, newest DESC LIMIT ?""",  # noqa: S608 - only ? are repeated
            (key, len(key), key, key, guild_id, json.dumps(list(channels)), *words, limit),
        )
        return tuple(Title(song_id, title, poster_id) for song_id, title, poster_id, *_ in rows)
