"""Report on lessons and queue them: which is next, how long until then, how many are left today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.lessons.errors import (
    AlreadyTeachingError,
    LessonQueueFullError,
    NoLessonsLeftError,
    TooLittleToLearnError,
)
from bot.lessons.models import ServerModels
from bot.lessons.subjects import LessonReport, LessonSubject
from bot.sharding import ALL_SHARDS, Shards
from storage.lessons import Job, JobNotice, Jobs, JobState, Kind, TaughtModel

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many lessons the host allows.

    Attributes:
        member_a_day: started by one member in all servers.
        server_a_day: started in one server.
        waiting: in the queue at once, over all servers.
    """

    member_a_day: int
    server_a_day: int
    waiting: int


@dataclass(frozen=True, slots=True)
class LessonsLeft:
    """How many lessons a member and a server may still start today, and free places to wait."""

    member: int
    server: int
    places: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiting job's place: how many come before it, and about how long that takes."""

    ahead: int
    wait_seconds: float


class JobQueue:
    """Decides which lesson comes next; each kind has a queue of its own.

    A genre lesson takes seconds and a portrait lesson an hour, so neither waits for the other
    kind.
    """

    def __init__(
        self,
        jobs: Jobs,
        limits: QueueLimits,
        seconds: Mapping[Kind, float],
        shards: Shards = ALL_SHARDS,
    ) -> None:
        """Work on `jobs`.

        Args:
            jobs: the queue on disk.
            limits: how many lessons are started.
            seconds: what a lesson of each kind takes as a rule.
            shards: whose servers' lessons run here; what another process runs is not interrupted.
        """
        self._jobs = jobs
        self._limits = limits
        self._seconds = seconds
        self._shards = shards
        self._running: dict[int, float] = {}  # jobs that run in this process: seconds left

    async def left(self, guild_id: int, member_id: int) -> LessonsLeft:
        """Return how many lessons may still be started."""
        today = await self._jobs.since(DAY)
        waiting = sum(job.state is JobState.WAITING for job in await self._jobs.under_way())
        by_member = sum(job.member_id == member_id for job in today)
        in_server = sum(job.guild_id == guild_id for job in today)
        return LessonsLeft(
            member=max(0, self._limits.member_a_day - by_member),
            server=max(0, self._limits.server_a_day - in_server),
            places=max(0, self._limits.waiting - waiting),
        )

    async def submit(self, guild_id: int, member_id: int, kind: Kind, notice: JobNotice) -> Job:
        """Queue a lesson.

        Raises:
            NoLessonsLeftError: the member or the server had as many today as the host allows.
            LessonQueueFullError: too many wait.
            AlreadyTeachingError: the server has one of this kind under way.
        """
        left = await self.left(guild_id, member_id)
        if not left.member or not left.server:
            limits = self._limits
            raise NoLessonsLeftError(
                limits.server_a_day if left.member else limits.member_a_day,
                everybody=bool(left.member),
            )
        if not left.places:
            raise LessonQueueFullError(self._limits.waiting)
        job = await self._jobs.queue(guild_id, member_id, kind, notice)
        if job is None:
            raise AlreadyTeachingError
        return job

    async def begin_next(self, kind: Kind) -> Job | None:
        """Begin the next job of this process; one that a restart interrupted goes on first."""
        every = [job for job in await self._jobs.under_way() if job.kind is kind]
        under_way = [job for job in every if self._shards.owns(job.guild_id)]
        for job in under_way:
            if job.state is JobState.RUNNING and job.job_id not in self._running:
                self._running[job.job_id] = self._seconds[kind]
                return job
        for job in await self._in_order(under_way):
            begun = await self._jobs.begin(job.job_id)
            if begun is not None:  # else it was called off at this very moment
                self._running[job.job_id] = self._seconds[kind]
                return begun
        return None

    def note_left(self, job_id: int, seconds: float) -> None:
        """Note how long a running job still takes, for those who wait."""
        if job_id in self._running:
            self._running[job_id] = seconds

    def release(self, job_id: int) -> None:
        """Note that a job runs no longer in this process."""
        self._running.pop(job_id, None)

    async def standings(self, kind: Kind) -> tuple[tuple[Job, Standing], ...]:
        """List the waiting jobs of a kind in their order, each with its place."""
        under_way = [job for job in await self._jobs.under_way() if job.kind is kind]
        running = [job for job in under_way if job.state is JobState.RUNNING]
        usual = self._seconds[kind]
        wait = sum(self._running.get(job.job_id, usual) for job in running)
        return tuple(
            (job, Standing(len(running) + place, wait + place * usual))
            for place, job in enumerate(await self._in_order(under_way))
        )

    async def _in_order(self, under_way: Iterable[Job]) -> list[Job]:
        waiting = [job for job in under_way if job.state is JobState.WAITING]
        today = await self._jobs.since(DAY)
        return fair_order(waiting, [job.guild_id for job in today if job.started_at is not None])


def fair_order(waiting: Sequence[Job], had: Iterable[int]) -> list[Job]:
    """Order jobs fairly: the server that had the fewest lessons comes first.

    Args:
        waiting: the jobs.
        had: the server of each lesson begun today.
    """
    lessons = Counter(had)
    rest, order = list(waiting), []
    while rest:
        job = min(rest, key=lambda each: (lessons[each.guild_id], each.job_id))
        rest.remove(job)
        order.append(job)
        lessons[job.guild_id] += 1
    return order


@dataclass(frozen=True, slots=True)
class Prospect:
    """A report, and what surrounds it: the model that serves, lessons left, one under way."""

    report: LessonReport
    serving: TaughtModel | None
    left: LessonsLeft
    under_way: Job | None


class LessonService:
    """Reports on lessons and queues them.

    Attributes:
        jobs: the queue on disk, for whoever only reads or marks.
    """

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        subjects: Mapping[Kind, LessonSubject],
        models: ServerModels,
    ) -> None:
        """Join the parts.

        Args:
            jobs: the queue on disk.
            queue: limits how many lessons are started.
            subjects: what can be taught.
            models: which model serves.
        """
        self.jobs = jobs
        self._queue = queue
        self._subjects = subjects
        self._models = models

    async def prospect(self, guild_id: int, member_id: int, kind: Kind) -> Prospect:
        """Return what a lesson would learn from, and what surrounds it."""
        under_way = [
            job
            for job in await self.jobs.under_way()
            if (job.guild_id, job.kind) == (guild_id, kind)
        ]
        return Prospect(
            await self._subjects[kind].report(guild_id),
            await self._models.stored.serving(guild_id, kind),
            await self._queue.left(guild_id, member_id),
            under_way[0] if under_way else None,
        )

    async def start(self, guild_id: int, member_id: int, kind: Kind, notice: JobNotice) -> Job:
        """Queue a lesson; `LessonRunner.resume` carries it out.

        Raises:
            TooLittleToLearnError: what was contributed does not suffice.
            NoLessonsLeftError, LessonQueueFullError, AlreadyTeachingError: it cannot be queued.
        """
        if (await self._subjects[kind].report(guild_id)).missing:
            raise TooLittleToLearnError
        return await self._queue.submit(guild_id, member_id, kind, notice)
