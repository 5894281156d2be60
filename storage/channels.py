"""What a server allows in its channels: remembering, watching, weekly cards, and imports.

Imports of channel histories continue after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from storage.codecs import milliseconds, moment
from storage.database import ONE_STATEMENT, Database, Row


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


class ImportState(Enum):
    """Where an import stands; a running one continues after a restart."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import met.

    Attributes:
        messages: messages read.
        remembered: songs stored.
        known: songs that were remembered already.
        refused: songs whose posters opted out.
        unheard: files that could not be decoded.
        too_short: files with too little sound to remember.
    """

    messages: int = 0
    remembered: int = 0
    known: int = 0
    refused: int = 0
    unheard: int = 0
    too_short: int = 0

    def __add__(self, other: ImportCounts) -> ImportCounts:
        return ImportCounts(
            self.messages + other.messages,
            self.remembered + other.remembered,
            self.known + other.known,
            self.refused + other.refused,
            self.unheard + other.unheard,
            self.too_short + other.too_short,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The message that shows an import's progress, and the locale it is worded for."""

    channel_id: int
    message_id: int
    locale: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one channel; `cursor_id` is the last message done, None before the first."""

    import_id: int
    guild_id: int
    channel_id: int
    started_by: int
    started_at: datetime
    updated_at: datetime
    state: ImportState
    cursor_id: int | None
    counts: ImportCounts
    notice: Notice | None = None


_COLUMNS = """import_id, guild_id, channel_id, started_by, started_at, updated_at, state, cursor_id,
    messages, remembered, known, refused, unheard, too_short, notice_channel_id, notice_message_id,
    locale"""


class Imports:
    """The imports of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def start(self, guild_id: int, channel_id: int, started_by: int) -> Import:
        """Begin an import, or return the one that runs in this channel already."""
        now = milliseconds(self._now())
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                """INSERT INTO imports
                        (guild_id, channel_id, started_by, started_at, updated_at, state)
                    VALUES (?, ?, ?, ?, ?, 'running') ON CONFLICT DO NOTHING""",
                (guild_id, channel_id, started_by, now, now),
            )
            rows = await tx.rows(
                f"""SELECT {_COLUMNS} FROM imports
                    WHERE guild_id = ? AND channel_id = ? AND state = 'running'""",
                (guild_id, channel_id),
            )
        return _import_from(rows[0])

    async def advance(self, import_id: int, cursor_id: int, met: ImportCounts) -> bool:
        """Record that everything up to message `cursor_id` is done, and what was met on the way.

        Call it after the songs of those messages are remembered: whatever is cut off in
        between is met again and found to be known.

        Returns:
            False when the import no longer runs: somebody cancelled it, or the channel went.
        """
        async with self._database.transaction(ONE_STATEMENT) as tx:
            advanced = await tx.rows(
                """UPDATE imports SET cursor_id = ?, updated_at = ?, messages = messages + ?,
                        remembered = remembered + ?, known = known + ?, refused = refused + ?,
                        unheard = unheard + ?, too_short = too_short + ?
                    WHERE import_id = ? AND state = 'running' RETURNING import_id""",
                (
                    cursor_id,
                    milliseconds(self._now()),
                    met.messages,
                    met.remembered,
                    met.known,
                    met.refused,
                    met.unheard,
                    met.too_short,
                    import_id,
                ),
            )
        return bool(advanced)

    async def finish(self, import_id: int, state: ImportState) -> bool:
        """End a running import; False when it has ended already."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            ended = await tx.rows(
                """UPDATE imports SET state = ?, updated_at = ?
                    WHERE import_id = ? AND state = 'running' RETURNING import_id""",
                (state.value, milliseconds(self._now()), import_id),
            )
        return bool(ended)

    async def set_notice(self, import_id: int, notice: Notice) -> None:
        """Store where the import's progress is shown, to continue there after a restart."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows(
                """UPDATE imports SET notice_channel_id = ?, notice_message_id = ?, locale = ?
                    WHERE import_id = ?""",
                (notice.channel_id, notice.message_id, notice.locale, import_id),
            )

    async def find(self, guild_id: int, import_id: int) -> Import | None:
        """Find one import of this server."""
        row = await self._database.row(
            f"SELECT {_COLUMNS} FROM imports WHERE guild_id = ? AND import_id = ?",
            (guild_id, import_id),
        )
        return _import_from(row) if row else None

    async def running(self) -> tuple[Import, ...]:
        """List the imports of all servers that go on after a start, the oldest first."""
        rows = await self._database.rows(
            f"SELECT {_COLUMNS} FROM imports WHERE state = 'running' ORDER BY import_id"
        )
        return tuple(map(_import_from, rows))


def _import_from(row: Row) -> Import:
    shown = row["notice_message_id"] is not None
    return Import(
        import_id=row["import_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        started_by=row["started_by"],
        started_at=moment(row["started_at"]),
        updated_at=moment(row["updated_at"]),
        state=ImportState(row["state"]),
        cursor_id=row["cursor_id"],
        counts=ImportCounts(
            messages=row["messages"],
            remembered=row["remembered"],
            known=row["known"],
            refused=row["refused"],
            unheard=row["unheard"],
            too_short=row["too_short"],
        ),
        notice=Notice(row["notice_channel_id"], row["notice_message_id"], row["locale"])
        if shown
        else None,
    )
