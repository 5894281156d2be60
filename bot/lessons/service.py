"""Report on lessons, queue them, and tell how they go, whichever process carries them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.lessons.errors import (
    AlreadyTeachingError,
    LessonQueueFullError,
    NoLessonsLeftError,
    TooLittleToLearnError,
)
from bot.lessons.models import ServerModels
from bot.lessons.subjects import LessonReport, LessonSubject
from bot.sharding import ALL_SHARDS, Shards
from ml.finetuning.events import TrainingProgress
from storage.lessons import Job, JobNotice, JobProgress, Jobs, JobState, Kind
from storage.taught_models import TaughtModel

DAY = timedelta(days=1)
UNDER_WAY = (JobState.WAITING, JobState.RUNNING)
Mark = tuple[JobState, int, tuple[int, int] | None]  # state, step, place and minutes to wait
MAX_POINTS = 400  # of a curve; of more, every second one is dropped


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

    def owns(self, job: Job) -> bool:
        """Return whether a job is of a server whose lessons run here."""
        return self._shards.owns(job.guild_id)

    async def begin_next(self, kind: Kind) -> Job | None:
        """Begin the next job for this process; one whose process is dead goes on first."""
        every = [job for job in await self._jobs.under_way() if job.kind is kind]
        under_way = list(filter(self.owns, every))
        running = [job for job in under_way if job.state is JobState.RUNNING]
        interrupted = [job for job in running if job.job_id not in self._running]
        for job in (*interrupted, *await self._in_order(under_way)):
            begun = await self._jobs.begin(job.job_id)
            if begun is not None:  # else it was called off at this very moment, or is held
                self._running[job.job_id] = self._seconds[kind]
                return begun
        return None

    def note_left(self, job_id: int, seconds: float) -> None:
        """Note how long a running job still takes, for those who wait."""
        if job_id in self._running:
            self._running[job_id] = seconds

    async def release(self, job_id: int) -> None:
        """Note that a job runs no longer in this process; where it has not ended, it can go on."""
        self._running.pop(job_id, None)
        await self._jobs.release(job_id)

    async def standings(self, kind: Kind) -> tuple[tuple[Job, Standing], ...]:
        """List the waiting jobs of a kind in their order, each with its place."""
        under_way = [job for job in await self._jobs.under_way() if job.kind is kind]
        running = [job for job in under_way if job.state is JobState.RUNNING]
        usual = self._seconds[kind]
        left = {**await self._jobs.seconds_left(), **self._running}
        wait = sum(left.get(job.job_id, usual) for job in running)
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

    def told_by(self, known: JobProgress) -> LessonProgress:
        """Return the progress with what the process told that carries the lesson out.

        Of a lesson that is done, its last drawings; of one that failed, nothing.
        """
        if self.state is JobState.DONE:
            return replace(self, sheet=known.sheet)
        if self.state is not JobState.RUNNING:
            return self
        return replace(
            self,
            step=known.step,
            steps=known.steps,
            seconds_left=known.seconds_left,
            curve=known.curve,
            sheet=known.sheet,
        )

    def after(self, event: TrainingProgress) -> LessonProgress:
        """Return the progress after an event of the lesson's process.

        It reads the event's sheet of drawings, which is small and local.
        """
        curve = self.curve
        if event.losses:
            curve = (*curve, (event.step, event.losses))
            curve = curve[::2] if len(curve) > MAX_POINTS else curve
        sheet = None if event.sheet is None else read_or_none(event.sheet)
        return replace(
            self,
            step=event.step,
            steps=event.steps,
            seconds_left=event.seconds_left,
            curve=curve,
            sheet=sheet or self.sheet,
        )


def read_or_none(file: Path) -> bytes | None:
    """Read a file; None: there is none, or none yet."""
    try:
        return file.read_bytes()
    except OSError:
        return None


ProgressObserver = Callable[[LessonProgress], None]


class LessonReporter:
    """Knows how far lessons are, and tells whoever shows it.

    Attributes:
        observers: called with each progress.
    """

    def __init__(self, jobs: Jobs, queue: JobQueue, models: ServerModels) -> None:
        """Join the parts.

        Args:
            jobs: the queue on disk.
            queue: knows places in it, and whose lessons are shown here.
            models: what came of lessons.
        """
        self._jobs = jobs
        self._queue = queue
        self._models = models
        self._told: dict[int, tuple[Job, Mark]] = {}  # by job: as it was told last
        self.observers: list[ProgressObserver] = []

    def report(self, progress: LessonProgress) -> None:
        """Tell how far a lesson is."""
        if self.observers:
            self._told[progress.job.job_id] = progress.job, _mark(progress)
        for observer in tuple(self.observers):
            observer(progress)

    async def report_standings(self, kind: Kind) -> None:
        """Tell those who wait how long."""
        for job, _ in await self._queue.standings(kind):
            self.report(await self.progress(job))

    async def progress(self, job: Job) -> LessonProgress:
        """Return where a job stands, as far as the database knows."""
        standings = {each.job_id: place for each, place in await self._queue.standings(job.kind)}
        model = None
        if job.model_id is not None:
            model = await self._models.stored.find(job.guild_id, job.model_id)
        progress = LessonProgress(
            job,
            job.state,
            standing=standings.get(job.job_id),
            model=model,
            serving=await self._models.stored.serving(job.guild_id, job.kind),
            ended_by=job.ended_by,
        )
        known = await self._jobs.progress(job.job_id)
        return progress if known is None else progress.told_by(known)

    async def to_show(self) -> tuple[LessonProgress, ...]:
        """List what messages must show after a start: ends not yet shown, and what is queued."""
        jobs = (*await self._jobs.ends_not_shown(), *await self._jobs.under_way())
        return tuple([await self.progress(job) for job in jobs if self._queue.owns(job)])

    async def look(self, here: Collection[int]) -> None:
        """Tell what changed since the last look of lessons that other processes carry out.

        Args:
            here: jobs that this process carries out, which tell by themselves.
        """
        if not self.observers:
            return
        here = frozenset(here)
        found = [each for each in await self.to_show() if each.job.job_id not in here]
        for progress in found:
            _, mark = self._told.get(progress.job.job_id, (None, None))
            if mark != _mark(progress):
                self.report(progress)
        there = here | {each.job.job_id for each in found}
        for job_id in self._told.keys() - there:
            job, (state, *_) = self._told.pop(job_id)
            if state in UNDER_WAY and await self._jobs.find(job.guild_id, job_id) is None:
                # The row is gone with the member who began the lesson.
                self.report(LessonProgress(job, JobState.CANCELLED))


def _mark(progress: LessonProgress) -> Mark:
    """Return what must differ so that it is worth telling again."""
    standing = progress.standing
    place = (standing.ahead, round(standing.wait_seconds / 60)) if standing else None
    return progress.state, progress.step, place


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
