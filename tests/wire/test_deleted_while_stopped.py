"""A message, a channel and a server go while the bot is stopped: nothing of them remains."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.erasure import COLUMNS
from tests.helpers.songs import music
from tests.wire.bot_process import running_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Channel, Message, Server
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import until

pytestmark = [
    pytest.mark.slow,  # three starts, and seven songs are heard
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]


def kept(folder: Path, column: str) -> set[int]:
    """Every id that the database knows of a kind, such as a message's."""
    found: set[int] = set()
    with closing(sqlite3.connect(folder / "data" / "usamimi.db")) as database:
        for table in {each.table for each in COLUMNS if each.name == column}:
            found |= {row[0] for row in database.execute(f"SELECT {column} FROM {table}")}
    return found


async def test_what_went_while_the_bot_was_stopped_is_forgotten(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        here, left = await discord.open_server("here"), await discord.open_server("left")
        music, old = here.channels[0], here.channel("old")
        async with running_bot(discord, tmp_path) as bot:
            first, deleted, last = await fill(discord, here, music, tmp_path, songs=3)
            await fill(discord, here, old, tmp_path)
            await fill(discord, left, left.channels[0], tmp_path)
            assert await bot.stop() == 0
        await discord.delete(deleted)
        here.channels.remove(old)
        discord.servers.remove(left)
        async with running_bot(discord, tmp_path) as bot:
            await until(lambda: kept(tmp_path, "guild_id") == {here.id}, 60, "the server to go")
            await until(lambda: kept(tmp_path, "channel_id") == {music.id}, 60, "the channel to go")
            while deleted.id in kept(tmp_path, "message_id"):  # until Discord is quick enough
                asked = await discord.slash(here.member("alice"), music, "similar")
                answer = await asked.answer()
            assert f"/{first.id})" in answer.words
            assert f"/{deleted.id})" not in answer.words
            assert kept(tmp_path, "message_id") == {first.id, last.id}
            assert await bot.stop() == 0


async def fill(
    discord: Discord, server: Server, channel: Channel, folder: Path, songs: int = 1
) -> list[Message]:
    """Have songs posted in a channel, and remembered."""
    admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
    for command, value in (("allow", {"allowed": True}), ("watch", {"channel": channel})):
        await (await discord.slash(admin, channel, f"setup {command}", **value)).answer()
    files = [File(f"{seed}.wav", music(4.0, seed=seed)) for seed in range(songs)]
    posted = [await discord.post(admin, channel, "", file) for file in files]
    ids = {message.id for message in posted}
    await until(lambda: ids <= kept(folder, "message_id"), 240, "songs to be remembered")
    return posted
