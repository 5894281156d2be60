"""Morphs: from the button and from `/morph`."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from simcord.results import ResponseMessage

from tests.helpers.discord import Server, answer_of, text_of
from tests.integration.cogs.portraits.playing import (
    drawn,
    picture_in,
    pixels_in,
    pressed,
)

FRAMES = 7  # from one end to the other


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw fewer frames than for members."""
    monkeypatch.setattr("bot.portraits.morphing.FRAMES", FRAMES)


async def frames_of(message: ResponseMessage) -> list[np.ndarray]:
    """The frames of an answer's animation, each (height, width, 3)."""
    animation = Image.open(io.BytesIO(await picture_in(message)))
    frames = []
    for number in range(animation.n_frames):  # type: ignore[attr-defined]  # WebP has it
        animation.seek(number)
        frames.append(np.asarray(animation.convert("RGB").resize((64, 64))).astype(int))
    return frames


async def small(message: ResponseMessage) -> np.ndarray:
    return np.asarray(Image.fromarray(await pixels_in(message)).resize((64, 64))).astype(int)


async def test_a_morph_goes_from_the_last_portrait_to_this_one_and_back(server: Server) -> None:
    first, second = await drawn(server, "one"), await drawn(server, "two")
    morph = await pressed(server.alice, second, "Morph from my last one")
    assert "one → two" in text_of(morph)
    assert "Drawn by Tiny 1" in text_of(morph)
    frames = await frames_of(morph)
    assert len(frames) == 2 * FRAMES - 2
    assert np.abs(frames[0] - await small(first)).mean() < 6
    assert np.abs(frames[FRAMES - 1] - await small(second)).mean() < 6
    assert np.abs(frames[1] - frames[-1]).mean() < 1


async def test_it_loops_and_turns_evenly(server: Server) -> None:
    result = await server.alice.slash(server.channel, "morph", **{"from": "a", "to": "b"})
    answer = answer_of(result)
    assert Image.open(io.BytesIO(await picture_in(answer))).info["loop"] == 0
    frames = await frames_of(answer)
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert max(steps) < 2 * np.median(steps)


async def test_whoever_presses_morphs_from_their_own_last_portrait(server: Server) -> None:
    answer = await drawn(server, "hers")
    nothing = await pressed(server.yuki, answer, "Morph from my last one")
    assert "違う絵が2枚" in text_of(nothing)
    assert nothing.ephemeral
    await server.yuki.slash(server.channel, "avatar", seed="自分の")
    morph = await pressed(server.yuki, answer, "Morph from my last one")
    assert "自分の → hers" in text_of(morph)


async def test_a_portrait_does_not_turn_into_itself(server: Server) -> None:
    for member, words in ((server.alice, "two different"), (server.yuki, "違う絵が2枚")):
        result = await member.slash(server.channel, "morph", **{"from": "Same", "to": "same"})
        assert words in text_of(answer_of(result))


async def test_kept_portraits_are_suggested_and_morphed(server: Server) -> None:
    for seed in ("lavender", "moon"):
        await server.alice.click(await drawn(server, seed), label="Save")
    choices = await server.alice.autocomplete(server.channel, "morph", "from", "lav")
    assert [choice["name"] for choice in choices] == ["lavender"]
    assert await server.yuki.autocomplete(server.channel, "morph", "from", "") == []
    named = {"from": choices[0]["value"], "to": "sun"}
    morph = answer_of(await server.alice.slash(server.channel, "morph", **named))
    assert "lavender → sun" in text_of(morph)


async def test_a_kept_portrait_that_is_gone_is_kindly_regretted(server: Server) -> None:
    named = {"from": "portrait:99", "to": "sun"}
    answer = answer_of(await server.alice.slash(server.channel, "morph", **named))
    assert "no longer have that portrait" in text_of(answer)
