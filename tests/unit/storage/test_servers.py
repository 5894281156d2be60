from __future__ import annotations

import numpy as np

from storage.channels import Channels
from storage.database import Database
from storage.imports import Imports
from storage.member_choices import OptOuts
from storage.member_data import EVERYWHERE
from storage.portraits import DIRECT_MESSAGES, Portraits, Sketch
from storage.servers import Servers
from storage.songs import Songs
from tests.unit.storage import OTHER_SERVER, SERVER, heard, post

TABLES = ("songs", "vectors", "servers", "watched_channels", "opt_outs", "imports")


async def fill(database: Database, guild_id: int) -> int:
    await Channels(database).allow_remembering(guild_id, allowed=True)
    await Channels(database).watch(guild_id, 10, watched_by=3)
    await OptOuts(database).opt_out(guild_id, 99)
    await Imports(database).start(guild_id, 10, 3)
    remembered = await Songs(database).remember(post(1, guild_id=guild_id), heard(1))
    assert remembered.song_id is not None
    return remembered.song_id


async def counts(database: Database) -> list[int]:
    return [
        int(count)
        for table in TABLES
        for (count,) in await database.rows(f"SELECT count(*) FROM {table}")
    ]


async def test_a_server_is_forgotten_whole_and_alone(database: Database) -> None:
    song_id = await fill(database, SERVER)
    await fill(database, OTHER_SERVER)
    assert await Servers(database).forget_server(SERVER) == (song_id,)
    assert await counts(database) == [1] * len(TABLES)
    assert await Servers(database).forget_server(SERVER) == ()


async def test_a_deleted_channel_takes_its_import_and_watching_along(database: Database) -> None:
    song_id = await fill(database, SERVER)
    await Channels(database).watch(SERVER, 11, watched_by=3)
    assert await Servers(database).forget_channel(OTHER_SERVER, 10) == ()
    assert await Servers(database).forget_channel(SERVER, 10) == (song_id,)
    assert [found.channel_id for found in await Channels(database).watched(SERVER)] == [11]
    assert await Imports(database).running() == ()
    assert await OptOuts(database).opted_out(SERVER, 99) is True


async def test_every_server_is_known_of_which_anything_is_kept(database: Database) -> None:
    await Channels(database).watch(5, 10, watched_by=3)
    for guild_id in (SERVER, 7):
        await Songs(database).remember(post(1, guild_id=guild_id), heard(1))
    sketch = Sketch("brush-0", "reisen", np.zeros(2, np.float32))
    await Portraits(database).add(9, 3, None, [sketch])
    assert await Servers(database).known() == {SERVER, 5, 7, 9}


async def test_what_belongs_to_no_server_is_not_taken_for_one(database: Database) -> None:
    await OptOuts(database).opt_out(EVERYWHERE, 99)
    sketch = Sketch("brush-0", "reisen", np.zeros(2, np.float32))
    await Portraits(database).add(DIRECT_MESSAGES, 3, None, [sketch])
    assert await Servers(database).known() == frozenset()


async def test_every_channel_is_known_of_which_anything_is_kept(database: Database) -> None:
    await fill(database, SERVER)
    await fill(database, OTHER_SERVER)
    await Channels(database).watch(SERVER, 11, watched_by=3)
    await Imports(database).start(SERVER, 12, 3)
    await Songs(database).remember(post(2, channel_id=14, parent_id=13), heard(2))
    await Channels(database).watch(OTHER_SERVER, 15, watched_by=3)
    assert await Servers(database).channels(SERVER) == {10, 11, 12, 13, 14}
    assert await Servers(database).channels(8) == frozenset()
