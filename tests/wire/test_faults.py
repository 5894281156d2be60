"""Discord is slow, refuses, stumbles or hangs: what is asked is done once, or told."""

import pytest

from tests.wire.conftest import SONG, Stage
from tests.wire.loopback import SECRET
from tests.wire.member_request import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST_WORD = "POST .*/callback"
ANSWER = "PATCH .*/messages/@original"


async def require_one_answer(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    assert (await asked.answer()).embeds
    assert len(asked.visible) == 1
    assert len(asked.visible[0].files) == 1


@pytest.mark.parametrize("pattern", [FIRST_WORD, ANSWER])
async def test_a_route_that_is_limited_is_tried_again_when_it_may_be(
    stage: Stage, pattern: str
) -> None:
    rule = stage.discord.trouble.slow_down(pattern, 0.3)
    await require_one_answer(stage)
    assert rule.met == 1


@pytest.mark.parametrize("status", [500, 502])
async def test_an_answer_that_discord_stumbles_over_is_given_again(
    stage: Stage, status: int
) -> None:
    rule = stage.discord.trouble.status(ANSWER, status)
    await require_one_answer(stage)
    assert rule.met == 1


async def test_an_upload_that_breaks_off_is_made_again(stage: Stage) -> None:
    rule = stage.discord.trouble.reset_upload(ANSWER)
    await require_one_answer(stage)
    assert rule.met == 1


async def test_an_answer_that_arrived_unnoticed_is_not_doubled(stage: Stage) -> None:
    rule = stage.discord.trouble.lose_answer(ANSWER)
    await require_one_answer(stage)
    assert rule.met == 1


@pytest.mark.slow
async def test_an_answer_on_a_line_that_hangs_is_given_on_another(stage: Stage) -> None:
    rule = stage.discord.trouble.hang(ANSWER)
    await require_one_answer(stage)
    assert rule.met == 1


async def test_a_global_limit_holds_up_and_loses_nothing(stage: Stage) -> None:
    allowed = await stage.discord.slash(stage.admin, stage.channel, "setup allow", allowed=True)
    await allowed.answer()
    watched = await stage.discord.slash(
        stage.admin, stage.channel, "setup watch", channel=stage.channel
    )
    await watched.answer()
    rule = stage.discord.trouble.slow_down("PUT .*/reactions", 0.3, everywhere=True)
    posted = await stage.discord.post(stage.alice, stage.channel, SECRET, SONG)
    await until(lambda: bool(posted.reactions), 90, "the ears")
    assert posted.reactions == ["👂"]
    assert rule.met == 1


async def test_permissions_taken_away_in_the_middle_stop_nobody_else(stage: Stage) -> None:
    trouble = stage.discord.trouble
    rule = trouble.status(ANSWER, 403, times=9, code=50013)
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await until(lambda: rule.met == 2, 90, "the answer and the apology")
    assert asked.answers == []
    trouble.clear()
    await require_one_answer(stage)


async def test_a_token_that_ran_out_ends_one_request_only(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await asked.acknowledged()
    stage.discord.rest.token_seconds = 0.0
    try:
        await until(lambda: len(asked.refusals) >= 2, 90, "the bot to find out")
    finally:
        stage.discord.rest.token_seconds = 900.0
    assert asked.answers == []
    await require_one_answer(stage)


async def test_an_import_whose_channel_is_closed_says_what_is_missing(stage: Stage) -> None:
    await (
        await stage.discord.slash(stage.admin, stage.channel, "setup allow", allowed=True)
    ).answer()
    closed = stage.server.channel("closed")
    await stage.discord.gateway.tell("CHANNEL_CREATE", closed.payload())
    closed.closed_to_bot = True
    asked = await stage.discord.slash(stage.admin, stage.channel, "setup import", channel=closed)
    await asked.answer()
    failed = "I couldn't import all"
    await until(lambda: failed in str(asked.visible[0].embeds), 90, "the import's end")
    assert "Read Message History" in str(asked.visible[0].embeds)
