"""Who agreed that what they hand over may be learned from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from storage.database import Database
from storage.lesson_values import Consent
from storage.song_rows import milliseconds, moment


class Consents:
    """The consents of every server's members."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` tells the time, with its zone."""
        self._database = database
        self._now = now

    async def agree(self, guild_id: int, member_id: int, wording: int) -> None:
        """Record that a member read version `wording` and agreed; a later one takes its place."""
        async with self._database.transaction() as tx:
            await tx.rows(
                """INSERT INTO consents (guild_id, member_id, wording, agreed_at)
                    VALUES (?, ?, ?, ?) ON CONFLICT (guild_id, member_id) DO UPDATE
                    SET wording = excluded.wording, agreed_at = excluded.agreed_at""",
                (guild_id, member_id, wording, milliseconds(self._now())),
            )

    async def find(self, guild_id: int, member_id: int) -> Consent | None:
        """Find what a member agreed to in a server."""
        row = await self._database.row(
            "SELECT wording, agreed_at FROM consents WHERE guild_id = ? AND member_id = ?",
            (guild_id, member_id),
        )
        return Consent(guild_id, member_id, row[0], moment(row[1])) if row else None

    async def of_member(self, member_id: int) -> tuple[Consent, ...]:
        """List what a member agreed to in all servers."""
        rows = await self._database.rows(
            """SELECT guild_id, wording, agreed_at FROM consents WHERE member_id = ?
                ORDER BY guild_id""",
            (member_id,),
        )
        return tuple(Consent(guild, member_id, wording, moment(at)) for guild, wording, at in rows)

    async def withdraw(self, member_id: int) -> int:
        """Take back what a member agreed to, in every server; gives how many there were."""
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                "DELETE FROM consents WHERE member_id = ? RETURNING guild_id", (member_id,)
            )
        return len(rows)
