"""Carry out queued lessons, over restarts and among several processes."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from bot.lessons.contributions import ContributionStore
from bot.lessons.errors import LessonFailedError
from bot.lessons.models import ModelCard, ServerModels
from bot.lessons.service import JobQueue, LessonProgress, LessonReporter, read_or_none
from bot.lessons.subjects import LessonRun, LessonSubject
from ml.finetuning.events import Done, Failed, FailureCode, TrainingProgress, decode
from storage.database import finish
from storage.erasure import Erased, Scope
from storage.errors import (
    DatabaseLockedError,
    DatabaseUnavailableError,
    DiskFullError,
    StorageError,
)
from storage.lessons import Job, JobProgress, Jobs, JobState, Kind
from storage.taught_models import TaughtModel

log = structlog.stdlib.get_logger(__name__)

# Codes that say enough; any other failure on a full disk is put down to the disk.
CERTAIN = frozenset(
    {FailureCode.MEMORY, FailureCode.DISK, FailureCode.DAMAGED, FailureCode.TOO_LITTLE}
)
AWAY = (DatabaseUnavailableError, DatabaseLockedError)  # a shared database comes back
FULL_BELOW = 16 * 1024 * 1024  # bytes free
STANDINGS_SECONDS = 60.0  # between two reports of how long others must wait
RENEW_SECONDS = 5.0  # between two signs that a lesson's process is alive; see `LEASE`
LOOK_SECONDS = 3.0  # between two looks what other processes queued or did
NICENESS = 19  # so that whatever members wait for comes first
TERM_SECONDS = 15.0  # to write a checkpoint when asked to end
LINE_LIMIT = 1 << 20  # bytes of one event
ERROR_LINES = 40  # of standard error, for the log
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


@dataclass(slots=True)
class _Active:
    """A lesson that runs now."""

    job: Job
    progress: LessonProgress
    run: LessonRun | None = None
    process: asyncio.Task[Done] | None = None
    comparison: bytes | None = field(default=None, repr=False)
    recorded_sheet: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LessonRole:
    """Which part of the lessons a process has.

    Attributes:
        teaches: it carries lessons out; otherwise all are left to teachers.
        shows: it shows members how they go; otherwise it tells the processes that do.
        shared: others use the same database: it must look what they do.
    """

    teaches: bool = True
    shows: bool = True
    shared: bool = False


ALONE = LessonRole()


class LessonRunner:
    """Carries lessons out, one of each kind at a time.

    A lesson is held by a lease, which is renewed while it runs. It ends, or begins anew, when the
    lease was lost, or when the database says so: it was called off, or a source was taken back.
    """

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        reporter: LessonReporter,
        subjects: Mapping[Kind, LessonSubject],
        models: ServerModels,
        contributions: ContributionStore,
        folder: Path,
        *,
        memory_mb: int,
        role: LessonRole = ALONE,
    ) -> None:
        """Join the parts.

        Args:
            jobs: the queue on disk.
            queue: decides which lesson is next.
            reporter: is told how lessons go.
            subjects: what can be taught.
            models: stores what comes of lessons.
            contributions: what lessons learn from.
            folder: each lesson works in one of its own in here.
            memory_mb: what a lesson's process may allocate.
            role: this process among others.
        """
        self._jobs = jobs
        self._queue = queue
        self._reporter = reporter
        self._subjects = subjects
        self._models = models
        self._contributions = contributions
        self._folder = folder
        self._memory_mb = memory_mb
        self._role = role
        self._active: dict[int, _Active] = {}
        self._workers: dict[Kind, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Remove what a crash left: files of nothing, folders of ended lessons, its lease."""
        await self._jobs.release()
        await self._contributions.sweep()
        await self._sweep()

    async def _sweep(self) -> None:
        await self._models.sweep()
        alive = {str(job.job_id) for job in await self._jobs.under_way()}
        await asyncio.to_thread(_remove_others, self._folder, alive)

    def resume(self) -> None:
        """Carry out what waits, and what a restart interrupted, until nothing is left.

        Where other processes share the database, look now and then what they left or did.
        """
        if self._role.shared and self._looking is None:
            self._looking = asyncio.create_task(self._poll(), name="lessons of others")
        self._begin()

    def _begin(self) -> None:
        if not self._role.teaches:
            return
        for kind in self._subjects:
            worker = self._workers.get(kind)
            if worker is None or worker.done():
                self._workers[kind] = asyncio.create_task(self._work(kind), name=f"lessons {kind}")

    async def close(self) -> None:
        """Stop; what is not done continues after the next start, or in another process."""
        tasks = [*self._workers.values(), *filter(None, [self._looking])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def cancel(self, guild_id: int, job_id: int) -> bool:
        """Cancel a lesson and all that it made; return False when it has ended already."""
        job = await self._jobs.find(guild_id, job_id)
        ended = await self._jobs.end(job_id, JobState.CANCELLED) if job else None
        if ended is None:
            return False
        active = self._active.get(job_id)
        if active is None:  # it waited, or another process carries it out and will stop
            self._reporter.report(await self._reporter.progress(ended))
            await self._reporter.report_standings(ended.kind)
        elif active.process is not None:
            active.process.cancel()
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
        for active in self._active.values():
            learns = active.run is not None and bool(active.run.sources & sources)
            if active.process and (learns or active.job.job_id in erased.lessons):
                active.process.cancel()

    async def _poll(self) -> None:
        away = False
        while True:
            try:
                if await self._jobs.under_way():
                    self._begin()
                await self._reporter.look(self._active)
                away = False
            except StorageError as error:
                if not away:
                    log.warning("lessons_not_looked_at", reason=str(error))
                away = True
            await asyncio.sleep(LOOK_SECONDS)

    async def _work(self, kind: Kind) -> None:
        try:
            while (job := await self._queue.begin_next(kind)) is not None:
                await self._carry_out(job)
        except StorageError as error:  # the next look or the next lesson begins again
            log.warning("lessons_interrupted", kind=kind.value, reason=str(error))

    async def _carry_out(self, job: Job) -> None:
        standings = self._repeat_standings(job.kind)
        beside = [asyncio.create_task(each) for each in (standings, self._renew_lease(job))]
        try:
            await self._teach(job)
            if not self._role.shows:  # it may run for months without a start
                await self._sweep()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            with suppress(StorageError):
                await finish(self._queue.release(job.job_id))

    async def _repeat_standings(self, kind: Kind) -> None:
        while self._role.shows:
            await self._reporter.report_standings(kind)
            await asyncio.sleep(STANDINGS_SECONDS)

    async def _renew_lease(self, job: Job) -> None:
        """Renew a lesson's lease; stop it when it is lost, called off, or a source is gone."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            active = self._active.get(job.job_id)
            if active is None:
                continue
            try:
                goes_on = await self._record_progress(active) and await self._sources_are_there(
                    active.run
                )
            except StorageError as error:
                log.warning("lease_not_renewed", job=job.job_id, reason=str(error))
                continue
            if not goes_on and active.process is not None:
                active.process.cancel()

    async def _record_progress(self, active: _Active) -> bool:
        """Renew a lesson's lease, and tell how far it is; return whether it was not lost."""
        if self._role.shows:
            return await self._jobs.renew(active.job.job_id)
        known, sheet = active.progress, active.comparison or active.progress.sheet
        told = JobProgress(
            known.step,
            known.steps,
            known.seconds_left,
            known.curve,
            sheet if sheet is not active.recorded_sheet else None,
        )
        held = await self._jobs.renew(active.job.job_id, told)
        active.recorded_sheet = sheet
        return held

    async def _sources_are_there(self, run: LessonRun | None) -> bool:
        if run is None:
            return True
        return await self._contributions.stored.existing(run.sources) == run.sources

    async def _teach(self, job: Job) -> None:
        """Carry one lesson out and end it, however it goes."""
        folder = self._folder / str(job.job_id)
        active = self._active[job.job_id] = _Active(job, LessonProgress(job, JobState.RUNNING))
        log.info("lesson_started", job=job.job_id, kind=job.kind.value, guild=job.guild_id)
        ended: Job | None = None
        try:
            model = await self._attempt(active, folder)
            while model is None and await self._is_running(job):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                model = await self._attempt(active, folder)
        except Exception as error:
            if self._role.shared and isinstance(error, AWAY):
                raise  # it goes on when the database is back
            code = await asyncio.to_thread(self._code_of, error)
            if not isinstance(error, LessonFailedError):
                log.exception("lesson_failed", job=job.job_id)
            ended = await self._jobs.end(job.job_id, JobState.FAILED, ended_by=code, held=True)
        finally:
            del self._active[job.job_id]
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        ended = ended or await self._jobs.find(job.guild_id, job.job_id)
        if ended is not None and ended.worker != job.worker:
            log.warning("lesson_lost", job=job.job_id, reason="another process goes on with it")
            return
        # The row is gone with the server, or with the member who began the lesson.
        ended = ended or replace(job, state=JobState.CANCELLED)
        log.info("lesson_ended", job=job.job_id, state=ended.state.value, code=ended.ended_by)
        self._reporter.report(
            replace(await self._reporter.progress(ended), sheet=active.comparison)
        )

    async def _attempt(self, active: _Active, folder: Path) -> TaughtModel | None:
        """Run the lesson once.

        Returns:
            What came of it; None when it was cancelled, or must begin anew.
        """
        job, subject = active.job, self._subjects[active.job.kind]
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        run = active.run = await subject.lay_out(job.guild_id, folder)
        if not await self._sources_are_there(run):
            return None
        serving = await self._models.stored.serving(job.guild_id, job.kind)
        active.progress = LessonProgress(job, JobState.RUNNING, serving=serving)
        await self._jobs.forget_progress(job.job_id)  # it may be of what was taken back

        def update(event: TrainingProgress) -> None:
            progress = active.progress = active.progress.after(event)
            if progress.seconds_left is not None:
                self._queue.note_left(job.job_id, progress.seconds_left)
            self._reporter.report(progress)

        self._reporter.report(active.progress)
        active.process = asyncio.create_task(
            run_process(run.module, memory_mb=self._memory_mb, progress=update),
            name="lesson process",
        )
        done = await _unless_cancelled(active.process)
        if done is None:
            return None
        card = await subject.examine(run, done)
        if run.comparison is not None:
            active.comparison = await asyncio.to_thread(read_or_none, run.comparison)
        return await self._adopt(active, run, card)

    async def _adopt(self, active: _Active, run: LessonRun, card: ModelCard) -> TaughtModel | None:
        """Store what came of a lesson; where a server has the database, as soon as it is there."""
        while True:
            try:
                await self._record_progress(active)
                return await self._models.adopt(active.job, run.out, card, run.sources)
            except AWAY as error:
                if not self._role.shared:
                    raise
                log.warning("lease_not_renewed", job=active.job.job_id, reason=str(error))
                await asyncio.sleep(RENEW_SECONDS)

    async def _is_running(self, job: Job) -> bool:
        found = await self._jobs.find(job.guild_id, job.job_id)
        if found is None or found.worker != job.worker:
            return False
        return found.state is JobState.RUNNING

    def _code_of(self, error: Exception) -> str:
        """Return the code of what ended a lesson; to a process a full disk looks like much else."""
        if isinstance(error, LessonFailedError):
            self._folder.mkdir(parents=True, exist_ok=True)
            full = shutil.disk_usage(self._folder).free < FULL_BELOW
            return FailureCode.DISK if full and error.failure not in CERTAIN else error.failure
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        full = full or isinstance(error, DiskFullError)
        return FailureCode.DISK if full else FailureCode.UNEXPECTED


# The process of a lesson: low priority, limited memory, and gone when the bot goes


async def run_process(
    module: Sequence[str], *, memory_mb: int, progress: Callable[[TrainingProgress], None]
) -> Done:
    """Run a lesson to its end.

    Cancelled, it ends the process and waits until it is gone.

    Args:
        module: its name and arguments.
        memory_mb: how much it may allocate; 0: any.
        progress: is called with every progress event.

    Returns:
        Its last event.

    Raises:
        LessonFailedError: it ended without that.
    """
    process = await _start(module, memory_mb)
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(_tail(process.stderr))
    last: Done | Failed | None = None
    try:
        async for line in process.stdout:
            match decode(line):
                case TrainingProgress() as event:
                    progress(event)
                case Done() | Failed() as event:
                    last = event
        await process.wait()
    finally:
        await _end(process)
        stderr = await errors
    if isinstance(last, Done) and process.returncode == 0:
        return last
    code = last.code if isinstance(last, Failed) else _code_of(process.returncode)
    detail = last.detail if isinstance(last, Failed) else ""
    log.warning("lesson_failed", code=code, detail=detail, status=process.returncode, stderr=stderr)
    raise LessonFailedError(code)


async def _start(module: Sequence[str], memory_mb: int) -> asyncio.subprocess.Process:
    """Start a lesson as a child of this process, which its end ends too."""
    limits = (str(os.getpid()), str(memory_mb), str(NICENESS))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ml.finetuning.low_priority", *limits, *module),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
        limit=LINE_LIMIT,
    )


def _code_of(status: int | None) -> str:
    """Return why a process ended without an event: only the system kills, for want of memory."""
    return FailureCode.MEMORY if status in (-9, 137) else FailureCode.UNEXPECTED


async def _tail(stream: asyncio.StreamReader) -> str:
    lines: list[str] = []
    async for line in stream:
        lines = [*lines, line.decode(errors="replace").rstrip()][-ERROR_LINES:]
    return "\n".join(lines)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process if it still runs, in a way that a second cancellation cannot break off."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(TERM_SECONDS):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()


async def _unless_cancelled(process: asyncio.Task[Done]) -> Done | None:
    """Wait for a lesson's process; None when only it was cancelled, and not we ourselves."""
    try:
        return await process
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return None


def _remove_others(folder: Path, alive: Collection[str]) -> None:
    if folder.exists():
        for each in folder.iterdir():
            if each.name not in alive:
                shutil.rmtree(each, ignore_errors=True)
