"""Carry out queued lessons, over restarts, and report how they go."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from bot.lessons.contributions import ContributionService
from bot.lessons.errors import LessonFailedError
from bot.lessons.models import ServerModels
from bot.lessons.service import JobQueue, Standing
from bot.lessons.subjects import LessonRun, LessonSubject
from ml.finetuning.events import Done, Failed, FailureCode, TrainingProgress, decode
from storage.erasure import Erased, Scope
from storage.errors import DiskFullError
from storage.lessons import Job, Jobs, JobState, Kind, TaughtModel

log = structlog.stdlib.get_logger(__name__)

# Codes that say enough; any other failure on a full disk is put down to the disk.
CERTAIN = frozenset(
    {FailureCode.MEMORY, FailureCode.DISK, FailureCode.DAMAGED, FailureCode.TOO_LITTLE}
)
FULL_BELOW = 16 * 1024 * 1024  # bytes free
STANDINGS_SECONDS = 60.0  # between two reports of how long others must wait
MAX_POINTS = 400  # of a curve; of more, every second one is dropped
NICENESS = 19  # so that whatever members wait for comes first
TERM_SECONDS = 15.0  # to write a checkpoint when asked to end
LINE_LIMIT = 1 << 20  # bytes of one event
ERROR_LINES = 40  # of standard error, for the log
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)

Curve = tuple[tuple[int, Mapping[str, float]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class LessonProgress:
    """How far a lesson has come, or how it ended.

    Attributes:
        job: the lesson.
        state: whether it waits or runs, and how it ended.
        standing: its place while it waits.
        step: of `steps`.
        seconds_left: None before that is known.
        curve: (step, loss by name), rising.
        sheet: the latest drawings of the same seeds, a PNG; None: none yet, or a genre lesson.
        model: what came of it.
        serving: what serves meanwhile; None: what is shipped.
        ended_by: a code of what ended it before its time.
    """

    job: Job
    state: JobState
    standing: Standing | None = None
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    curve: Curve = ()
    sheet: bytes | None = None
    model: TaughtModel | None = None
    serving: TaughtModel | None = None
    ended_by: str = ""

    def after(self, event: TrainingProgress) -> LessonProgress:
        """Return the progress after an event of the lesson's process.

        It reads the event's sheet of drawings, which is small and local.
        """
        curve = self.curve
        if event.losses:
            curve = (*curve, (event.step, event.losses))
            curve = curve[::2] if len(curve) > MAX_POINTS else curve
        sheet = None if event.sheet is None else _read(event.sheet)
        return replace(
            self,
            step=event.step,
            steps=event.steps,
            seconds_left=event.seconds_left,
            curve=curve,
            sheet=sheet or self.sheet,
        )


ProgressObserver = Callable[[LessonProgress], None]


@dataclass(slots=True)
class _Active:
    """A lesson that runs now."""

    job: Job
    run: LessonRun | None = None
    process: asyncio.Task[Done] | None = None
    comparison: bytes | None = field(default=None, repr=False)


class LessonRunner:
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
            queue: decides which lesson is next.
            subjects: what can be taught.
            models: stores what comes of lessons.
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
        self._active: dict[int, _Active] = {}
        self._workers: dict[Kind, asyncio.Task[None]] = {}
        self.observers: list[ProgressObserver] = []

    async def open(self) -> None:
        """Remove what a crash left: files of nothing, folders of ended lessons."""
        await self._contributions.sweep()
        await self._models.sweep()
        alive = {str(job.job_id) for job in await self._jobs.under_way()}
        await asyncio.to_thread(_remove_others, self._folder, alive)

    def resume(self) -> None:
        """Carry out what waits, and what a restart interrupted, until nothing is left."""
        for kind in self._subjects:
            worker = self._workers.get(kind)
            if worker is None or worker.done():
                self._workers[kind] = asyncio.create_task(self._work(kind), name=f"lessons {kind}")

    async def close(self) -> None:
        """Stop; what is not done continues after the next start."""
        tasks = tuple(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def progress(self, job: Job) -> LessonProgress:
        """Return where a job stands, as far as the database knows."""
        standings = {each.job_id: place for each, place in await self._queue.standings(job.kind)}
        model = None
        if job.model_id is not None:
            model = await self._models.stored.find(job.guild_id, job.model_id)
        return LessonProgress(
            job,
            job.state,
            standing=standings.get(job.job_id),
            model=model,
            serving=await self._models.stored.serving(job.guild_id, job.kind),
            ended_by=job.ended_by,
        )

    async def to_show(self) -> tuple[LessonProgress, ...]:
        """List what messages must show after a start: ends not yet shown, and what is queued."""
        jobs = (*await self._jobs.ends_not_shown(), *await self._jobs.under_way())
        return tuple([await self.progress(job) for job in jobs])

    async def cancel(self, guild_id: int, job_id: int) -> bool:
        """Cancel a lesson and all that it made; return False when it has ended already."""
        job = await self._jobs.find(guild_id, job_id)
        ended = await self._jobs.end(job_id, JobState.CANCELLED) if job else None
        if ended is None:
            return False
        active = self._active.get(job_id)
        if active is None:  # it waited
            self._report(await self.progress(ended))
            await self._report_standings(ended.kind)
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

    def _report(self, progress: LessonProgress) -> None:
        for observer in tuple(self.observers):
            observer(progress)

    async def _work(self, kind: Kind) -> None:
        while (job := await self._queue.begin_next(kind)) is not None:
            standings = asyncio.create_task(self._repeat_standings(kind), name=f"standings {kind}")
            try:
                await self._teach(job)
            finally:
                standings.cancel()
                await asyncio.gather(standings, return_exceptions=True)
                self._queue.release(job.job_id)

    async def _repeat_standings(self, kind: Kind) -> None:
        while True:
            await self._report_standings(kind)
            await asyncio.sleep(STANDINGS_SECONDS)

    async def _report_standings(self, kind: Kind) -> None:
        for job, _ in await self._queue.standings(kind):
            self._report(await self.progress(job))

    async def _teach(self, job: Job) -> None:
        """Carry one lesson out and end it, however it goes."""
        folder = self._folder / str(job.job_id)
        active = self._active[job.job_id] = _Active(job)
        log.info("lesson_started", job=job.job_id, kind=job.kind.value, guild=job.guild_id)
        ended: Job | None = None
        try:
            model = await self._attempt(active, folder)
            while model is None and await self._is_running(job):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                model = await self._attempt(active, folder)
        except Exception as error:
            code = await asyncio.to_thread(self._code_of, error)
            if not isinstance(error, LessonFailedError):
                log.exception("lesson_failed", job=job.job_id)
            ended = await self._jobs.end(job.job_id, JobState.FAILED, ended_by=code)
        finally:
            del self._active[job.job_id]
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        ended = ended or await self._jobs.find(job.guild_id, job.job_id)
        # The row is gone with the server, or with the member who began the lesson.
        ended = ended or replace(job, state=JobState.CANCELLED)
        log.info("lesson_ended", job=job.job_id, state=ended.state.value, code=ended.ended_by)
        self._report(replace(await self.progress(ended), sheet=active.comparison))

    async def _attempt(self, active: _Active, folder: Path) -> TaughtModel | None:
        """Run the lesson once.

        Returns:
            What came of it; None when it was cancelled, or must begin anew.
        """
        job, subject = active.job, self._subjects[active.job.kind]
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        run = active.run = await subject.lay_out(job.guild_id, folder)
        if await self._contributions.stored.existing(run.sources) != run.sources:
            return None
        serving = await self._models.stored.serving(job.guild_id, job.kind)
        progress = LessonProgress(job, JobState.RUNNING, serving=serving)

        def update(event: TrainingProgress) -> None:
            nonlocal progress
            progress = progress.after(event)
            if progress.seconds_left is not None:
                self._queue.note_left(job.job_id, progress.seconds_left)
            self._report(progress)

        self._report(progress)
        active.process = asyncio.create_task(
            run_process(run.module, memory_mb=self._memory_mb, progress=update),
            name="lesson process",
        )
        done = await _unless_cancelled(active.process)
        if done is None:
            return None
        card = await subject.examine(run, done)
        if run.comparison is not None:
            active.comparison = await asyncio.to_thread(_read, run.comparison)
        return await self._models.adopt(job, run.out, card, run.sources)

    async def _is_running(self, job: Job) -> bool:
        found = await self._jobs.find(job.guild_id, job.job_id)
        return found is not None and found.state is JobState.RUNNING

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
