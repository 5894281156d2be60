"""Contributions, jobs and models made up for the tests of storage."""

from storage.database import Database
from storage.lessons import Contributions, JobNotice, Jobs, Kind
from storage.taught_models import TaughtModel, TaughtModels
from tests.factories import contribution
from tests.unit.storage import NOW, SERVER

NOTICE = JobNotice(10, None, "ja")
MEMBER, OTHER = 7, 8
song = contribution


async def taught(
    database: Database, *sources: int, guild_id: int = SERVER, made_by: int = MEMBER
) -> TaughtModel:
    """Have a model come of a job."""
    jobs = Jobs(database, lambda: NOW)
    job = await jobs.queue(guild_id, made_by, Kind.GENRE, NOTICE)
    assert job is not None
    job = await jobs.begin(job.job_id)
    assert job is not None
    made = TaughtModel(
        guild_id, Kind.GENRE, 0, f"{job.job_id}.safetensors", bytes(32), NOW, made_by, {"songs": 3}
    )
    model = await TaughtModels(database, lambda: NOW).add(made, sources, job)
    assert model is not None
    return model


async def kept(database: Database, number: int, **changes: object) -> int:
    """Keep a contribution; gives its id."""
    given = await Contributions(database, lambda: NOW).add(contribution(number, **changes))
    assert given is not None
    return given.contribution_id
