"""What administrators ask about lessons: what there is to learn from, and to start one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.lessons.errors import TooLittleToLearn
from bot.lessons.models import ServerModels
from bot.lessons.queue import JobQueue, LessonsLeft
from bot.lessons.runner import LessonProgress, LessonRunner
from bot.lessons.subjects import LessonReport, LessonSubject
from storage.jobs import Jobs
from storage.lesson_values import Job, JobNotice, Kind, TaughtModel


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
        runner: LessonRunner,
    ) -> None:
        """Join the parts.

        Args:
            jobs: the queue on disk.
            queue: limits how many lessons are started.
            subjects: what can be taught.
            models: which model serves.
            runner: carries out what is queued.
        """
        self.jobs = jobs
        self._queue = queue
        self._subjects = subjects
        self._models = models
        self._runner = runner

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
            TooLittleToLearn: what was contributed does not suffice.
            NoLessonsLeft, LessonQueueFull, AlreadyTeaching: it cannot be queued.
        """
        if (await self._subjects[kind].report(guild_id)).missing:
            raise TooLittleToLearn
        return await self._queue.submit(guild_id, member_id, kind, notice)

    async def to_show(self) -> tuple[LessonProgress, ...]:
        """List what messages must show after a start: ends not yet shown, and what is queued."""
        jobs = (*await self.jobs.untold(), *await self.jobs.under_way())
        return tuple([await self._runner.progress(job) for job in jobs])
