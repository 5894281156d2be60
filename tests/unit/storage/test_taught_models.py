"""The models of servers, and which of them serves."""

import asyncio
from datetime import timedelta

from storage.database import Database
from storage.erasure import Erasure
from storage.lessons import Jobs, JobState, Kind
from storage.taught_models import TaughtModel, TaughtModels
from tests.unit.storage import NOW, OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, NOTICE, kept, taught


async def test_models_are_numbered_and_end_their_job(database: Database) -> None:
    first, second = await taught(database), await taught(database)
    elsewhere = await taught(database, guild_id=OTHER_SERVER)
    assert [first.number, second.number, elsewhere.number] == [1, 2, 1]
    assert {job.state for job in await Jobs(database).of_member(MEMBER)} == {JobState.DONE}
    assert await TaughtModels(database).of_server(SERVER) == (second, first)


async def test_promoting_serves_and_stepping_back_serves_what_served_before(
    database: Database,
) -> None:
    models = TaughtModels(database)
    first, second = await taught(database), await taught(database)
    assert await models.serving(SERVER, Kind.GENRE) is None
    for model in (first, second):
        assert await models.promote(SERVER, Kind.GENRE, model.model_id, MEMBER)
        serving = await models.serving(SERVER, Kind.GENRE)
        assert serving is not None
        assert serving.model_id == model.model_id
    assert await models.step_back(SERVER, Kind.GENRE)
    serving = await models.serving(SERVER, Kind.GENRE)
    assert serving is not None
    assert serving.model_id == first.model_id
    assert await models.step_back(SERVER, Kind.GENRE)
    assert await models.serving(SERVER, Kind.GENRE) is None
    assert not await models.step_back(SERVER, Kind.GENRE)


async def test_another_servers_model_cannot_be_promoted(database: Database) -> None:
    models = TaughtModels(database)
    theirs = await taught(database, guild_id=OTHER_SERVER)
    assert not await models.promote(SERVER, Kind.GENRE, theirs.model_id, MEMBER)
    assert await models.find(SERVER, theirs.model_id) is None
    assert await models.delete(SERVER, theirs.model_id) is None


async def test_deleting_what_serves_leaves_what_served_before(database: Database) -> None:
    models = TaughtModels(database)
    first, second = await taught(database), await taught(database)
    for model in (first, second):
        await models.promote(SERVER, Kind.GENRE, model.model_id, MEMBER)
    deleted = await models.delete(SERVER, second.model_id)
    assert deleted is not None
    serving = await models.serving(SERVER, Kind.GENRE)
    assert serving is not None
    assert serving.model_id == first.model_id


async def test_no_model_is_kept_of_a_job_called_off_or_a_source_taken_back(
    database: Database,
) -> None:
    source = await kept(database, 1)
    await Erasure(database).erase_contributions(MEMBER, [source])
    jobs, models = Jobs(database), TaughtModels(database)
    job = await jobs.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
    assert job is not None
    made = TaughtModel(SERVER, Kind.GENRE, 0, "x", bytes(32), NOW, MEMBER, {})
    assert await models.add(made, [], job) is None  # it does not run
    begun = await jobs.begin(job.job_id)
    assert begun is not None
    assert await models.add(made, [source], begun) is None
    await jobs.end(job.job_id, JobState.CANCELLED)
    assert await models.add(made, [], begun) is None
    assert await models.of_server(SERVER) == ()


async def test_no_model_is_kept_of_a_process_that_was_taken_for_dead(database: Database) -> None:
    hung = Jobs(database, worker="hung", lease=timedelta(0))
    other = Jobs(database, worker="other")
    job = await hung.queue(SERVER, MEMBER, Kind.GENRE, NOTICE)
    assert job is not None
    late = await hung.begin(job.job_id)
    await asyncio.sleep(0.01)
    there = await other.begin(job.job_id)
    assert late is not None
    assert there is not None
    models, made = (
        TaughtModels(database),
        TaughtModel(SERVER, Kind.GENRE, 0, "x", bytes(32), NOW, MEMBER, {}),
    )
    assert await models.add(made, [], late) is None
    assert await models.add(made, [], there) is not None
    assert await models.add(made, [], late) is None


async def test_models_a_member_helped_to_teach_are_found(database: Database) -> None:
    source = await kept(database, 1)
    model = await taught(database, source)
    await taught(database)
    models = TaughtModels(database)
    assert [each.model_id for each in await models.taught_by(MEMBER)] == [model.model_id]
