from __future__ import annotations

import pytest

from storage.channels import Channels, WatchedChannel
from storage.database import Database
from tests.unit.storage import NOW, OTHER_SERVER, SERVER


@pytest.fixture
def channels(database: Database) -> Channels:
    return Channels(database, now=lambda: NOW)


async def test_a_server_that_said_nothing_has_not_allowed_remembering(channels: Channels) -> None:
    assert await channels.remembering_allowed(SERVER) is None


async def test_a_server_may_change_its_mind(channels: Channels) -> None:
    await channels.allow_remembering(SERVER, allowed=True)
    assert await channels.remembering_allowed(SERVER) is True
    await channels.allow_remembering(SERVER, allowed=False)
    assert await channels.remembering_allowed(SERVER) is False
    assert await channels.remembering_allowed(OTHER_SERVER) is None


async def test_a_channel_is_watched_once(channels: Channels) -> None:
    assert await channels.watch(SERVER, 10, watched_by=3) is True
    assert await channels.watch(SERVER, 10, watched_by=4) is False
    assert await channels.watched(SERVER) == (WatchedChannel(10, NOW, 3),)
    assert await channels.watched(OTHER_SERVER) == ()


async def test_repeats_are_told_in_a_watched_channel_only_when_wanted(channels: Channels) -> None:
    await channels.watch(SERVER, 10, watched_by=3)
    await channels.watch(SERVER, 11, watched_by=3)
    await channels.tell_repeats(SERVER, 11, told=True)
    told = {each.channel_id: each.tells_repeats for each in await channels.watched(SERVER)}
    assert told == {10: False, 11: True}


async def test_watching_ends(channels: Channels) -> None:
    await channels.watch(SERVER, 10, watched_by=3)
    assert await channels.unwatch(OTHER_SERVER, 10) is False
    assert await channels.unwatch(SERVER, 10) is True
    assert await channels.unwatch(SERVER, 10) is False
    assert await channels.watched(SERVER) == ()
