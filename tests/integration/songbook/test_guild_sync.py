"""What went unheard is forgotten, and nothing that may still be there."""

from collections.abc import Collection

import pytest

from bot.services import Services
from storage.song_values import Song
from tests.unit.storage import POST, heard, post

HERE, DOWN, LEFT = 1, 2, 3  # servers
SEEN, ASLEEP, DELETED, CLOSED = 10, 11, 12, 13  # channels of the first


class Around:
    """Discord as one may find it."""

    def __init__(self, left: Collection[int] = (LEFT,), bot_id: int = 1000) -> None:
        self.bot_id = bot_id
        self.asked: list[int] = []
        self._left = left

    def left(self, guild_id: int) -> bool:
        return guild_id in self._left

    def sees(self, guild_id: int, channel_id: int) -> bool:
        return (guild_id, channel_id) == (HERE, SEEN)

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        self.asked.append(channel_id)
        return (guild_id, channel_id) == (HERE, DELETED)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.songbook.sync.PAUSE_SECONDS", 0.0)


async def remember(services: Services, number: int, **changes: int) -> None:
    await services.songbook.remember(post(number, **changes), heard(number))


async def songs(services: Services, guild_id: int = HERE) -> tuple[Song, ...]:
    return await services.songs.by_poster(guild_id, POST.poster_id)


async def test_a_server_that_the_bot_left_is_forgotten_and_one_that_is_down_is_not(
    services: Services,
) -> None:
    for guild_id in (HERE, DOWN, LEFT):
        await services.channels.allow_remembering(guild_id, allowed=True)
        await remember(services, 1, guild_id=guild_id)
    await services.guild_sync.catch_up(Around())
    assert [len(await songs(services, guild_id)) for guild_id in (HERE, DOWN, LEFT)] == [1, 1, 0]
    assert not await services.ingest.allowed(LEFT)
    assert await services.ingest.allowed(DOWN)


async def test_another_bot_that_is_given_the_data_takes_nothing_for_gone(
    services: Services,
) -> None:
    await remember(services, 1, guild_id=HERE)
    await services.guild_sync.catch_up(Around())
    await services.guild_sync.catch_up(Around(left=(HERE,), bot_id=2000))
    assert len(await songs(services)) == 1
    await services.guild_sync.catch_up(Around(left=(HERE,)))
    assert await songs(services) == ()


async def test_a_channel_is_forgotten_only_when_it_is_certainly_gone(services: Services) -> None:
    for number, channel_id in enumerate((SEEN, ASLEEP, DELETED, CLOSED)):
        await remember(services, number, channel_id=channel_id)
    around = Around()
    await services.guild_sync.catch_up(around)
    kept = {song.post.channel_id for song in await songs(services)}
    assert kept == {SEEN, ASLEEP, CLOSED}
    assert around.asked == [ASLEEP, DELETED, CLOSED]


async def test_a_channel_that_is_gone_takes_its_threads_and_its_watching_along(
    services: Services,
) -> None:
    await remember(services, 1, channel_id=ASLEEP, parent_id=DELETED)
    await services.channels.watch(HERE, DELETED, watched_by=3)
    await services.guild_sync.catch_up(Around())
    assert await songs(services) == ()
    assert await services.channels.watched(HERE) == ()


async def test_once_forgotten_nobody_is_asked_again(services: Services) -> None:
    await remember(services, 1, channel_id=DELETED)
    await services.guild_sync.catch_up(Around())
    around = Around()
    await services.guild_sync.catch_up(around)
    assert around.asked == []
