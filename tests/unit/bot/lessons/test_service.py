"""Lessons over restarts, kills and what is taken back meanwhile, with a subject that is quick."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.lessons import runner as lesson_runner
from bot.lessons.contributions import ContributionService
from bot.lessons.errors import TooLittleToLearnError
from bot.lessons.models import ModelCard, ServerModels
from bot.lessons.runner import ALONE, LessonRole, LessonRunner
from bot.lessons.service import (
    JobQueue,
    LessonProgress,
    LessonReporter,
    LessonService,
    QueueLimits,
    Standing,
)
from bot.lessons.subjects import LessonReport, LessonRun, Missing
from bot.privacy.erasure import ErasureService
from ml.finetuning.events import Done
from storage.database import Database
from storage.erasure import Erasure
from storage.errors import DatabaseUnavailableError
from storage.lessons import LEASE, Jobs, JobState, Kind
from storage.lessons import Contributions as StoredContributions
from storage.taught_models import TaughtModels
from tests.helpers.databases import Opens
from tests.unit.storage import OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, NOTICE, kept

ROOT = Path(__file__).parents[4]
PUPIL = """
import json, os, pathlib, sys, time
out, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
tries = out.with_name("tries")
tries.write_text(str(int(tries.read_text()) + 1 if tries.exists() else 1))
print(json.dumps({"event": "progress", "step": 1, "steps": 2, "losses": {"unseen": 0.5},
                  "seconds_left": 3}), flush=True)
if mode == "slow" and tries.read_text() == "1":
    time.sleep(600)
if mode == "unhurried":
    time.sleep(2)
if mode == "broken":
    raise RuntimeError("a writer failed without a reason")
out.write_bytes(b"a model")
card = {"of": "genre", "score": 1.0, "songs": int(tries.read_text())}
print(json.dumps({"event": "done", "file": str(out), "card": card}))
"""


SHORT = timedelta(seconds=1)
SHARD, TEACHER = LessonRole(teaches=False, shared=True), LessonRole(shows=False, shared=True)


class QuickSubject:
    """Something that is taught in no time, unless it is `slow` the first time."""

    seconds = 1.0

    def __init__(self, stored: StoredContributions, mode: str = "quick") -> None:
        self._stored = stored
        self._mode = mode

    async def report(self, guild_id: int) -> LessonReport:
        count = len(await self._ids(guild_id))
        missing = () if count else (Missing("pictures", 0, 1),)
        return LessonReport(Kind.GENRE, (), (), count, 0, {}, (), missing)

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        out = folder / "out"
        return LessonRun(await self._ids(guild_id), ("pupil", str(out), self._mode), out)

    async def examine(self, run: LessonRun, done: Done) -> ModelCard:
        assert done.card is not None
        return done.card

    async def _ids(self, guild_id: int) -> frozenset[int]:
        given = await self._stored.of_member(MEMBER, guild_id)
        return frozenset(each.contribution_id for each in given)


class Room:
    """Lessons with everything around them, and what they showed."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        mode: str,
        role: LessonRole = ALONE,
        worker: str | None = None,
    ) -> None:
        stored = StoredContributions(database)
        self.jobs = Jobs(database, worker=worker, lease=SHORT if worker else LEASE)
        self.database = database
        self.models = ServerModels(TaughtModels(database), database.files(folder / "models"))
        self.contributions = ContributionService(
            stored,
            None,  # type: ignore[arg-type]  # nothing is handed over here
            None,  # type: ignore[arg-type]
            database.files(folder / "art"),
            None,  # type: ignore[arg-type]
        )
        queue = JobQueue(self.jobs, QueueLimits(9, 9, 9), {Kind.GENRE: 1.0})
        subjects = {Kind.GENRE: QuickSubject(stored, mode)}
        reporter = LessonReporter(self.jobs, queue, self.models)
        self.runner = LessonRunner(
            self.jobs,
            queue,
            reporter,
            subjects,
            self.models,
            self.contributions,
            folder / "lessons",
            memory_mb=512,
            role=role,
        )
        self.lessons = LessonService(self.jobs, queue, subjects, self.models)
        self.erasure = ErasureService(
            Erasure(database),
            database.files(folder / "art"),
            database.files(folder / "models"),
            [self.contributions, self.runner],
        )
        self.shown: list[LessonProgress] = []
        self.reporter = reporter
        if role.shows:
            reporter.observers.append(self.shown.append)

    async def started(self) -> int:
        job = await self.lessons.start(SERVER, MEMBER, Kind.GENRE, NOTICE)
        self.runner.resume()
        return job.job_id

    async def until(self, state: JobState) -> LessonProgress:
        """Wait for something shown in this state."""
        while True:
            for progress in self.shown:
                if progress.state is state and (progress.steps or state is not JobState.RUNNING):
                    return progress
            await asyncio.sleep(0.02)


@asynccontextmanager
async def opened(
    opens: Opens,
    folder: Path,
    mode: str = "quick",
    role: LessonRole = ALONE,
    worker: str | None = None,
) -> AsyncIterator[Room]:
    async with opens() as database:
        room = Room(database, folder, mode, role, worker)
        await room.runner.open()
        try:
            yield room
        finally:
            await room.runner.close()


@pytest.fixture(autouse=True)
def pupil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lesson's process can be found, and does not wait for an idle machine."""
    (tmp_path / "pupil.py").write_text(PUPIL)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{tmp_path}")
    monkeypatch.setattr(lesson_runner, "NICENESS", 0)


async def test_a_lesson_runs_to_a_model_that_does_not_serve_yet(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path) as room:
        await kept(room.database, 1)
        await room.started()
        running = await room.until(JobState.RUNNING)
        assert running.curve == ((1, {"unseen": 0.5}),)
        done = await room.until(JobState.DONE)
        assert done.model is not None
        assert await room.models.stored.serving(SERVER, Kind.GENRE) is None
        assert await room.models.is_intact(done.model)
        assert list((tmp_path / "lessons").iterdir()) == []


async def test_without_enough_it_is_not_started(opens: Opens, tmp_path: Path) -> None:
    async with opened(opens, tmp_path) as room:
        with pytest.raises(TooLittleToLearnError):
            await room.lessons.start(SERVER, MEMBER, Kind.GENRE, NOTICE)


async def test_called_off_it_ends_at_once_and_leaves_nothing(opens: Opens, tmp_path: Path) -> None:
    async with opened(opens, tmp_path, "slow") as room:
        await kept(room.database, 1)
        job_id = await room.started()
        await room.until(JobState.RUNNING)
        assert await room.runner.cancel(SERVER, job_id)
        await room.until(JobState.CANCELLED)
        assert not await room.runner.cancel(SERVER, job_id)
        assert (await room.models.list_models(SERVER)).models == ()


async def test_after_a_stop_it_goes_on_in_its_own_folder_and_ends_once(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path, "slow") as room:
        await kept(room.database, 1)
        await room.started()
        await room.until(JobState.RUNNING)
    async with opened(opens, tmp_path, "slow") as room:
        room.runner.resume()
        done = await room.until(JobState.DONE)
        assert done.model is not None
        assert done.model.card["songs"] == 2  # what the first try left was found
        assert len((await room.models.list_models(SERVER)).models) == 1


async def test_what_is_taken_back_meanwhile_is_learned_from_no_more(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path, "slow") as room:
        gone, stays = await kept(room.database, 1), await kept(room.database, 2)
        await room.started()
        await room.until(JobState.RUNNING)
        room.shown.clear()
        (tmp_path / "pupil.py").write_text(PUPIL.replace("600", "0"))
        await room.erasure.erase_contributions(MEMBER, [gone])
        done = await room.until(JobState.DONE)
        assert done.model is not None
        assert await room.models.stored.sources(done.model.model_id) == {stays}


async def test_a_full_disk_fails_the_lesson_and_the_old_model_serves(
    opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(opens, tmp_path) as room:
        await kept(room.database, 1)
        await room.started()
        first = (await room.until(JobState.DONE)).model
        assert first is not None
        await room.models.use(SERVER, first.model_id, MEMBER)
        room.shown.clear()

        async def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(room.models._files, "put", full)
        await room.started()
        failed = await room.until(JobState.FAILED)
        assert failed.ended_by == "disk"
        serving = await room.models.stored.serving(SERVER, Kind.GENRE)
        assert serving is not None
        assert await room.models.is_intact(serving)


@pytest.mark.parametrize(("free", "reason"), [(1_000, "disk"), (10**12, "unexpected")])
async def test_what_fails_on_a_full_disk_is_put_down_to_it(
    opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, reason: str
) -> None:
    async with opened(opens, tmp_path, "broken") as room:
        await kept(room.database, 1)
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr("bot.lessons.runner.shutil.disk_usage", lambda _: usage)
        await room.started()
        failed = await room.until(JobState.FAILED)
        assert failed.ended_by == reason


async def test_who_waits_is_told_again_how_long(
    opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lessons.runner.STANDINGS_SECONDS", 0.01)
    async with opened(opens, tmp_path, "slow") as room:
        for guild_id in (SERVER, OTHER_SERVER):
            await kept(room.database, 1, guild_id=guild_id)
            await room.lessons.start(guild_id, MEMBER, Kind.GENRE, NOTICE)
        room.runner.resume()
        await room.until(JobState.RUNNING)
        known = Standing(ahead=1, wait_seconds=3.0)  # once the lesson said how long it takes
        while (waiting := await room.until(JobState.WAITING)).standing != known:
            room.shown.clear()
        assert waiting.job.guild_id == OTHER_SERVER


async def test_an_end_nobody_was_shown_is_shown_after_the_next_start(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path) as room:
        await kept(room.database, 1)
        job_id = await room.started()
        await room.until(JobState.DONE)
    async with opened(opens, tmp_path) as room:
        (ended,) = await room.reporter.to_show()
        assert ended.model is not None
        await room.jobs.mark_end_shown(job_id)
        assert await room.reporter.to_show() == ()


@asynccontextmanager
async def killed_while_it_runs(
    opens: Opens, folder: Path, role: str, begin: str
) -> AsyncIterator[None]:
    """Have another process carry a lesson out, and kill it after the block."""
    code = f"""
import asyncio, pathlib
from tests.helpers.databases import Opens
from tests.unit.bot.lessons.test_service import ALONE, TEACHER, LessonRole, opened
async def main():
    async with opened({opens!r}, pathlib.Path({str(folder)!r}), "slow", {role}) as room:
        {begin}
        while not (room.runner._active and list(room.runner._active.values())[0].progress.steps):
            await asyncio.sleep(0.02)
        print("running", flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""
    with subprocess.Popen(  # noqa: ASYNC220 - it is killed after the block
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ
    ) as bot:
        assert bot.stdout is not None
        said = iter(bot.stdout.readline, b"running\n")  # and what is logged before
        await asyncio.to_thread(list, said)
        yield
        bot.send_signal(signal.SIGKILL)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("quickly")
async def test_killed_in_the_middle_nothing_is_lost_and_nothing_done_twice(
    opens: Opens,
    tmp_path: Path,
) -> None:
    async with opened(opens, tmp_path) as room:
        await kept(room.database, 1)
    alone = opens.where.endswith(".db")
    before = "ALONE" if alone else "LessonRole(shared=True), 'before'"
    async with killed_while_it_runs(opens, tmp_path, before, "await room.started()"):
        pass
    role, name = (ALONE, None) if alone else (LessonRole(shared=True), "after")
    async with opened(opens, tmp_path, "slow", role, name) as room:
        room.runner.resume()
        done = await room.until(JobState.DONE)
        assert done.model is not None
        assert [model.number for model in (await room.models.list_models(SERVER)).models] == [1]
        await room.database.check()


async def test_killed_while_a_model_is_taken_over_it_is_whole_or_not_there(
    opens: Opens,
    tmp_path: Path,
) -> None:
    async with opened(opens, tmp_path) as room:
        await kept(room.database, 1)
        stray = tmp_path / "models" / "1-genre-7.safetensors"
        stray.write_bytes(b"half")
    async with opened(opens, tmp_path) as room:
        assert not stray.exists()
        assert (await room.models.list_models(SERVER)).models == ()


async def gone(folder: Path) -> None:
    """Wait until a lesson's folder is removed, after its process ended."""
    while await asyncio.to_thread(folder.exists):  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(0.05)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RENEW_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(lesson_runner, name, 0.05)


@pytest.mark.usefixtures("quickly")
async def test_a_teacher_carries_out_what_another_process_shows(
    opens: Opens, tmp_path: Path
) -> None:
    async with (
        opened(opens, tmp_path / "shard", "quick", SHARD, "shard") as shard,
        opened(opens, tmp_path / "teacher", "unhurried", TEACHER, "teacher") as teacher,
    ):
        await kept(shard.database, 1)
        await shard.started()
        teacher.runner.resume()
        running = await shard.until(JobState.RUNNING)
        assert (running.step, running.curve) == (1, ((1, {"unseen": 0.5}),))
        done = await shard.until(JobState.DONE)
        assert done.model is not None
        assert [each.state for each in shard.shown].count(JobState.DONE) == 1
        assert list((tmp_path / "teacher" / "lessons").iterdir()) == []


@pytest.mark.usefixtures("quickly")
async def test_what_another_process_calls_off_a_teacher_stops(opens: Opens, tmp_path: Path) -> None:
    async with (
        opened(opens, tmp_path / "shard", "quick", SHARD, "shard") as shard,
        opened(opens, tmp_path / "teacher", "slow", TEACHER, "teacher") as teacher,
    ):
        await kept(shard.database, 1)
        job_id = await shard.started()
        teacher.runner.resume()
        await shard.until(JobState.RUNNING)
        assert await shard.runner.cancel(SERVER, job_id)
        await gone(tmp_path / "teacher" / "lessons" / str(job_id))
        assert (await shard.models.list_models(SERVER)).models == ()


@pytest.mark.usefixtures("quickly")
async def test_what_is_taken_back_in_another_process_a_teacher_learns_from_no_more(
    opens: Opens, tmp_path: Path
) -> None:
    async with (
        opened(opens, tmp_path / "shard", "quick", SHARD, "shard") as shard,
        opened(opens, tmp_path / "teacher", "slow", TEACHER, "teacher") as teacher,
    ):
        gone, stays = await kept(shard.database, 1), await kept(shard.database, 2)
        await shard.started()
        teacher.runner.resume()
        await shard.until(JobState.RUNNING)
        (tmp_path / "pupil.py").write_text(PUPIL.replace("600", "0"))
        await shard.erasure.erase_contributions(MEMBER, [gone])
        done = await shard.until(JobState.DONE)
        assert done.model is not None
        assert await shard.models.stored.sources(done.model.model_id) == {stays}


@pytest.mark.usefixtures("quickly")
async def test_a_lesson_erased_with_its_member_is_shown_as_cancelled(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path, "quick", SHARD, "shard") as shard:
        await kept(shard.database, 1)
        await shard.started()
        await shard.until(JobState.WAITING)
        await shard.erasure.erase_member(MEMBER)
        await shard.until(JobState.CANCELLED)


@pytest.mark.usefixtures("quickly")
async def test_a_process_taken_for_dead_stops_and_its_lesson_has_one_end(
    opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        opened(opens, tmp_path / "shard", "quick", SHARD, "shard") as shard,
        opened(opens, tmp_path / "hung", "slow", TEACHER, "hung") as hung,
        opened(opens, tmp_path / "other", "quick", TEACHER, "other") as other,
    ):
        await kept(shard.database, 1)
        job_id = await shard.started()
        hung.runner.resume()
        await shard.until(JobState.RUNNING)
        renew = hung.jobs.renew

        async def away(*_: object) -> bool:
            raise DatabaseUnavailableError("there", "the line is down")

        monkeypatch.setattr(hung.jobs, "renew", away)
        other.runner.resume()
        done = await shard.until(JobState.DONE)
        assert done.model is not None
        monkeypatch.setattr(hung.jobs, "renew", renew)
        await gone(tmp_path / "hung" / "lessons" / str(job_id))
        models = (await shard.models.list_models(SERVER)).models
        assert [model.card["songs"] for model in models] == [1]


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("quickly")
async def test_what_a_killed_teacher_held_another_goes_on_with(
    opens: Opens, tmp_path: Path
) -> None:
    async with opened(opens, tmp_path / "shard", "quick", SHARD, "shard") as shard:
        await kept(shard.database, 1)
        await shard.started()
        async with killed_while_it_runs(
            opens, tmp_path / "first", "TEACHER, 'first'", "room.runner.resume()"
        ):
            await shard.until(JobState.RUNNING)
        async with opened(opens, tmp_path / "second", "quick", TEACHER, "second") as second:
            second.runner.resume()
            assert (await shard.until(JobState.DONE)).model is not None
        assert [model.number for model in (await shard.models.list_models(SERVER)).models] == [1]
