"""SIGTERM under load: what was begun is finished or apologised for, and the bot leaves cleanly."""

import asyncio
from pathlib import Path

import pytest

from tests.wire.bot_process import Bot, running_bot, starting_bot
from tests.wire.conftest import SONG
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asking(discord: Discord, count: int) -> list[MemberRequest]:
    """Have so many members ask at once; back when the bot has heard of all."""
    server = await discord.open_server()
    members = [server.member(f"member {number}") for number in range(count)]
    everyone = [await discord.slash(m, server.channels[0], "genre", file=SONG) for m in members]
    await asyncio.gather(*(asked.acknowledged() for asked in everyone))
    return everyone


async def stop_under_load(discord: Discord, bot: Bot, count: int) -> list[str]:
    """Stop while members wait; gives what each was told in words."""
    everyone = await asking(discord, count)
    assert await bot.stop() == 0
    assert [len(asked.answers) for asked in everyone] == [1] * count
    assert not any(message.thinking for asked in everyone for message in asked.visible)
    assert '"database": ' not in bot.log
    assert "stopped" in bot.log.splitlines()[-1]
    return [asked.answers[0].content for asked in everyone]


async def test_what_members_wait_for_is_finished_first(tmp_path: Path) -> None:
    async with (
        loopback_discord() as discord,
        running_bot(discord, tmp_path, USAMIMI_STOP_SECONDS="100") as bot,
    ):
        assert await stop_under_load(discord, bot, 3) == [""] * 3


@pytest.mark.slow
async def test_what_takes_too_long_is_apologised_for(tmp_path: Path) -> None:
    async with (
        loopback_discord() as discord,
        running_bot(discord, tmp_path, USAMIMI_STOP_SECONDS="1") as bot,
    ):
        told = await stop_under_load(discord, bot, 20)
        assert any("restarting right now" in words for words in told)


@pytest.mark.slow
async def test_a_bot_that_is_told_to_stop_while_it_starts_does(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        discord.trouble.hang("GET .*/users/@me", times=9)
        async with starting_bot(discord, tmp_path) as bot:
            await until(lambda: "logging in" in bot.log, 100, "the login")
            assert await bot.stop() == 0
