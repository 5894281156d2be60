"""What members handed over, and how it goes."""

import numpy as np
import pytest

from storage.database import Database
from storage.lessons import Contributions, Matter
from tests.unit.storage import NOW, OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, OTHER, kept, song


@pytest.fixture
def contributions(database: Database) -> Contributions:
    return Contributions(database, lambda: NOW)


async def test_a_song_comes_back_as_it_was_kept(contributions: Contributions) -> None:
    given = await contributions.add(song(1, artist="ZUN"))
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
    assert await contributions.add(song(1)) is not None
    assert await contributions.add(song(1)) is None
    assert await contributions.add(song(1, member_id=OTHER, label="jazz")) is None
    assert await contributions.add(song(1, label="jazz")) is not None
    assert await contributions.labels(SERVER) == ("jazz",)


async def test_a_members_contributions_are_listed_in_one_server_or_in_all(
    database: Database, contributions: Contributions
) -> None:
    await kept(database, 1)
    await kept(database, 1, guild_id=OTHER_SERVER)
    await kept(database, 2, member_id=OTHER)
    assert len(await contributions.of_member(MEMBER)) == 2
    assert len(await contributions.of_member(MEMBER, SERVER)) == 1
