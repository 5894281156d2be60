"""What members handed over, and how it goes."""

import numpy as np
import pytest

from storage.contributions import Contributions
from storage.database import Database
from storage.lesson_values import Matter
from storage.taught_models import TaughtModels
from tests.unit.storage import NOW, OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, OTHER, kept, song, taught


@pytest.fixture
def contributions(database: Database) -> Contributions:
    return Contributions(database, lambda: NOW)


async def test_a_song_comes_back_as_it_was_kept(contributions: Contributions) -> None:
    given = await contributions.keep(song(1, artist="ZUN"))
    assert given is not None
    (found,) = await contributions.of_server(SERVER, Matter.SONG)
    assert (found.title, found.label, found.artist) == ("Song 1", "Drill'n'Bass", "ZUN")
    assert found.given_at == NOW
    assert found.vector is not None
    np.testing.assert_array_equal(found.vector, [1, 2, 3, 4])
    assert await contributions.of_server(OTHER_SERVER, Matter.SONG) == ()


async def test_the_same_song_is_kept_once_and_its_giver_may_change_the_genre(
    contributions: Contributions,
) -> None:
    assert await contributions.keep(song(1)) is not None
    assert await contributions.keep(song(1)) is None
    assert await contributions.keep(song(1, member_id=OTHER, label="jazz")) is None
    assert await contributions.keep(song(1, label="jazz")) is not None
    assert await contributions.labels(SERVER) == ("jazz",)


async def test_what_is_taken_back_is_gone_and_counted_off_the_models_it_taught(
    database: Database, contributions: Contributions
) -> None:
    first, second = [await kept(database, number) for number in (1, 2)]
    others = await kept(database, 3, member_id=OTHER)
    model = await taught(database, first, second, others)
    gone = await contributions.take_back(MEMBER, [first, others])
    assert [each.contribution_id for each in gone] == [first]
    models = TaughtModels(database)
    found = await models.find(SERVER, model.model_id)
    assert found is not None
    assert found.taken_back == 1
    assert await models.sources(model.model_id) == {second, others}
    assert await models.marked() == (found,)


async def test_everything_of_a_member_goes_in_every_server(
    database: Database, contributions: Contributions
) -> None:
    await kept(database, 1)
    await kept(database, 1, guild_id=OTHER_SERVER)
    await kept(database, 2, member_id=OTHER)
    assert len(await contributions.of_member(MEMBER)) == 2
    assert len(await contributions.of_member(MEMBER, SERVER)) == 1
    assert len(await contributions.take_back(MEMBER)) == 2
    assert await contributions.of_member(MEMBER) == ()
    assert len(await contributions.of_member(OTHER)) == 1
