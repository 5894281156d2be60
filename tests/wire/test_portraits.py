"""Portraits over the wire: drawn from a word, like a picture that was handed over, and pressed."""

import pytest

from tests.helpers.images import picture
from tests.wire.cdn import File
from tests.wire.conftest import Stage
from tests.wire.discord_objects import Message
from tests.wire.loopback import SECRET
from tests.wire.member_request import MemberRequest, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = "PATCH .*/messages/@original"
PICTURE = File(f"me {SECRET}.png", picture())


async def ask(stage: Stage, **options: object) -> MemberRequest:
    asked = await stage.discord.slash(stage.alice, stage.channel, "avatar", **options)
    await asked.answer()
    assert len(asked.visible) == 1
    return asked


def require_portrait(message: Message) -> bytes:
    assert message.embeds, message.content
    assert message.files["portrait.png"].startswith(b"\x89PNG")
    return message.files["portrait.png"]


async def test_a_word_is_drawn_the_same_way_each_time(stage: Stage) -> None:
    first, again = [await ask(stage, seed=f"reisen {SECRET}") for _ in range(2)]
    assert require_portrait(first.answers[0]) == require_portrait(again.answers[0])
    assert not first.answers[0].private


async def test_a_portrait_like_a_picture_that_was_handed_over(stage: Stage) -> None:
    before = len(stage.discord.cdn.fetched)
    like = await ask(stage, seed="reisen", like=PICTURE, strength=60, private=True)
    assert len(stage.discord.cdn.fetched) == before + 1
    assert like.answers[0].private
    assert "60% like your picture" in like.answers[0].words
    without = await ask(stage, seed="reisen")
    assert require_portrait(like.answers[0]) != require_portrait(without.answers[0])


async def test_a_portrait_that_may_not_be_sent_yet_is_sent_once_when_it_may(stage: Stage) -> None:
    rule = stage.discord.trouble.slow_down(ANSWER, 0.3)
    require_portrait((await ask(stage, seed="reisen", like=PICTURE)).answers[0])
    assert rule.met == 1


async def test_a_portrait_whose_upload_breaks_off_is_sent_again(stage: Stage) -> None:
    rule = stage.discord.trouble.reset_upload(ANSWER)
    answer = (await ask(stage, count=4)).answers[0]
    require_portrait(answer)
    assert len(answer.files) == 1
    assert rule.met == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (File(f"{SECRET}.png", b"not a picture " * 50), "can't open that as a picture"),
        (File(f"{SECRET}.png", picture(256), cut_after=16_384), "couldn't give me that file"),
        (File(f"{SECRET}.png", bytes(100), announced=9 * 2**20), "is 9 MB; the limit is 8 MB"),
    ],
    ids=["no picture", "cut off", "too large"],
)
async def test_a_picture_that_cannot_be_used_is_told_privately(
    stage: Stage, file: File, said: str
) -> None:
    answer = (await ask(stage, like=file)).answers[0]
    assert said in answer.content
    assert answer.private


async def test_a_portrait_can_be_kept_varied_and_deleted(stage: Stage) -> None:
    discord = stage.discord
    shown = (await ask(stage, seed="inaba")).answers[0]

    async def press(label: str) -> MemberRequest:
        button = shown.button(label)
        assert button is not None
        return await discord.press(stage.alice, shown, button)

    kept = await (await press("Save")).answer()
    assert kept.private
    assert "inaba" in kept.content
    variations = await press("Variations")
    await until(lambda: len(variations.messages) == 1, 90, "the variations")
    require_portrait(await variations.answer())
    await press("Delete")
    await until(lambda: shown.deleted, 90, "the portrait's end")
