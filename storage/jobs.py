"""The queue of lessons: none is lost or run twice over a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from storage.codecs import milliseconds, moment, moment_or_none
from storage.database import Database, Row
from storage.lesson_values import Job, JobNotice, JobState, Kind

_COLUMNS = """job_id, guild_id, member_id, kind, state, queued_at, started_at, ended_at, ended_by,
    model_id, channel_id, message_id, locale, told"""


class Jobs:
    """The jobs of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def queue(
        self, guild_id: int, member_id: int, kind: Kind, notice: JobNotice
    ) -> Job | None:
        """Append a job to the queue; None when the server has one of its kind there."""
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""INSERT INTO jobs (guild_id, member_id, kind, state, queued_at, channel_id,
                        message_id, locale)
                    VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    RETURNING {_COLUMNS}""",
                (
                    guild_id,
                    member_id,
                    kind.value,
                    milliseconds(self._now()),
                    notice.channel_id,
                    notice.message_id,
                    notice.locale,
                ),
            )
        return _job_from(row) if row else None

    async def begin(self, job_id: int) -> Job | None:
        """Start a waiting job; None when it no longer waits."""
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""UPDATE jobs SET state = 'running', started_at = ?
                    WHERE job_id = ? AND state = 'waiting' RETURNING {_COLUMNS}""",
                (milliseconds(self._now()), job_id),
            )
        return _job_from(row) if row else None

    async def end(
        self, job_id: int, state: JobState, *, ended_by: str = "", model_id: int | None = None
    ) -> Job | None:
        """End a job that waits or runs; None when it has ended already."""
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""UPDATE jobs SET state = ?, ended_at = ?, ended_by = ?, model_id = ?
                    WHERE job_id = ? AND state IN ('waiting', 'running')
                    RETURNING {_COLUMNS}""",
                (state.value, milliseconds(self._now()), ended_by, model_id, job_id),
            )
        return _job_from(row) if row else None

    async def set_notice(self, job_id: int, notice: JobNotice) -> None:
        """Store where the job's progress is shown."""
        async with self._database.transaction() as tx:
            await tx.rows(
                "UPDATE jobs SET channel_id = ?, message_id = ?, locale = ? WHERE job_id = ?",
                (notice.channel_id, notice.message_id, notice.locale, job_id),
            )

    async def mark_end_shown(self, job_id: int) -> None:
        """Record that the job's end was shown, so that it is not shown again."""
        async with self._database.transaction() as tx:
            await tx.rows("UPDATE jobs SET told = 1 WHERE job_id = ?", (job_id,))

    async def find(self, guild_id: int, job_id: int) -> Job | None:
        """Find one job of this server."""
        row = await self._database.row(
            f"SELECT {_COLUMNS} FROM jobs WHERE guild_id = ? AND job_id = ?",
            (guild_id, job_id),
        )
        return _job_from(row) if row else None

    async def under_way(self) -> tuple[Job, ...]:
        """List the jobs of all servers that wait or run, in the order they were queued."""
        return await self._where("state IN ('waiting', 'running')")

    async def ends_not_shown(self) -> tuple[Job, ...]:
        """List the jobs whose end nobody was shown."""
        return await self._where("state NOT IN ('waiting', 'running') AND told = 0")

    async def since(self, span: timedelta) -> tuple[Job, ...]:
        """List the jobs queued within the last `span`; cancelled ones that never began apart."""
        return await self._where(
            "queued_at > ? AND (state <> 'cancelled' OR started_at IS NOT NULL)",
            milliseconds(self._now() - span),
        )

    async def of_member(self, member_id: int) -> tuple[Job, ...]:
        """List the jobs that a member started, in all servers."""
        return await self._where("member_id = ?", member_id)

    async def forget_older_than(self, span: timedelta) -> None:
        """Delete jobs that ended longer than `span` ago, shown or not."""
        async with self._database.transaction() as tx:
            await tx.rows(
                "DELETE FROM jobs WHERE ended_at < ?",
                (milliseconds(self._now() - span),),
            )

    async def _where(self, condition: str, *parameters: int) -> tuple[Job, ...]:
        rows = await self._database.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE {condition} ORDER BY job_id",
            parameters,
        )
        return tuple(map(_job_from, rows))


def _job_from(row: Row) -> Job:
    shown = row["channel_id"] is not None
    return Job(
        job_id=row["job_id"],
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        kind=Kind(row["kind"]),
        state=JobState(row["state"]),
        queued_at=moment(row["queued_at"]),
        started_at=moment_or_none(row["started_at"]),
        ended_at=moment_or_none(row["ended_at"]),
        ended_by=row["ended_by"],
        model_id=row["model_id"],
        notice=JobNotice(row["channel_id"], row["message_id"], row["locale"]) if shown else None,
        told=bool(row["told"]),
    )
