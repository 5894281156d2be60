"""The queue of lessons on disk."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.erasure import Erasure, Scope
from storage.lessons import LEASE, Job, JobNotice, JobProgress, Jobs, JobState, Kind
from storage.postgres import PostgresDatabase
from tests.helpers.postgres import PostgresServer
from tests.unit.storage import NOW, OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, NOTICE, OTHER


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database, lambda: NOW)


async def test_a_server_has_one_job_of_a_kind_at_a_time(jobs: Jobs) -> None:
    first = await jobs.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
    assert first is not None
    assert first.notice == NOTICE
    assert await jobs.queue(SERVER, OTHER, Kind.GENRE, NOTICE) is None
    assert await jobs.queue(SERVER, OTHER, Kind.AVATAR, NOTICE) is not None
    assert await jobs.queue(OTHER_SERVER, OTHER, Kind.GENRE, NOTICE) is not None
    await jobs.end(first.job_id, JobState.DONE)
    assert await jobs.queue(SERVER, OTHER, Kind.GENRE, NOTICE) is not None


async def test_a_job_begins_once_and_ends_once(jobs: Jobs) -> None:
    job = await jobs.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
    assert job is not None
    running = await jobs.begin(job.job_id)
    assert running is not None
    assert (running.state, running.started_at) == (JobState.RUNNING, NOW)
    assert await jobs.begin(job.job_id) is None
    ended = await jobs.end(job.job_id, JobState.FAILED, ended_by="disk")
    assert ended is not None
    assert ended.ended_by == "disk"
    assert await jobs.end(job.job_id, JobState.DONE) is None


async def test_an_end_is_told_once(jobs: Jobs) -> None:
    job = await jobs.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
    assert job is not None
    await jobs.set_notice(job.job_id, JobNotice(11, 12, "en"))
    assert await jobs.ends_not_shown() == ()
    await jobs.end(job.job_id, JobState.CANCELLED)
    (untold,) = await jobs.ends_not_shown()
    assert untold.notice == JobNotice(11, 12, "en")
    await jobs.mark_end_shown(job.job_id)
    assert await jobs.ends_not_shown() == ()


async def test_what_was_called_off_before_it_began_does_not_count(jobs: Jobs) -> None:
    for begun in (True, False):
        job = await jobs.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
        assert job is not None
        if begun:
            await jobs.begin(job.job_id)
        await jobs.end(job.job_id, JobState.CANCELLED)
    assert len(await jobs.since(timedelta(days=1))) == 1


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def queued(jobs: Jobs, guild_id: int = SERVER) -> Job:
    job = await jobs.queue(guild_id, MEMBER, Kind.GENRE, NOTICE)
    assert job is not None
    return job


async def test_of_many_who_want_a_job_at_once_one_has_it(database: Database) -> None:
    everyone = [Jobs(database, lambda: NOW, worker=f"{number}") for number in range(8)]
    wanted = [await queued(everyone[0], guild_id) for guild_id in range(1, 9)]
    for job in wanted:
        got = await asyncio.gather(*(jobs.begin(job.job_id) for jobs in everyone))
        assert len([each for each in got if each is not None]) == 1


async def test_whoever_wants_a_job_that_another_is_about_to_begin_need_not_wait(
    postgres: PostgresServer,
) -> None:
    async with PostgresDatabase.open(await postgres.empty_schema()) as database:
        jobs = Jobs(database, lambda: NOW)
        job = await queued(jobs)
        async with database.transaction(SERVER) as tx:
            await tx.rows("SELECT 1 FROM jobs WHERE job_id = ? /* FOR UPDATE */", (job.job_id,))
            assert await asyncio.wait_for(jobs.begin(job.job_id), 10) is None
        assert await jobs.begin(job.job_id) is not None


async def test_a_job_goes_to_another_once_its_process_is_silent_for_long_enough(
    database: Database,
) -> None:
    clock = Clock()
    first, second = (Jobs(database, clock, worker=name) for name in ("first", "second"))
    job = await queued(first)
    begun = await first.begin(job.job_id)
    assert begun is not None
    clock.now += LEASE - timedelta(seconds=1)
    assert await second.begin(job.job_id) is None
    assert await first.renew(job.job_id)
    clock.now += LEASE - timedelta(seconds=1)
    assert await second.begin(job.job_id) is None
    clock.now += timedelta(seconds=2)
    taken = await second.begin(job.job_id)
    assert taken == replace(begun, worker="second")  # began when it first did
    assert not await first.renew(job.job_id)
    assert await first.end(job.job_id, JobState.FAILED, held=True) is None
    assert await second.end(job.job_id, JobState.FAILED, held=True) is not None
    assert not await second.renew(job.job_id)


async def test_who_ends_in_order_lets_another_go_on_at_once(database: Database) -> None:
    first, second = (Jobs(database, lambda: NOW, worker=name) for name in ("first", "second"))
    job = await queued(first)
    await first.begin(job.job_id)
    await second.release()
    assert await second.begin(job.job_id) is None
    await first.release()
    assert await second.begin(job.job_id) is not None


async def test_progress_is_there_for_others_until_the_end_was_shown(database: Database) -> None:
    jobs = Jobs(database, lambda: NOW)
    job = await queued(jobs)
    known = JobProgress(1, 2, 3.0, ((1, {"unseen": 0.5}),), b"a sheet")
    assert not await jobs.renew(job.job_id, known)
    assert await jobs.progress(job.job_id) is None
    await jobs.begin(job.job_id)
    assert await jobs.renew(job.job_id, known)
    assert await jobs.renew(job.job_id, JobProgress(2, 2))
    found = await jobs.progress(job.job_id)
    assert found is not None
    assert (found.step, found.seconds_left, found.sheet) == (2, None, b"a sheet")
    assert await jobs.renew(job.job_id, known)
    found = await jobs.progress(job.job_id)
    assert found is not None
    assert found.curve == known.curve
    assert await jobs.seconds_left() == {job.job_id: 3.0}
    await jobs.end(job.job_id, JobState.DONE)
    assert await jobs.progress(job.job_id) is not None
    await jobs.mark_end_shown(job.job_id)
    assert await jobs.progress(job.job_id) is None


async def test_progress_goes_with_its_job(database: Database) -> None:
    jobs = Jobs(database, lambda: NOW)
    job = await queued(jobs)
    await jobs.begin(job.job_id)
    await jobs.renew(job.job_id, JobProgress(1, 2, sheet=b"of what a member gave"))
    await Erasure(database).erase(Scope.member(MEMBER))
    assert await jobs.progress(job.job_id) is None
