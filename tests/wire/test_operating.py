"""What a host sees of the running bot, and where it draws the line."""

import asyncio
import json
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.wire.cdn import File
from tests.wire.conftest import SONG, Stage, require_discretion

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMPTY = File("empty.wav", b"")  # refused without any work


async def test_health_tells_of_gateway_loop_model_and_database(stage: Stage) -> None:
    well, said = await stage.bot.health()
    assert well
    assert set(json.loads(said)) == {"gateway", "loop", "model", "database"}


async def figures(stage: Stage) -> dict[str, float]:
    """What the bot tells Prometheus, by name and labels."""

    def fetch() -> str:
        with urlopen(f"http://127.0.0.1:{stage.bot.health_port}/metrics") as response:
            return str(response.read().decode())

    families = text_string_to_metric_families(await asyncio.to_thread(fetch))
    return {
        sample.name + "".join(f" {each}" for each in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


async def test_figures_count_what_members_asked(stage: Stage) -> None:
    before = (await figures(stage)).get("usamimi_requests_total genre answered", 0)
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    await asked.answer()
    after = await figures(stage)
    assert after["usamimi_requests_total genre answered"] == before + 1
    assert after["usamimi_songs_in_house"] == 0
    assert 0 <= after["usamimi_loop_lag_p99_seconds"] < 60
    assert any(name.startswith("usamimi_model music2vector") for name in after)


async def test_a_member_who_asks_very_often_is_asked_kindly_to_wait(stage: Stage) -> None:
    for _ in range(20):
        asked = await stage.discord.slash(stage.yuki, stage.channel, "genre", file=EMPTY)
        await asked.answer()
    last = await stage.discord.slash(stage.yuki, stage.channel, "genre", file=SONG)
    answer = await last.answer()
    assert "またどうぞ" in answer.content
    assert answer.private
    other = await stage.discord.slash(stage.alice, stage.channel, "genre", file=EMPTY)
    assert "nothing in that file" in (await other.answer()).content


async def test_no_log_holds_the_token_or_what_members_posted(stage: Stage) -> None:
    await (
        await stage.discord.slash(stage.alice, stage.channel, "similar", song="4711-secret")
    ).answer()
    require_discretion(stage.bot, stage.discord)
