"""What members handed over for lessons: keeping, finding and taking it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime

from storage.database import Database, Row
from storage.lesson_values import Contribution, Matter
from storage.song_values import milliseconds, moment, vector_from

_COLUMNS = """contribution_id, guild_id, member_id, kind, corrected, title, artist, label, content,
    model, vector, shares, file, given_at"""


class Contributions:
    """The contributions of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` tells the time, with its zone."""
        self._database = database
        self._now = now

    async def keep(self, given: Contribution) -> Contribution | None:
        """Keep a contribution; None when its server has it already, from whomever.

        A member who hands the same song over again may give it another genre.
        """
        vector = None if given.vector is None else given.vector.astype("<f4").tobytes()
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
                            IS NOT (excluded.label, excluded.artist, excluded.model)
                    RETURNING {_COLUMNS}""",  # noqa: S608 - our own words
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
        return _contribution_from(row) if row else None

    async def of_server(self, guild_id: int, matter: Matter) -> tuple[Contribution, ...]:
        """List a server's contributions of one kind, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM contributions WHERE guild_id = ? AND kind = ?
                ORDER BY contribution_id""",  # noqa: S608 - our own words
            (guild_id, matter.value),
        )
        return tuple(map(_contribution_from, rows))

    async def of_member(
        self, member_id: int, guild_id: int | None = None
    ) -> tuple[Contribution, ...]:
        """List what a member handed over, in one server or in all, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM contributions
                WHERE member_id = ? AND guild_id = coalesce(?, guild_id)
                ORDER BY contribution_id""",  # noqa: S608 - our own words
            (member_id, guild_id),
        )
        return tuple(map(_contribution_from, rows))

    async def labels(self, guild_id: int) -> tuple[str, ...]:
        """List the genres that a server's songs were given, most frequent first."""
        rows = await self._database.rows(
            """SELECT label FROM contributions WHERE guild_id = ? AND kind = 'song'
                GROUP BY label ORDER BY count(*) DESC, label""",
            (guild_id,),
        )
        return tuple(label for (label,) in rows)

    async def existing(self, contribution_ids: Collection[int]) -> frozenset[int]:
        """Tell which of these are still there."""
        rows = await self._database.rows(
            """SELECT contribution_id FROM contributions
                WHERE contribution_id IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(contribution_ids)),),
        )
        return frozenset(found for (found,) in rows)

    async def take_back(
        self, member_id: int, contribution_ids: Collection[int] | None = None
    ) -> tuple[Contribution, ...]:
        """Delete a member's contributions, these or all, and count them off the models they taught.

        Both in one transaction: a model is never unmarked while its source is gone.

        Returns:
            What was deleted; its files are the caller's to remove.
        """
        chosen = None if contribution_ids is None else json.dumps(list(contribution_ids))
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                f"""DELETE FROM contributions WHERE member_id = ?
                    AND (? IS NULL OR contribution_id IN (SELECT value FROM json_each(?)))
                    RETURNING {_COLUMNS}""",  # noqa: S608 - our own words
                (member_id, chosen, chosen),
            )
            gone = json.dumps([row[0] for row in rows])
            await tx.rows(
                """UPDATE taught_models SET taken_back = taken_back + (
                        SELECT count(*) FROM model_sources AS s WHERE s.model_id =
                            taught_models.model_id AND s.contribution_id IN
                            (SELECT value FROM json_each(?1)))
                    WHERE model_id IN (SELECT model_id FROM model_sources
                        WHERE contribution_id IN (SELECT value FROM json_each(?1)))""",
                (gone,),
            )
            await tx.rows(
                """DELETE FROM model_sources
                    WHERE contribution_id IN (SELECT value FROM json_each(?))""",
                (gone,),
            )
        return tuple(map(_contribution_from, rows))

    async def files(self) -> frozenset[str]:
        """List the names of all crops that belong to a contribution."""
        rows = await self._database.rows("SELECT file FROM contributions WHERE file <> ''")
        return frozenset(file for (file,) in rows)


def _contribution_from(row: Row) -> Contribution:
    contribution_id, guild, member, kind, corrected, title, artist, label, content = row[:9]
    model, vector, shares, file, given_at = row[9:]
    given = Contribution(guild, member, Matter(kind), title, content, label, artist)
    return replace(
        given,
        corrected=bool(corrected),
        model=model,
        vector=None if vector is None else vector_from(vector),
        shares=json.loads(shares),
        file=file,
        contribution_id=contribution_id,
        given_at=moment(given_at),
    )
