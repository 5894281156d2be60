"""What a server allows: whether songs may be remembered, and which channels are watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.codecs import milliseconds, moment
from storage.database import Database


@dataclass(frozen=True, slots=True)
class WatchedChannel:
    """A channel in which an administrator switched watching on."""

    channel_id: int
    watched_since: datetime
    watched_by: int


class Channels:
    """The settings of every server; each question names the one server it is about."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def allow_remembering(self, guild_id: int, *, allowed: bool) -> None:
        """Record whether the bot may remember songs in this server."""
        async with self._database.transaction() as tx:
            await tx.rows(
                """INSERT INTO servers (guild_id, remembering) VALUES (?, ?)
                    ON CONFLICT (guild_id) DO UPDATE SET remembering = excluded.remembering""",
                (guild_id, int(allowed)),
            )

    async def remembering_allowed(self, guild_id: int) -> bool | None:
        """Return what the server decided; None when it never did."""
        row = await self._database.row(
            "SELECT remembering FROM servers WHERE guild_id = ?", (guild_id,)
        )
        return None if row is None else bool(row["remembering"])

    async def watch(self, guild_id: int, channel_id: int, watched_by: int) -> bool:
        """Watch a channel; False when it is watched already."""
        async with self._database.transaction() as tx:
            added = await tx.rows(
                """INSERT INTO watched_channels (guild_id, channel_id, watched_since, watched_by)
                    VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING channel_id""",
                (guild_id, channel_id, milliseconds(self._now()), watched_by),
            )
        return bool(added)

    async def unwatch(self, guild_id: int, channel_id: int) -> bool:
        """Stop watching a channel; False when it was not watched."""
        async with self._database.transaction() as tx:
            removed = await tx.rows(
                """DELETE FROM watched_channels WHERE guild_id = ? AND channel_id = ?
                    RETURNING channel_id""",
                (guild_id, channel_id),
            )
        return bool(removed)

    async def watched(self, guild_id: int) -> tuple[WatchedChannel, ...]:
        """List the watched channels of a server, the longest watched first."""
        rows = await self._database.rows(
            """SELECT channel_id, watched_since, watched_by FROM watched_channels
                WHERE guild_id = ? ORDER BY watched_since, channel_id""",
            (guild_id,),
        )
        return tuple(
            WatchedChannel(row["channel_id"], moment(row["watched_since"]), row["watched_by"])
            for row in rows
        )
