"""Members' thumbs on answers to `/similar`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.codecs import milliseconds, moment
from storage.database import Database, Row


@dataclass(frozen=True, slots=True)
class Rating:
    """What a member thought of one song as an answer.

    Attributes:
        guild_id: the server.
        member_id: who thought so.
        song_id: the song that was found.
        asked_id: the song asked about; None: a file, or several songs.
        liked: whether it was a good answer.
        model: name and version of the model that compared them.
        shares: what each part of the vectors added to their cosine.
        rated_at: when, with a time zone.
    """

    guild_id: int
    member_id: int
    song_id: int
    asked_id: int | None
    liked: bool
    model: str
    shares: Mapping[str, float]
    rated_at: datetime


_INSERT = """INSERT INTO ratings (guild_id, member_id, song_id, asked_song, liked, model, shares,
        rated_at)
    SELECT guild_id, CAST(? AS INTEGER), song_id, CAST(? AS INTEGER), CAST(? AS INTEGER),
        CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER)
    FROM songs WHERE guild_id = ? AND song_id = ? AND gone_at IS NULL RETURNING 1"""


class Ratings:
    """The ratings of every server; each question names the one server, or the one member."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def rate(
        self,
        guild_id: int,
        member_id: int,
        song_id: int,
        asked_id: int | None,
        *,
        liked: bool,
        model: str,
        shares: Mapping[str, float],
    ) -> bool:
        """Record a rating; the same one a second time takes it back.

        Returns:
            False when it was taken back, or the song is no longer remembered.
        """
        same = (guild_id, member_id, song_id, asked_id or 0)
        async with self._database.transaction(guild_id) as tx:
            before = await tx.rows(
                """DELETE FROM ratings WHERE guild_id = ? AND member_id = ? AND song_id = ?
                    AND coalesce(asked_song, 0) = ? RETURNING liked""",
                same,
            )
            if before and bool(before[0]["liked"]) is liked:
                return False
            given = (int(liked), model, json.dumps(dict(shares)), milliseconds(self._now()))
            rows = await tx.rows(_INSERT, (member_id, asked_id, *given, guild_id, song_id))
        return bool(rows)

    async def of_server(self, guild_id: int, model: str) -> tuple[Rating, ...]:
        """List a server's ratings of answers that one model found, the oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE guild_id = ? AND model = ? ORDER BY rating_id",
            (guild_id, model),
        )
        return tuple(map(_rating_from, rows))

    async def of_member(self, member_id: int) -> tuple[Rating, ...]:
        """List a member's ratings in all servers, the oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE member_id = ? ORDER BY rating_id", (member_id,)
        )
        return tuple(map(_rating_from, rows))

    async def liked(self, guild_id: int) -> Mapping[int, int]:
        """Count the thumbs up minus the thumbs down of each rated song of a server."""
        rows = await self._database.rows(
            """SELECT song_id, sum(2 * liked - 1) AS thumbs FROM ratings WHERE guild_id = ?
                GROUP BY song_id""",
            (guild_id,),
        )
        return {row["song_id"]: row["thumbs"] for row in rows}


def _rating_from(row: Row) -> Rating:
    return Rating(
        row["guild_id"],
        row["member_id"],
        row["song_id"],
        row["asked_song"],
        bool(row["liked"]),
        row["model"],
        json.loads(row["shares"]),
        moment(row["rated_at"]),
    )
