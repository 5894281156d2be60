"""What a server allows: whether songs may be remembered, and which channels are watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.codecs import milliseconds, moment
from storage.database import Database


@dataclass(frozen=True, slots=True)
class WatchedChannel:
    """A channel in which an administrator switched watching on.

    Attributes:
        channel_id: the channel; its threads are watched with it.
        watched_since: when it was switched on.
        watched_by: who did.
        tells_repeats: whether members are told when a song was posted before.
    """

    channel_id: int
    watched_since: datetime
    watched_by: int
    tells_repeats: bool = False


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
        async with self._database.transaction(guild_id) as tx:
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
        async with self._database.transaction(guild_id) as tx:
            added = await tx.rows(
                """INSERT INTO watched_channels (guild_id, channel_id, watched_since, watched_by)
                    VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING channel_id""",
                (guild_id, channel_id, milliseconds(self._now()), watched_by),
            )
        return bool(added)

    async def tell_repeats(self, guild_id: int, channel_id: int, *, told: bool) -> None:
        """Record whether members of a watched channel are told when a song was posted before."""
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                """UPDATE watched_channels SET tells_repeats = ?
                    WHERE guild_id = ? AND channel_id = ?""",
                (int(told), guild_id, channel_id),
            )

    async def unwatch(self, guild_id: int, channel_id: int) -> bool:
        """Stop watching a channel; False when it was not watched."""
        async with self._database.transaction(guild_id) as tx:
            removed = await tx.rows(
                """DELETE FROM watched_channels WHERE guild_id = ? AND channel_id = ?
                    RETURNING channel_id""",
                (guild_id, channel_id),
            )
        return bool(removed)

    async def watched(self, guild_id: int) -> tuple[WatchedChannel, ...]:
        """List the watched channels of a server, the longest watched first."""
        rows = await self._database.rows(
            """SELECT channel_id, watched_since, watched_by, tells_repeats FROM watched_channels
                WHERE guild_id = ? ORDER BY watched_since, channel_id""",
            (guild_id,),
        )
        return tuple(
            WatchedChannel(
                row["channel_id"],
                moment(row["watched_since"]),
                row["watched_by"],
                bool(row["tells_repeats"]),
            )
            for row in rows
        )


@dataclass(frozen=True, slots=True)
class WeeklyCard:
    """Where a server gets its weekly card, and when the next one is due."""

    guild_id: int
    channel_id: int
    due_at: datetime


class WeeklyCards:
    """The weekly cards of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def set(self, guild_id: int, channel_id: int, set_by: int, due_at: datetime) -> None:
        """Send a server's cards to a channel, the next at `due_at`."""
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                """INSERT INTO weekly_cards (guild_id, channel_id, set_by, set_at, due_at)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (guild_id) DO UPDATE SET
                    channel_id = excluded.channel_id, set_by = excluded.set_by,
                    set_at = excluded.set_at, due_at = excluded.due_at""",
                (
                    guild_id,
                    channel_id,
                    set_by,
                    milliseconds(self._now()),
                    milliseconds(due_at),
                ),
            )

    async def remove(self, guild_id: int) -> bool:
        """Send a server no more cards; False when it got none."""
        async with self._database.transaction(guild_id) as tx:
            removed = await tx.rows(
                "DELETE FROM weekly_cards WHERE guild_id = ? RETURNING guild_id", (guild_id,)
            )
        return bool(removed)

    async def due(self, now: datetime) -> tuple[WeeklyCard, ...]:
        """List the cards that are due at a moment, the longest due first."""
        rows = await self._database.rows(
            """SELECT guild_id, channel_id, due_at FROM weekly_cards WHERE due_at <= ?
                ORDER BY due_at, guild_id""",
            (milliseconds(now),),
        )
        return tuple(
            WeeklyCard(row["guild_id"], row["channel_id"], moment(row["due_at"])) for row in rows
        )

    async def claim(self, card: WeeklyCard, next_due: datetime) -> bool:
        """Move a card on to its next moment; True for the first caller only."""
        async with self._database.transaction() as tx:
            moved = await tx.rows(
                """UPDATE weekly_cards SET due_at = ? WHERE guild_id = ? AND due_at = ?
                    RETURNING guild_id""",
                (milliseconds(next_due), card.guild_id, milliseconds(card.due_at)),
            )
        return bool(moved)
