"""Members ask over real HTTP and a real gateway, and the bot answers."""

import asyncio

import pytest

from tests.wire.conftest import SONG, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_member_asks_for_a_genre_and_gets_one_picture(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=SONG)
    answer = await asked.answer()
    assert answer.embeds
    assert answer.files["genre.png"].startswith(b"\x89PNG")
    assert len(asked.visible) == 1
    assert not answer.private


async def test_a_private_answer_is_seen_by_its_asker_alone(stage: Stage) -> None:
    asked = await stage.discord.slash(stage.yuki, stage.channel, "genre", file=SONG, private=True)
    assert (await asked.answer()).private


async def test_twenty_members_at_once_are_all_answered_once(stage: Stage) -> None:
    members = [stage.server.member(f"member {number}") for number in range(20)]
    everyone = [await stage.discord.slash(m, stage.channel, "genre", file=SONG) for m in members]
    await asyncio.gather(*(asked.answer() for asked in everyone))
    assert all(asked.acknowledged_after is not None for asked in everyone)
    assert [len(asked.visible) for asked in everyone] == [1] * 20
    assert all(asked.answers[0].embeds for asked in everyone)
