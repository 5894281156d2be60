"""Only what is certainly gone, and this process's own, is forgotten at a start."""

from collections.abc import Collection, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.privacy.erasure import ErasureService
from bot.sharding import ALL_SHARDS, Shards
from bot.songbook.sync import GuildSync
from storage.database import Database
from storage.erasure import Erasure
from storage.songs import Songs
from tests.unit.storage import heard, post

SERVERS = [number << 22 for number in range(1, 41)]


class OneShard:
    """Discord as one shard sees it: every server of another shard is unknown to it."""

    def __init__(self, shards: Shards, gone: Collection[int] = ()) -> None:
        self.bot_id = 1000
        self._shards = shards
        self._gone = gone

    def left(self, guild_id: int) -> bool:
        return guild_id in self._gone or not self._shards.owns(guild_id)

    def sees(self, guild_id: int, channel_id: int) -> bool:
        return True

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        return False


@pytest.fixture
async def filled(database: Database) -> Database:
    """Songs in every server."""
    for guild_id in SERVERS:
        await Songs(database).remember(post(1, guild_id=guild_id), heard(1))
    return database


async def synced(
    database: Database, folder: Path, shards: Shards, gone: Collection[int] = ()
) -> int:
    """Look once, as one process does; gives the number of servers that are left."""
    stored = Erasure(database)
    files = database.files(folder)
    erasure = ErasureService(stored, files, files, ())
    await GuildSync(erasure, stored, shards).catch_up(OneShard(shards, gone))
    return len(await stored.guilds())


async def test_what_another_shard_owns_is_never_gone(filled: Database, tmp_path: Path) -> None:
    for shards in (Shards((0,), 2), Shards((1,), 2)):
        assert await synced(filled, tmp_path, shards) == len(SERVERS)


async def test_a_shard_forgets_what_left_it(filled: Database, tmp_path: Path) -> None:
    first = Shards((0,), 2)
    assert await synced(filled, tmp_path, first, gone=SERVERS[:2]) == len(SERVERS) - 1


@pytest.mark.parametrize(("gone", "kept"), [(2, 38), (3, 40), (40, 40)])
async def test_very_many_servers_at_once_are_not_forgotten(
    filled: Database,
    tmp_path: Path,
    logged: Sequence[MutableMapping[str, Any]],
    gone: int,
    kept: int,
) -> None:
    assert await synced(filled, tmp_path, ALL_SHARDS, gone=SERVERS[:gone]) == kept
    refused = [entry for entry in logged if entry["event"] == "guild_sync_refused"]
    assert bool(refused) == (kept == len(SERVERS))
