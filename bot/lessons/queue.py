"""The queue of lessons: whose turn it is, how long until then, and how many are left today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.lessons.errors import AlreadyTeaching, LessonQueueFull, NoLessonsLeft
from storage.jobs import Jobs
from storage.lesson_values import Job, JobNotice, JobState, Kind

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
    kind. What members ask for while they look on never waits here at all.
    """

    def __init__(self, jobs: Jobs, limits: QueueLimits, seconds: Mapping[Kind, float]) -> None:
        """Work on `jobs`; `seconds` tells how long a lesson of each kind takes as a rule."""
        self._jobs = jobs
        self._limits = limits
        self._seconds = seconds
        self._held: dict[int, float] = {}  # jobs carried out in this process: seconds left

    async def left(self, guild_id: int, member_id: int) -> LessonsLeft:
        """Tell how many lessons may still be started."""
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
            NoLessonsLeft: the member or the server had as many today as the host allows.
            LessonQueueFull: too many wait.
            AlreadyTeaching: the server has one of this kind under way.
        """
        left = await self.left(guild_id, member_id)
        if not left.member or not left.server:
            limits = self._limits
            raise NoLessonsLeft(
                limits.server_a_day if left.member else limits.member_a_day,
                everybody=bool(left.member),
            )
        if not left.places:
            raise LessonQueueFull(self._limits.waiting)
        job = await self._jobs.queue(guild_id, member_id, kind, notice)
        if job is None:
            raise AlreadyTeaching
        return job

    async def take(self, kind: Kind) -> Job | None:
        """Begin the job whose turn it is; one that a restart interrupted goes on first."""
        under_way = [job for job in await self._jobs.under_way() if job.kind is kind]
        for job in under_way:
            if job.state is JobState.RUNNING and job.job_id not in self._held:
                self._held[job.job_id] = self._seconds[kind]
                return job
        for job in await self._in_turn(under_way):
            begun = await self._jobs.begin(job.job_id)
            if begun is not None:  # else it was called off at this very moment
                self._held[job.job_id] = self._seconds[kind]
                return begun
        return None

    def note_left(self, job_id: int, seconds: float) -> None:
        """Note how long a running job still takes, for those who wait."""
        if job_id in self._held:
            self._held[job_id] = seconds

    def release(self, job_id: int) -> None:
        """Let go of a job that is no longer carried out here."""
        self._held.pop(job_id, None)

    async def standings(self, kind: Kind) -> tuple[tuple[Job, Standing], ...]:
        """List the waiting jobs of a kind in their order, each with its place."""
        under_way = [job for job in await self._jobs.under_way() if job.kind is kind]
        running = [job for job in under_way if job.state is JobState.RUNNING]
        usual = self._seconds[kind]
        wait = sum(self._held.get(job.job_id, usual) for job in running)
        return tuple(
            (job, Standing(len(running) + place, wait + place * usual))
            for place, job in enumerate(await self._in_turn(under_way))
        )

    async def _in_turn(self, under_way: Iterable[Job]) -> list[Job]:
        waiting = [job for job in under_way if job.state is JobState.WAITING]
        today = await self._jobs.since(DAY)
        return in_turn(waiting, [job.guild_id for job in today if job.started_at is not None])


def in_turn(waiting: Sequence[Job], had: Iterable[int]) -> list[Job]:
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
