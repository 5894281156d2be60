"""Whose turn it is, and how long until then."""

from datetime import datetime, timedelta

import pytest

from bot.lessons.errors import AlreadyTeachingError, LessonQueueFullError, NoLessonsLeftError
from bot.lessons.service import JobQueue, QueueLimits, fair_order
from bot.sharding import Shards
from storage.database import Database
from storage.lessons import Job, Jobs, JobState, Kind
from tests.unit.storage import NOW
from tests.unit.storage.lessons import MEMBER, NOTICE, OTHER

SECONDS = {Kind.GENRE: 20.0, Kind.AVATAR: 2700.0}


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Jobs:
    return Jobs(database, clock)


def queue_of(jobs: Jobs, *, member: int = 9, server: int = 9, waiting: int = 9) -> JobQueue:
    return JobQueue(jobs, QueueLimits(member, server, waiting), SECONDS)


def waiting(job_id: int, guild_id: int) -> Job:
    return Job(
        job_id, guild_id, MEMBER, Kind.GENRE, JobState.WAITING, NOW, None, None, "", None, None,
        told=False,
    )  # fmt: skip


def test_servers_take_turns_those_that_had_least_first() -> None:
    jobs = [waiting(1, 10), waiting(2, 10), waiting(3, 20), waiting(4, 30)]
    order = fair_order(jobs, had=[30, 30])
    assert [job.job_id for job in order] == [1, 3, 2, 4]


async def test_a_lesson_of_one_kind_does_not_wait_for_the_other(jobs: Jobs) -> None:
    queue = queue_of(jobs)
    portraits = await queue.submit(1, MEMBER, Kind.AVATAR, NOTICE)
    genres = await queue.submit(2, MEMBER, Kind.GENRE, NOTICE)
    for kind, job in ((Kind.AVATAR, portraits), (Kind.GENRE, genres)):
        taken = await queue.begin_next(kind)
        assert taken is not None
        assert taken.job_id == job.job_id
        assert await queue.begin_next(kind) is None


async def test_place_and_waiting_time_are_told_and_shrink(jobs: Jobs) -> None:
    queue = queue_of(jobs)
    first, *others = [await queue.submit(guild, MEMBER, Kind.AVATAR, NOTICE) for guild in (1, 2, 3)]
    await queue.begin_next(Kind.AVATAR)
    standings = await queue.standings(Kind.AVATAR)
    assert [job.job_id for job, _ in standings] == [job.job_id for job in others]
    assert [(place.ahead, place.wait_seconds) for _, place in standings] == [(1, 2700), (2, 5400)]
    queue.note_left(first.job_id, 60.0)
    standings = await queue.standings(Kind.AVATAR)
    assert [place.wait_seconds for _, place in standings] == [60, 2760]


async def test_what_a_restart_interrupted_goes_on_first_and_once(jobs: Jobs) -> None:
    before = queue_of(jobs)
    interrupted = await before.submit(1, MEMBER, Kind.GENRE, NOTICE)
    await before.begin_next(Kind.GENRE)
    await before.submit(2, MEMBER, Kind.GENRE, NOTICE)
    after = queue_of(jobs)
    await jobs.release()  # as each start does
    taken = await after.begin_next(Kind.GENRE)
    assert taken is not None
    assert taken.job_id == interrupted.job_id
    second = await after.begin_next(Kind.GENRE)
    assert second is not None
    assert second.guild_id == 2


async def test_a_member_and_a_server_have_so_many_a_day(jobs: Jobs, clock: Clock) -> None:
    queue = queue_of(jobs, member=1, server=2)
    job = await queue.submit(1, MEMBER, Kind.GENRE, NOTICE)
    await jobs.begin(job.job_id)
    await jobs.end(job.job_id, JobState.DONE)
    left = await queue.left(1, MEMBER)
    assert (left.member, left.server) == (0, 1)
    with pytest.raises(NoLessonsLeftError) as refused:
        await queue.submit(2, MEMBER, Kind.GENRE, NOTICE)
    assert not refused.value.everybody
    await queue.submit(1, OTHER, Kind.GENRE, NOTICE)
    with pytest.raises(NoLessonsLeftError) as refused:
        await queue.submit(1, 99, Kind.AVATAR, NOTICE)
    assert refused.value.everybody
    clock.now += timedelta(days=1, seconds=1)
    assert (await queue.left(1, MEMBER)).member == 1


async def test_only_so_many_wait_and_one_of_a_kind_in_a_server(jobs: Jobs) -> None:
    queue = queue_of(jobs, waiting=2)
    await queue.submit(1, MEMBER, Kind.GENRE, NOTICE)
    with pytest.raises(AlreadyTeachingError):
        await queue.submit(1, OTHER, Kind.GENRE, NOTICE)
    await queue.submit(2, MEMBER, Kind.GENRE, NOTICE)
    with pytest.raises(LessonQueueFullError):
        await queue.submit(3, MEMBER, Kind.GENRE, NOTICE)


async def test_what_was_called_off_while_it_waited_is_passed_over(jobs: Jobs) -> None:
    queue = queue_of(jobs)
    called_off = await queue.submit(1, MEMBER, Kind.GENRE, NOTICE)
    await queue.submit(2, MEMBER, Kind.GENRE, NOTICE)
    await jobs.end(called_off.job_id, JobState.CANCELLED)
    taken = await queue.begin_next(Kind.GENRE)
    assert taken is not None
    assert taken.guild_id == 2


async def test_what_another_process_runs_is_not_taken_for_interrupted(jobs: Jobs) -> None:
    first, second = [
        JobQueue(jobs, QueueLimits(9, 9, 9), SECONDS, Shards((number,), 2)) for number in (0, 1)
    ]
    await first.submit(2 << 22, MEMBER, Kind.GENRE, NOTICE)
    assert await second.begin_next(Kind.GENRE) is None
    assert await first.begin_next(Kind.GENRE) is not None
    assert await second.begin_next(Kind.GENRE) is None
    assert await first.begin_next(Kind.GENRE) is None
