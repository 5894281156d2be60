"""The line to Discord breaks in every way: nothing is handled twice, nothing replayed is lost."""

import asyncio
import json

import pytest

from tests.wire.conftest import SONG, Stage
from tests.wire.member_request import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def require_one_answer_each(stage: Stage, count: int = 2) -> None:
    """Ask while the bot is away, and once more when it is back."""
    discord = stage.discord
    away = [
        await discord.slash(stage.alice, stage.channel, "genre", file=SONG) for _ in range(count)
    ]
    await asyncio.gather(*(asked.answer() for asked in away))
    back = await discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await back.answer()
    assert [len(asked.visible) for asked in (*away, back)] == [1] * (count + 1)


async def test_a_dropped_line_is_resumed_and_what_was_missed_is_answered_once(
    stage: Stage,
) -> None:
    gateway = stage.discord.gateway
    before = gateway.counts.copy()
    await gateway.drop()
    await require_one_answer_each(stage)
    assert gateway.counts["resume"] == before["resume"] + 1
    assert gateway.counts["identify"] == before["identify"]


async def test_a_request_sent_the_moment_the_line_breaks_is_answered_once(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await stage.discord.gateway.drop()
    await asked.answer()
    assert len(asked.visible) == 1


async def test_the_bot_comes_again_when_discord_asks_it_to(stage: Stage) -> None:
    gateway = stage.discord.gateway
    before = gateway.counts["resume"]
    await gateway.ask_to_reconnect()
    await require_one_answer_each(stage)
    assert gateway.counts["resume"] == before + 1


async def test_an_invalid_session_that_can_be_resumed_is(stage: Stage) -> None:
    gateway = stage.discord.gateway
    before = gateway.counts.copy()
    await gateway.invalidate(resumable=True)
    await require_one_answer_each(stage)
    assert gateway.counts["identify"] == before["identify"]


async def test_a_lost_session_is_begun_anew(stage: Stage) -> None:
    gateway = stage.discord.gateway
    before = gateway.counts["identify"]
    await gateway.invalidate(resumable=False)
    await until(lambda: gateway.counts["identify"] == before + 1, 60, "a new session")
    await until(lambda: gateway.connected, 60, "the bot")
    await stage.bot.ready()
    await require_one_answer_each(stage)


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
async def test_a_gateway_that_is_gone_for_a_while_is_found_again(
    stage: Stage, seconds: int
) -> None:
    gateway = stage.discord.gateway
    gateway.open = False
    await gateway.drop()
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await asyncio.sleep(seconds)
    well, said = await stage.bot.health()
    assert not well
    assert json.loads(said)["gateway"] is False
    stage.discord.rest.patience_seconds = 600.0  # what is shown is that it is not lost
    try:
        gateway.open = True
        # After a minute it waits for up to 256 s, by chance, before it tries again.
        await until(lambda: gateway.connected, 330, "the bot")
        await asked.answer()
    finally:
        stage.discord.rest.patience_seconds = 15.0
    assert len(asked.visible) == 1
