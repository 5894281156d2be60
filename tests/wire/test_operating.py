"""What a host sees of the running bot, and where it draws the line."""

import json

import pytest

from tests.wire.bot_process import require_discretion
from tests.wire.cdn import File
from tests.wire.conftest import SONG, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMPTY = File("empty.wav", b"")  # refused without any work


async def test_health_tells_of_gateway_loop_model_and_database(stage: Stage) -> None:
    await stage.bot.ready()  # a part that is slow for a moment is said to be, and recovers
    _, said = await stage.bot.health()
    assert set(json.loads(said)) == {"gateway", "loop", "model", "database"}


async def test_figures_count_what_members_asked(stage: Stage) -> None:
    before = (await stage.bot.figures()).get("usamimi_requests_total genre answered", 0)
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await asked.answer()
    after = await stage.bot.figures()
    assert after["usamimi_requests_total genre answered"] == before + 1
    assert after["usamimi_songs_in_flight"] == 0
    assert 0 <= after["usamimi_loop_lag_p99_seconds"] < 60
    assert any(name.startswith("usamimi_model music2vector") for name in after)


async def test_figures_name_the_model_that_draws(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.alice, stage.channel, "avatar", seed="reisen")
    footer = (await asked.answer()).embeds[0]["footer"]["text"]
    after = await stage.bot.figures()
    (name,) = [each for each in after if each.startswith("usamimi_portrait_model ")]
    assert name.startswith("usamimi_portrait_model udonge-3-")
    assert after[name] == 1
    assert footer == "Drawn by Udonge 3"
    assert after["usamimi_portraits_in_flight"] == 0
    assert after["usamimi_requests_total avatar answered"] >= 1


async def test_a_member_who_asks_very_often_is_asked_kindly_to_wait(stage: Stage) -> None:
    for _ in range(20):
        asked = await stage.discord.slash(stage.yuki, stage.channel, "genre", file=EMPTY)
        await asked.answer()
    last = await stage.discord.slash(stage.yuki, stage.channel, "genre", file=SONG)
    answer = await last.answer()
    assert "もう一度お試しください" in answer.content
    assert answer.private
    other = await stage.discord.slash(stage.alice, stage.channel, "genre", file=EMPTY)
    assert "file is empty" in (await other.answer()).content


async def test_no_log_holds_the_token_or_what_members_posted(stage: Stage) -> None:
    await (
        await stage.discord.slash(stage.alice, stage.channel, "similar", song="4711-secret")
    ).answer()
    require_discretion(stage.bot, stage.discord)
