"""The queue of lessons on disk."""

from datetime import timedelta

import pytest

from storage.database import Database
from storage.lessons import JobNotice, Jobs, JobState, Kind
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
