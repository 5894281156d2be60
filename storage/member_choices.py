"""What members decided: consent to lessons, and not to be remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from storage.database import Database
from storage.lesson_values import Consent
from storage.song_values import milliseconds, moment
from storage.songs import forget_where


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


class OptOuts:
    """The wishes of every server's members; each question names the one server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` tells the time, with its zone."""
        self._database = database
        self._now = now

    async def opt_out(self, guild_id: int, member_id: int) -> tuple[int, ...]:
        """Never remember this member's songs again, and forget those that are.

        Both in one transaction: there is no moment in which only one of them is true.

        Returns:
            The ids of the songs forgotten.
        """
        async with self._database.transaction() as tx:
            await tx.rows(
                """INSERT INTO opt_outs (guild_id, member_id, since) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING""",
                (guild_id, member_id, milliseconds(self._now())),
            )
            return await forget_where(tx, "guild_id = ? AND poster_id = ?", guild_id, member_id)

    async def opt_in(self, guild_id: int, member_id: int) -> bool:
        """Take the wish back; False when there was none."""
        async with self._database.transaction() as tx:
            removed = await tx.rows(
                "DELETE FROM opt_outs WHERE guild_id = ? AND member_id = ? RETURNING member_id",
                (guild_id, member_id),
            )
        return bool(removed)

    async def opted_out(self, guild_id: int, member_id: int) -> bool:
        """Tell whether the member does not want to be remembered here."""
        row = await self._database.row(  # 0: in every server, see `storage.member_data`
            "SELECT 1 FROM opt_outs WHERE guild_id IN (?, 0) AND member_id = ?",
            (guild_id, member_id),
        )
        return row is not None
