"""kill -9 at random moments, again and again: nothing confirmed is lost, nothing is twice."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.songs import music
from tests.wire.bot_process import NO_LIMITS, START_SECONDS, running_bot, starting_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Channel, Member, Message
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import until

STARTING_SECONDS = 6.0  # about as long as a start takes
SERVING_SECONDS = 2.5

pytestmark = [pytest.mark.timeout(3_600), pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("kills", "history"),  # and songs in the channel that is imported all the while
    [(1, 4), pytest.param(50, 120, marks=pytest.mark.slow)],
    ids=["once", "fifty times"],
)
async def test_killed_and_started_again(tmp_path: Path, kills: int, history: int) -> None:
    chance = random.Random(9)
    async with loopback_discord(judged=False) as discord:
        server = await discord.open_server()
        watched, imported = server.channels[0], server.channel("history")
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        old = [await post(discord, admin, imported, number) for number in range(history)]
        posted: list[Message] = []
        for number in range(kills):
            async with starting_bot(discord, tmp_path, **NO_LIMITS) as bot:
                if number % 3:  # in the middle of its start
                    await asyncio.sleep(chance.uniform(0.0, STARTING_SECONDS))
                else:
                    await asyncio.wait_for(bot.ready(), START_SECONDS)
                    if number == 0:
                        await begin(discord, admin, watched, imported)
                    names = range(len(posted), len(posted) + 3)
                    posted += [await post(discord, admin, watched, name) for name in names]
                    await asyncio.sleep(chance.uniform(0.0, SERVING_SECONDS))
                await bot.kill()
            require_sound(tmp_path, posted)
        async with running_bot(discord, tmp_path) as bot:
            await until(lambda: set(ids(old)) <= set(kept(tmp_path)), 900, "the import's end")
            assert await bot.stop() == 0
    require_sound(tmp_path, posted)


async def begin(discord: Discord, admin: Member, watched: Channel, imported: Channel) -> None:
    for command, value in (("allow", {"allowed": True}), ("watch", {"channel": watched})):
        await (await discord.slash(admin, watched, f"setup {command}", **value)).answer()
    await (await discord.slash(admin, watched, "setup import", channel=imported)).answer()


async def post(discord: Discord, member: Member, channel: Channel, number: int) -> Message:
    return await discord.post(member, channel, "", File(f"{number}.wav", music(4.0, seed=number)))


def ids(messages: list[Message]) -> list[int]:
    return [message.id for message in messages]


def kept(folder: Path) -> Counter[int]:
    with closing(sqlite3.connect(folder / "data" / "usamimi.db")) as database:
        return Counter(row[0] for row in database.execute("SELECT message_id FROM songs"))


def require_sound(folder: Path, posted: list[Message]) -> None:
    """Hold the database against what members were shown."""
    with closing(sqlite3.connect(folder / "data" / "usamimi.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        vectors = database.execute("SELECT count(*) FROM vectors").fetchone()
        assert vectors == database.execute("SELECT count(*) FROM songs").fetchone()
    songs = kept(folder)
    assert max(songs.values(), default=1) == 1
    confirmed = {message.id for message in posted if message.reactions}
    assert confirmed <= set(songs)
    assert all(len(message.reactions) <= 1 for message in posted)
