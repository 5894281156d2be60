"""A lesson trains in a process of its own: members are answered, and kill -9 only delays it."""

import asyncio
from pathlib import Path

import pytest

from tests.wire.asked import until
from tests.wire.conftest import SONG
from tests.wire.loopback import loopback_discord
from tests.wire.running import running_bot
from tests.wire.teaching import contribute_songs, start_lesson
from tests.wire.world import ADMINISTRATOR, EVERYONE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1_200),
    pytest.mark.asyncio(loop_scope="session"),
]

LEARNED = "Learned: lesson 1"


async def test_twenty_members_are_answered_while_a_lesson_trains(tmp_path: Path) -> None:
    async with loopback_discord() as discord, running_bot(discord, tmp_path) as bot:
        server = await discord.open_server()
        channel = server.channels[0]
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        await contribute_songs(discord, admin, channel)
        lesson = await start_lesson(discord, admin, channel, "genre")
        members = [server.member(f"member {number}") for number in range(20)]
        everyone = [await discord.slash(m, channel, "genre", file=SONG) for m in members]
        await asyncio.gather(*(asked.answer() for asked in everyone))
        assert [len(asked.visible) for asked in everyone] == [1] * 20
        assert all(asked.visible[0].embeds for asked in everyone)
        await until(lambda: LEARNED in lesson.words, 300, "the lesson's end")
        assert discord.violations == []
        assert await bot.stop() == 0


async def test_a_lesson_goes_on_after_kill_nine(tmp_path: Path) -> None:
    async with loopback_discord(judged=False) as discord:
        server = await discord.open_server()
        channel = server.channels[0]
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        async with running_bot(discord, tmp_path) as bot:
            await contribute_songs(discord, admin, channel)
            lesson = await start_lesson(discord, admin, channel, "genre")
            await bot.kill()
        async with running_bot(discord, tmp_path) as bot:
            await until(lambda: LEARNED in lesson.words, 300, "the lesson's end")
            report = await discord.slash(admin, channel, "models list", public=True)
            assert (await report.answer()).words.count("lesson 1") == 1
            assert await bot.stop() == 0
