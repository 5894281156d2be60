"""Server icons that the bot replaced: the old one is kept for a while, to be put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from storage.database import Database, Row
from storage.portraits import IconChange
from storage.song_values import milliseconds, moment

UNDO_TIME = timedelta(hours=24)
_COLUMNS = "change_id, guild_id, changed_by, changed_at, new_icon, old_icon"


class Icons:
    """The latest icon changes of every server; each question names the one server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` tells the time, with its zone."""
        self._database = database
        self._now = now

    async def changed(
        self, guild_id: int, changed_by: int, *, new_icon: str, old_icon: bytes | None
    ) -> IconChange:
        """Note that an icon was replaced.

        Args:
            guild_id: the server.
            changed_by: the member who asked for it.
            new_icon: Discord's name of the icon that was set.
            old_icon: bytes of the icon before; None: there was none.
        """
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                f"""INSERT INTO icon_changes (guild_id, changed_by, changed_at, new_icon, old_icon)
                    VALUES (?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608
                (guild_id, changed_by, milliseconds(self._now()), new_icon, old_icon),
            )
        return _change_from(rows[0])

    async def change(self, guild_id: int, change_id: int) -> IconChange | None:
        """Find a change that can still be undone."""
        row = await self._database.row(
            f"""SELECT {_COLUMNS} FROM icon_changes
                WHERE guild_id = ? AND change_id = ? AND changed_at > ?""",  # noqa: S608
            (guild_id, change_id, self._oldest()),
        )
        return _change_from(row) if row else None

    async def forget_change(self, guild_id: int, change_id: int) -> None:
        """Forget a change that was undone."""
        async with self._database.transaction() as tx:
            await tx.rows(
                "DELETE FROM icon_changes WHERE guild_id = ? AND change_id = ?",
                (guild_id, change_id),
            )

    async def forget_old(self) -> None:
        """Forget the changes whose time for undoing is over."""
        async with self._database.transaction() as tx:
            await tx.rows("DELETE FROM icon_changes WHERE changed_at <= ?", (self._oldest(),))

    async def forget_server(self, guild_id: int) -> None:
        """Forget the changes of a server."""
        async with self._database.transaction() as tx:
            await tx.rows("DELETE FROM icon_changes WHERE guild_id = ?", (guild_id,))

    def _oldest(self) -> int:
        return milliseconds(self._now() - UNDO_TIME)


def _change_from(row: Row) -> IconChange:
    change_id, guild_id, changed_by, changed_at, new_icon, old_icon = row
    return IconChange(change_id, guild_id, changed_by, moment(changed_at), new_icon, old_icon)
