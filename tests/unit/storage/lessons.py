"""Contributions, jobs and models made up for the tests of storage."""

from dataclasses import replace
from hashlib import sha256

import numpy as np

from storage.contributions import Contributions
from storage.database import Database
from storage.jobs import Jobs
from storage.lesson_values import Contribution, JobNotice, Kind, Matter, TaughtModel
from storage.taught_models import TaughtModels
from tests.unit.storage import NOW, SERVER

NOTICE = JobNotice(10, None, "ja")
MEMBER, OTHER = 7, 8


def song(number: int, **changes: object) -> Contribution:
    """The `number`-th song that a member handed over."""
    usual = Contribution(
        SERVER,
        MEMBER,
        Matter.SONG,
        f"Song {number}",
        sha256(str(number).encode()).digest(),
        label="Drill'n'Bass",
        model="ear-1",
        vector=np.arange(4, dtype=np.float32) + number,
        shares={"rock": 1.0},
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # tests name real fields


async def taught(
    database: Database, *sources: int, guild_id: int = SERVER, made_by: int = MEMBER
) -> TaughtModel:
    """Have a model come of a job."""
    jobs = Jobs(database, lambda: NOW)
    job = await jobs.queue(guild_id, made_by, Kind.GENRE, NOTICE)
    assert job is not None
    await jobs.begin(job.job_id)
    made = TaughtModel(
        guild_id, Kind.GENRE, 0, f"{job.job_id}.safetensors", bytes(32), NOW, made_by, {"songs": 3}
    )
    model = await TaughtModels(database, lambda: NOW).keep(made, sources, job.job_id)
    assert model is not None
    return model


async def kept(database: Database, number: int, **changes: object) -> int:
    """Keep a contribution; gives its id."""
    given = await Contributions(database, lambda: NOW).keep(song(number, **changes))
    assert given is not None
    return given.contribution_id
