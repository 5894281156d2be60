"""Lessons: from the report to a model that may be promoted, over restarts."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from bot.lessons import process as lesson_process
from bot.lessons.contributions import ContributionService
from bot.lessons.errors import TooLittleToLearn
from bot.lessons.models import ServerModels
from bot.lessons.portrait_lessons import BEFORE_AND_AFTER
from bot.lessons.queue import JobQueue
from bot.lessons.values import (
    LessonFailed,
    LessonProgress,
    LessonReport,
    LessonRun,
    LessonSubject,
    Prospect,
)
from storage.erasure import Erased, Scope
from storage.errors import DiskFullError
from storage.jobs import Jobs
from storage.lesson_values import Job, JobNotice, JobState, Kind, TaughtModel

log = structlog.stdlib.get_logger(__name__)

KNOWN = frozenset({"memory", "disk", "damaged", "too_little", "unexpected"})
REASONS = {
    "too_few_pictures": "too_little",
    "bad_base": "damaged",
}  # of `ml.finetuning.train_portraits`
FULL_BELOW = 16 * 1024 * 1024  # bytes free
TELL_SECONDS = 60.0  # between two looks at how long others must wait
MOST_POINTS = 400  # of a curve; of more, every second one is dropped


@dataclass(slots=True)
class _UnderWay:
    """A lesson that is carried out now."""

    job: Job
    lesson: LessonRun | None = None
    process: asyncio.Task[dict[str, Any]] | None = None


@dataclass(slots=True)
class _Curve:
    points: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)

    def add(self, step: int, losses: Mapping[str, float]) -> None:
        self.points.append((step, losses))
        if len(self.points) > MOST_POINTS:
            self.points = self.points[::2]


class LessonService:
    """Carries lessons out, one of each kind at a time."""

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        subjects: Mapping[Kind, LessonSubject],
        models: ServerModels,
        contributions: ContributionService,
        folder: Path,
        *,
        memory_mb: int,
    ) -> None:
        """Join the parts.

        Args:
            jobs: the queue on disk.
            queue: whose turn it is.
            subjects: what can be taught.
            models: takes over what comes of lessons.
            contributions: what lessons learn from.
            folder: each lesson works in one of its own in here.
            memory_mb: what a lesson's process may allocate.
        """
        self._jobs = jobs
        self._queue = queue
        self._subjects = subjects
        self._models = models
        self._contributions = contributions
        self._folder = folder
        self._memory_mb = memory_mb
        self._under_way: dict[int, _UnderWay] = {}
        self._workers: dict[Kind, asyncio.Task[None]] = {}
        self._sheets: dict[int, bytes | None] = {}
        self.show: Callable[[LessonProgress], None] = lambda _: None

    async def prospect(self, guild_id: int, member_id: int, kind: Kind) -> Prospect:
        """Tell what a lesson would learn from, and what surrounds it."""
        under_way = [
            job
            for job in await self._jobs.under_way()
            if (job.guild_id, job.kind) == (guild_id, kind)
        ]
        return Prospect(
            await self._subjects[kind].report(guild_id),
            await self._models.serving(guild_id, kind),
            await self._queue.left(guild_id, member_id),
            under_way[0] if under_way else None,
        )

    async def report(self, guild_id: int, kind: Kind) -> LessonReport:
        """Tell what a lesson would learn from."""
        return await self._subjects[kind].report(guild_id)

    async def start(self, guild_id: int, member_id: int, kind: Kind, notice: JobNotice) -> Job:
        """Queue a lesson; `go_on` carries it out.

        Raises:
            TooLittleToLearn: what was handed over does not suffice.
            NoLessonsLeft, LessonQueueFull, AlreadyTeaching: it cannot be queued.
        """
        if (await self._subjects[kind].report(guild_id)).missing:
            raise TooLittleToLearn
        return await self._queue.submit(guild_id, member_id, kind, notice)

    async def progress(self, job: Job) -> LessonProgress:
        """Tell where a job stands, when nothing of it was shown yet."""
        standings = {each.job_id: place for each, place in await self._queue.standings(job.kind)}
        serving = await self._models.serving(job.guild_id, job.kind)
        return LessonProgress(
            job,
            job.state,
            standing=standings.get(job.job_id),
            model=await self._model_of(job),
            serving=serving,
            ended_by=job.ended_by,
        )

    async def find(self, guild_id: int, job_id: int) -> Job | None:
        """Find one job of this server."""
        return await self._jobs.find(guild_id, job_id)

    async def put_up(self, job_id: int, notice: JobNotice) -> None:
        """Keep where a lesson's progress is shown."""
        await self._jobs.put_up(job_id, notice)

    async def told(self, job_id: int) -> None:
        """Note that a lesson's end was shown."""
        await self._jobs.mark_told(job_id)

    async def untold(self) -> tuple[LessonProgress, ...]:
        """List the ends that a crash kept from being shown."""
        return tuple([await self.progress(job) for job in await self._jobs.untold()])

    async def waiting(self) -> tuple[LessonProgress, ...]:
        """List the lessons that wait or run."""
        return tuple([await self.progress(job) for job in await self._jobs.under_way()])

    def go_on(self) -> None:
        """Carry out what waits, and what a restart interrupted, until nothing is left."""
        for kind in self._subjects:
            worker = self._workers.get(kind)
            if worker is None or worker.done():
                self._workers[kind] = asyncio.create_task(self._work(kind), name=f"lessons {kind}")

    async def cancel(self, guild_id: int, job_id: int) -> bool:
        """Call a lesson off; False when it has ended already. Nothing of it is left."""
        job = await self._jobs.find(guild_id, job_id)
        ended = await self._jobs.end(job_id, JobState.CANCELLED) if job else None
        if ended is None:
            return False
        under_way = self._under_way.get(job_id)
        if under_way is None:  # it waited
            self.show(await self.progress(ended))
            await self._show_standings(ended.kind)
        elif under_way.process is not None:
            under_way.process.cancel()
        return True

    def before_erasure(self, scope: Scope) -> None:
        """Wait for the commit: what a lesson makes meanwhile is refused by the database."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Stop the lessons that were erased, and those that learn from what was erased.

        The latter begin anew without it.
        """
        if erased is None:
            return
        sources = {each.contribution_id for each in erased.contributions}
        for under_way in self._under_way.values():
            learns = under_way.lesson is not None and bool(under_way.lesson.sources & sources)
            if under_way.process and (learns or under_way.job.job_id in erased.lessons):
                under_way.process.cancel()

    async def open(self) -> None:
        """Put in order what a crash left: files of nothing, folders of ended lessons."""
        await self._contributions.sweep()
        await self._models.sweep()
        alive = {str(job.job_id) for job in await self._jobs.under_way()}
        await asyncio.to_thread(_remove_others, self._folder, alive)

    async def close(self) -> None:
        """Stop; what is not done goes on after the next start."""
        tasks = tuple(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, kind: Kind) -> None:
        while (job := await self._queue.take(kind)) is not None:
            telling = asyncio.create_task(self._keep_telling(kind), name=f"standings {kind}")
            try:
                await self._teach(job)
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
                self._queue.release(job.job_id)

    async def _keep_telling(self, kind: Kind) -> None:
        """Tell those who wait where they stand, as the lesson before them goes on."""
        while True:
            await self._show_standings(kind)
            await asyncio.sleep(TELL_SECONDS)

    async def _show_standings(self, kind: Kind) -> None:
        """Tell those who wait where they stand now."""
        for job, _ in await self._queue.standings(kind):
            self.show(await self.progress(job))

    async def _teach(self, job: Job) -> None:
        """Carry one lesson out and end it, however it goes."""
        folder = self._folder / str(job.job_id)
        under_way = self._under_way[job.job_id] = _UnderWay(job)
        log.info("lesson begins", job=job.job_id, kind=job.kind.value, guild=job.guild_id)
        ended: Job | None = None
        try:
            model = await self._attempt(under_way, folder)
            while model is None and await self._still_wanted(job):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                model = await self._attempt(under_way, folder)
        except LessonFailed as error:
            reason = await asyncio.to_thread(self._reason, error.reason)
            ended = await self._jobs.end(job.job_id, JobState.FAILED, ended_by=reason)
        except (OSError, DiskFullError) as error:
            log.exception("lesson failed", job=job.job_id)
            full = isinstance(error, DiskFullError) or error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "disk" if full else "unexpected"
            ended = await self._jobs.end(job.job_id, JobState.FAILED, ended_by=reason)
        except Exception:
            log.exception("lesson failed", job=job.job_id)
            ended = await self._jobs.end(job.job_id, JobState.FAILED, ended_by="unexpected")
        finally:
            del self._under_way[job.job_id]
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        ended = ended or await self._jobs.find(job.guild_id, job.job_id)
        # The row is gone with the server, or with the member who began the lesson.
        ended = ended or replace(job, state=JobState.CANCELLED)
        log.info("lesson over", job=job.job_id, state=ended.state.value, why=ended.ended_by)
        sheet = self._sheets.pop(job.job_id, None)
        self.show(replace(await self.progress(ended), sheet=sheet))

    async def _attempt(self, under_way: _UnderWay, folder: Path) -> TaughtModel | None:
        """Run the lesson once.

        Returns:
            What came of it; None when it was called off, or must begin anew.
        """
        job, subject = under_way.job, self._subjects[under_way.job.kind]
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        lesson = under_way.lesson = await subject.lay_out(job.guild_id, folder)
        if not await self._complete(lesson):
            return None
        curve, serving = _Curve(), await self._models.serving(job.guild_id, job.kind)
        told = LessonProgress(job, JobState.RUNNING, serving=serving)

        def heard(event: lesson_process.Event) -> None:
            nonlocal told
            told = _after(told, event, curve)
            if told.seconds_left is not None:
                self._queue.note_left(job.job_id, told.seconds_left)
            self.show(told)

        self.show(told)
        under_way.process = asyncio.create_task(
            lesson_process.run(lesson.module, memory_mb=self._memory_mb, heard=heard),
            name="lesson process",
        )
        done = await _unless_called_off(under_way.process)
        if done is None:
            return None
        figures = done.get("card") or done.get("figures") or {}
        card = await subject.examine(lesson, figures)
        sheet = await asyncio.to_thread(_read, lesson.out.with_name(BEFORE_AND_AFTER))
        self._sheets[job.job_id] = sheet
        return await self._models.adopt(job, lesson.out, card, lesson.sources)

    def _reason(self, code: str) -> str:
        """Give the code that has words; a full disk looks to a process like many things."""
        self._folder.mkdir(parents=True, exist_ok=True)
        told = code in KNOWN and code != "unexpected"
        if not told and shutil.disk_usage(self._folder).free < FULL_BELOW:
            return "disk"
        return code if code in KNOWN else REASONS.get(code, "unexpected")

    async def _still_wanted(self, job: Job) -> bool:
        found = await self._jobs.find(job.guild_id, job.job_id)
        return found is not None and found.state is JobState.RUNNING

    async def _complete(self, lesson: LessonRun) -> bool:
        return await self._contributions.existing(lesson.sources) == lesson.sources

    async def _model_of(self, job: Job) -> TaughtModel | None:
        if job.model_id is None:
            return None
        shelf = await self._models.shelf(job.guild_id)
        return next((model for model in shelf.models if model.model_id == job.model_id), None)


async def _unless_called_off(process: asyncio.Task[dict[str, Any]]) -> dict[str, Any] | None:
    """Wait for a lesson's process; None when only it was cancelled, and not we ourselves."""
    try:
        return await process
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return None


def _after(told: LessonProgress, event: lesson_process.Event, curve: _Curve) -> LessonProgress:
    """Add a progress event to what was told so far."""
    step, steps = int(event.get("step", told.step)), int(event.get("steps", told.steps))
    losses = event.get("losses") or {}
    if losses:
        curve.add(step, {str(name): float(value) for name, value in losses.items()})
    left = event.get("seconds_left")
    return replace(
        told,
        step=step,
        steps=steps,
        seconds_left=None if left is None else float(left),
        curve=tuple(curve.points),
        sheet=_sheet(event.get("sheet")) or told.sheet,
    )


def _sheet(path: object) -> bytes | None:
    """Read a sheet of drawings; small, and local."""
    return _read(Path(path)) if isinstance(path, str) and path else None


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:  # there is none, or none yet
        return None


def _remove_others(folder: Path, alive: Collection[str]) -> None:
    if folder.exists():
        for each in folder.iterdir():
            if each.name not in alive:
                shutil.rmtree(each, ignore_errors=True)
