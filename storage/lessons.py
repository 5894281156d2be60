"""Contributions and jobs, and what stores them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

import numpy as np
import numpy.typing as npt

from storage.codecs import (
    ID_LIST,
    id_list,
    milliseconds,
    moment,
    moment_or_none,
    vector_bytes,
    vector_from,
)
from storage.database import ONE_STATEMENT, Database, Row

LEASE = timedelta(seconds=30)  # without a sign, after which a lesson's process counts as dead


class Kind(Enum):
    """What a server can train."""

    GENRE = "genre"
    AVATAR = "avatar"


class Matter(Enum):
    """What a contribution is made of, and which lesson it is for."""

    SONG = "song"
    ART = "art"


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """Something a member handed over for lessons.

    Attributes:
        contribution_id: 0 before it is stored.
        matter: a song or a picture.
        title: the file's name, or that and the number of the face in it.
        content: SHA-256 of what was handed over, to know the same thing again.
        label: the genre the member gave a song.
        artist: who made it, as the member said; empty when not said.
        corrected: whether it put a wrong answer right.
        model: the music model that made the vector; empty for pictures.
        vector: (n,) float32; None for pictures.
        shares: probability of each shipped genre.
        file: name of the crop in the art folder; empty for songs.
        given_at: when; None before it is stored.
    """

    guild_id: int
    member_id: int
    matter: Matter
    title: str
    content: bytes
    label: str = ""
    artist: str = ""
    corrected: bool = False
    model: str = ""
    vector: npt.NDArray[np.float32] | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    file: str = ""
    contribution_id: int = 0
    given_at: datetime | None = None


class JobState(Enum):
    """Where a job stands; a running one continues after a restart."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobNotice:
    """Where a job's progress is shown; without a message, only to whoever started it."""

    channel_id: int
    message_id: int | None
    locale: str


@dataclass(frozen=True, slots=True)
class Job:
    """One queued lesson.

    Attributes:
        member_id: who started it.
        ended_by: a code of what ended it before its time; empty otherwise.
        model_id: the model that came of it.
        told: whether its end was shown.
        worker: the process that carries it out, or did so last; empty: none began yet.
    """

    job_id: int
    guild_id: int
    member_id: int
    kind: Kind
    state: JobState
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    model_id: int | None
    notice: JobNotice | None
    told: bool
    worker: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class JobProgress:
    """How far a lesson has come, for the process that shows it.

    Attributes:
        step: of `steps`.
        seconds_left: None before that is known.
        curve: (step, loss by name), rising.
        sheet: its latest drawings, a PNG; None: none.
    """

    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    curve: tuple[tuple[int, Mapping[str, float]], ...] = ()
    sheet: bytes | None = None


CONTRIBUTION_COLUMNS = """contribution_id, guild_id, member_id, kind, corrected, title, artist,
    label, content, model, vector, shares, file, given_at"""


class Contributions:
    """The contributions of every server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def add(self, given: Contribution) -> Contribution | None:
        """Store a contribution; None when its server has it already, from whomever.

        A member who hands the same song over again may give it another genre.
        """
        vector = None if given.vector is None else vector_bytes(given.vector, given.model)
        values = (
            given.guild_id, given.member_id, given.matter.value, int(given.corrected),
            given.title, given.artist, given.label, given.content, given.model, vector,
            json.dumps(dict(given.shares)), given.file, milliseconds(self._now()),
        )  # fmt: skip
        async with self._database.transaction(given.guild_id) as tx:
            row = await tx.row(
                f"""INSERT INTO contributions (guild_id, member_id, kind, corrected, title, artist,
                        label, content, model, vector, shares, file, given_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (guild_id, kind, content) DO UPDATE SET label = excluded.label,
                        artist = excluded.artist, model = excluded.model,
                        vector = excluded.vector, shares = excluded.shares
                    WHERE contributions.member_id = excluded.member_id
                        AND contributions.kind = 'song'
                        AND (contributions.label, contributions.artist, contributions.model)
                            <> (excluded.label, excluded.artist, excluded.model)
                    RETURNING {CONTRIBUTION_COLUMNS}""",
                values,
            )
        return contribution_from(row) if row else None

    async def with_content(
        self, guild_id: int, matter: Matter, content: bytes
    ) -> Contribution | None:
        """Return a server's contribution of this song or picture, by the SHA-256 it is known by."""
        row = await self._database.row(
            f"""SELECT {CONTRIBUTION_COLUMNS} FROM contributions
                WHERE guild_id = ? AND kind = ? AND content = ?""",
            (guild_id, matter.value, content),
        )
        return contribution_from(row) if row else None

    async def of_server(self, guild_id: int, matter: Matter) -> tuple[Contribution, ...]:
        """List a server's contributions of one kind, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {CONTRIBUTION_COLUMNS} FROM contributions WHERE guild_id = ? AND kind = ?
                ORDER BY contribution_id""",
            (guild_id, matter.value),
        )
        return tuple(map(contribution_from, rows))

    async def of_member(
        self, member_id: int, guild_id: int | None = None
    ) -> tuple[Contribution, ...]:
        """List what a member handed over, in one server or in all, the oldest first."""
        rows = await self._database.rows(
            f"""SELECT {CONTRIBUTION_COLUMNS} FROM contributions
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

    async def label_counts(self, guild_id: int) -> Mapping[str, int]:
        """Count a server's songs of each genre, most first."""
        rows = await self._database.rows(
            """SELECT label, count(*) AS songs FROM contributions
                WHERE guild_id = ? AND kind = 'song' GROUP BY label ORDER BY songs DESC, label""",
            (guild_id,),
        )
        return {row["label"]: row["songs"] for row in rows}

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
    """Read a row of `CONTRIBUTION_COLUMNS`."""
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


_JOB_COLUMNS = """job_id, guild_id, member_id, kind, state, queued_at, started_at, ended_at,
    ended_by, model_id, channel_id, message_id, locale, told, worker"""


class Jobs:
    """The jobs of every server.

    A job that runs is held by one process, which renews its lease. Where the lease ran out, the
    process is taken for dead, and another may go on with the job.

    Attributes:
        worker: names the process that holds what begins here.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        worker: str | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        """Work on `database`.

        Args:
            database: where the jobs are.
            now: a clock with a time zone, within seconds of that of other processes.
            worker: names this process; None: as the database does.
            lease: for how long a sign of life counts.
        """
        self._database = database
        self._now = now
        self._lease = lease
        self.worker = database.process if worker is None else worker

    async def queue(
        self, guild_id: int, member_id: int, kind: Kind, notice: JobNotice
    ) -> Job | None:
        """Append a job to the queue; None when the server has one of its kind there."""
        at = milliseconds(self._now())
        async with self._database.transaction(guild_id) as tx:
            row = await tx.row(
                f"""INSERT INTO jobs (guild_id, member_id, kind, state, queued_at, channel_id,
                        message_id, locale)
                    VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    RETURNING {_JOB_COLUMNS}""",
                (guild_id, member_id, kind.value, at, *astuple(notice)),
            )
        return _job_from(row) if row else None

    async def begin(self, job_id: int) -> Job | None:
        """Hold a job that waits, or whose holder let the lease run out.

        Returns:
            The job; None when it is held, has ended or another process is about to begin it.
        """
        now = self._now()
        at, until = milliseconds(now), milliseconds(now + self._lease)
        async with self._database.transaction(ONE_STATEMENT) as tx:
            row = await tx.row(
                f"""UPDATE jobs SET state = 'running', started_at = coalesce(started_at, ?),
                        worker = ?, lease_until = ?
                    WHERE job_id = (SELECT job_id FROM jobs WHERE job_id = ? AND (
                            state = 'waiting' OR state = 'running'
                                AND (lease_until IS NULL OR lease_until < ?))
                        /* FOR UPDATE SKIP LOCKED */)
                    RETURNING {_JOB_COLUMNS}""",
                (at, self.worker, until, job_id, at),
            )
        return _job_from(row) if row else None

    async def renew(self, job_id: int, progress: JobProgress | None = None) -> bool:
        """Hold a job of this process for longer, and store how far it is for whoever shows it.

        A sheet that is None leaves the one before.

        Returns:
            Whether this process holds it; False once it ended, or another process took it.
        """
        until = milliseconds(self._now() + self._lease)
        async with self._database.transaction(ONE_STATEMENT) as tx:
            held = await tx.row(
                """UPDATE jobs SET lease_until = ?
                    WHERE job_id = ? AND worker = ? AND state = 'running' RETURNING job_id""",
                (until, job_id, self.worker),
            )
            if held and progress is not None:
                await tx.rows(
                    """INSERT INTO lesson_progress (job_id, step, steps, seconds_left, curve,
                            sheet)
                        VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (job_id) DO UPDATE SET step = excluded.step,
                            steps = excluded.steps, seconds_left = excluded.seconds_left,
                            curve = excluded.curve,
                            sheet = coalesce(excluded.sheet, lesson_progress.sheet)""",
                    (job_id, *_row_of(progress)),
                )
        return held is not None

    async def release(self, job_id: int | None = None) -> None:
        """Let others go on with a running job of this process; None: with all of them."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows(
                """UPDATE jobs SET lease_until = NULL
                    WHERE worker = ? AND state = 'running' AND job_id = coalesce(?, job_id)""",
                (self.worker, job_id),
            )

    async def progress(self, job_id: int) -> JobProgress | None:
        """Find how far a job is that another process carries out."""
        row = await self._database.row(
            """SELECT step, steps, seconds_left, curve, sheet FROM lesson_progress
                WHERE job_id = ?""",
            (job_id,),
        )
        if row is None:
            return None
        curve = tuple((step, losses) for step, losses in json.loads(row["curve"]))
        return JobProgress(row["step"], row["steps"], row["seconds_left"], curve, row["sheet"])

    async def seconds_left(self) -> Mapping[int, float]:
        """Return, by job, how long those still take that other processes carry out."""
        rows = await self._database.rows(
            "SELECT job_id, seconds_left FROM lesson_progress WHERE seconds_left IS NOT NULL"
        )
        return {row["job_id"]: row["seconds_left"] for row in rows}

    async def forget_progress(self, job_id: int) -> None:
        """Delete how far a job had come: it begins anew, or its end was shown."""
        async with self._database.transaction(ONE_STATEMENT) as tx:
            await tx.rows("DELETE FROM lesson_progress WHERE job_id = ?", (job_id,))

    async def end(
        self, job_id: int, state: JobState, *, ended_by: str = "", held: bool = False
    ) -> Job | None:
        """End a job that waits or runs.

        Args:
            job_id: the job.
            state: how it ended.
            ended_by: a code of what ended it before its time.
            held: only where this process holds it.

        Returns:
            The job; None when it has ended already, or another process holds it.
        """
        at, worker = milliseconds(self._now()), self.worker if held else None
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""UPDATE jobs SET state = ?, ended_at = ?, ended_by = ?
                    WHERE job_id = ? AND state IN ('waiting', 'running')
                        AND worker = coalesce(?, worker)
                    RETURNING {_JOB_COLUMNS}""",
                (state.value, at, ended_by, job_id, worker),
            )
        return _job_from(row) if row else None

    async def set_notice(self, job_id: int, notice: JobNotice) -> None:
        """Store where the job's progress is shown."""
        async with self._database.transaction() as tx:
            await tx.rows(
                "UPDATE jobs SET channel_id = ?, message_id = ?, locale = ? WHERE job_id = ?",
                (*astuple(notice), job_id),
            )

    async def mark_end_shown(self, job_id: int) -> None:
        """Record that the job's end was shown, so that it is not shown again."""
        async with self._database.transaction() as tx:
            await tx.rows("UPDATE jobs SET told = 1 WHERE job_id = ?", (job_id,))
            await tx.rows("DELETE FROM lesson_progress WHERE job_id = ?", (job_id,))

    async def find(self, guild_id: int, job_id: int) -> Job | None:
        """Find one job of this server."""
        row = await self._database.row(
            f"SELECT {_JOB_COLUMNS} FROM jobs WHERE guild_id = ? AND job_id = ?",
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
        before = milliseconds(self._now() - span)
        async with self._database.transaction() as tx:
            await tx.rows("DELETE FROM jobs WHERE ended_at < ?", (before,))

    async def _where(self, condition: str, *parameters: int) -> tuple[Job, ...]:
        rows = await self._database.rows(
            f"SELECT {_JOB_COLUMNS} FROM jobs WHERE {condition} ORDER BY job_id",
            parameters,
        )
        return tuple(map(_job_from, rows))


def _row_of(progress: JobProgress) -> tuple[int, int, float | None, str, bytes | None]:
    curve = json.dumps(progress.curve)
    return progress.step, progress.steps, progress.seconds_left, curve, progress.sheet


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
        worker=row["worker"],
    )
