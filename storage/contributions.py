"""What members handed over for lessons."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from storage.codecs import ID_LIST, id_list, milliseconds, moment, vector_bytes, vector_from
from storage.database import Database, Row
from storage.lesson_values import Contribution, Matter

COLUMNS = """contribution_id, guild_id, member_id, kind, corrected, title, artist, label, content,
    model, vector, shares, file, given_at"""


class Contributions:
    """The contributions of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def keep(self, given: Contribution) -> Contribution | None:
        """Store a contribution; None when its server has it already, from whomever.

        A member who hands the same song over again may give it another genre.
        """
        vector = None if given.vector is None else vector_bytes(given.vector, given.model)
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""INSERT INTO contributions (guild_id, member_id, kind, corrected, title, artist,
                        label, content, model, vector, shares, file, given_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (guild_id, kind, content) DO UPDATE SET label = excluded.label,
                        artist = excluded.artist, model = excluded.model,
                        vector = excluded.vector, shares = excluded.shares
                    WHERE member_id = excluded.member_id AND kind = 'song'
                        AND (label, artist, model)
                            <> (excluded.label, excluded.artist, excluded.model)
                    RETURNING {COLUMNS}""",
                (
                    given.guild_id,
                    given.member_id,
                    given.matter.value,
                    int(given.corrected),
                    given.title,
                    given.artist,
                    given.label,
                    given.content,
                    given.model,
                    vector,
                    json.dumps(dict(given.shares)),
                    given.file,
                    milliseconds(self._now()),
                ),
            )
        return contribution_from(row) if row else None

    async def of_server(self, guild_id: int, matter: Matter) -> tuple[Contribution, ...]:
        """List a server's contributions of one kind, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {COLUMNS} FROM contributions WHERE guild_id = ? AND kind = ?
                ORDER BY contribution_id""",
            (guild_id, matter.value),
        )
        return tuple(map(contribution_from, rows))

    async def of_member(
        self, member_id: int, guild_id: int | None = None
    ) -> tuple[Contribution, ...]:
        """List what a member handed over, in one server or in all, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {COLUMNS} FROM contributions
                WHERE member_id = ? AND guild_id = coalesce(?, guild_id)
                ORDER BY contribution_id""",
            (member_id, guild_id),
        )
        return tuple(map(contribution_from, rows))

    async def labels(self, guild_id: int) -> tuple[str, ...]:
        """List the genres that a server's songs were given, most frequent first."""
        rows = await self._database.rows(
            """SELECT label FROM contributions WHERE guild_id = ? AND kind = 'song'
                GROUP BY label ORDER BY count(*) DESC, label""",
            (guild_id,),
        )
        return tuple(row["label"] for row in rows)

    async def existing(self, contribution_ids: Collection[int]) -> frozenset[int]:
        """Return those of these ids that are still stored."""
        rows = await self._database.rows(
            f"SELECT contribution_id FROM contributions WHERE contribution_id IN {ID_LIST}",
            (id_list(contribution_ids),),
        )
        return frozenset(row["contribution_id"] for row in rows)

    async def files(self) -> frozenset[str]:
        """List the names of all crops that belong to a contribution."""
        rows = await self._database.rows("SELECT file FROM contributions WHERE file <> ''")
        return frozenset(row["file"] for row in rows)


def contribution_from(row: Row) -> Contribution:
    """Read a row of `COLUMNS`."""
    vector = row["vector"]
    return Contribution(
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        matter=Matter(row["kind"]),
        title=row["title"],
        content=row["content"],
        label=row["label"],
        artist=row["artist"],
        corrected=bool(row["corrected"]),
        model=row["model"],
        vector=None if vector is None else vector_from(vector),
        shares=json.loads(row["shares"]),
        file=row["file"],
        contribution_id=row["contribution_id"],
        given_at=moment(row["given_at"]),
    )
