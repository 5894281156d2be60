"""Portraits like a picture: what is taken, what is refused, and in whose words."""

from __future__ import annotations

import discord
import numpy as np
import pytest

from bot.portraits.service import Asker
from bot.services import Services
from ml.images.decoding import Screen
from ml.images.errors import PictureDamagedError, PictureTooCostlyError
from tests.helpers.discord import Server, answer_of, labels_of, text_of
from tests.helpers.images import huge_png, picture
from tests.integration.cogs.portraits.playing import (
    drawn,
    picture_in,
    pixels_in,
    pressed,
)

FACE = ("face.png", picture(96))


async def test_a_portrait_is_as_like_a_picture_as_was_asked(server: Server) -> None:
    plain = (await pixels_in(await drawn(server))).astype(int)
    distances = []
    for strength in (0, 40, 100):
        answer = await drawn(server, like=FACE, strength=strength)
        distances.append(np.abs(await pixels_in(answer) - plain).mean())
        assert ("like your picture" in text_of(answer)) is (strength > 0)
    assert distances[0] == 0
    assert distances == sorted(set(distances))


async def test_strength_without_a_picture_is_declined_rather_than_ignored(server: Server) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "avatar", strength=80))
    assert answer.ephemeral
    assert "attach it with “like”" in text_of(answer)


async def test_again_draws_another_one_like_the_same_picture(server: Server) -> None:
    answer = await drawn(server, like=FACE, strength=100)
    again = await pressed(server.alice, answer, "New one")
    assert "100% like your picture" in text_of(again)
    assert await picture_in(again) == await picture_in(answer)


async def test_a_japanese_member_hears_how_to_have_it_again(server: Server) -> None:
    result = await server.yuki.slash(server.channel, "avatar", seed="月", like=FACE)
    assert "画像に50%似せました" in text_of(answer_of(result))


@pytest.mark.parametrize(
    ("data", "english", "japanese"),
    [
        (b"", "can't open that as a picture", "画像として開けませんでした"),
        (b"these are words " * 50, "can't open that as a picture", "画像として開けませんでした"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "open that as a picture", "画像として開け"),
        (picture(200)[:2_000], "damaged", "壊れている"),
        (huge_png(30_000, 30_016), "900.5 megapixels; the limit is 40", "900.5メガピクセル"),
    ],
    ids=["empty", "words", "svg", "damaged", "bomb"],
)  # fmt: skip
async def test_a_bad_picture_is_declined_kindly_and_privately(
    server: Server, data: bytes, english: str, japanese: str
) -> None:
    for member, words in ((server.alice, english), (server.yuki, japanese)):
        result = await member.slash(server.channel, "avatar", like=("face.png", data))
        answer = answer_of(result)
        assert answer.ephemeral
        assert words in text_of(answer)


async def test_a_file_over_the_limit_is_declined_before_it_is_fetched(server: Server) -> None:
    big = ("big.png", bytes(8 * 1024 * 1024 + 1))
    for member, words in ((server.alice, "limit is 8 MB"), (server.yuki, "8 MBまで")):
        result = await member.slash(server.channel, "avatar", like=big)
        assert not result.deferred
        assert words in text_of(answer_of(result))


@pytest.mark.parametrize(
    ("error", "words"),
    [(PictureTooCostlyError(), "too much time or memory"), (PictureDamagedError(), "damaged")],
    ids=["costly", "damaged"],
)
async def test_what_went_wrong_in_the_child_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("ml.images.decoding.Sandbox.run", fail)
    assert words in text_of(await drawn(server, like=FACE))


async def test_what_is_not_safe_for_work_is_left_be(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Screen, "score", lambda *_: 0.9)
    answer = await drawn(server, like=FACE)
    assert "looks NSFW" in text_of(answer)
    assert answer.ephemeral
    yuki = answer_of(await server.yuki.slash(server.channel, "avatar", like=FACE))
    assert "閲覧注意の画像" in text_of(yuki)


async def test_the_menu_draws_a_member_like_their_picture_for_the_asker_alone(
    server: Server,
) -> None:
    give_avatar(server, picture(128, seed=3))
    result = await server.alice.context_menu(server.channel, "Udonge-fy", server.yuki)
    answer = answer_of(result)
    assert answer.ephemeral
    assert "60% like your picture" in text_of(answer)
    assert "New one" in labels_of(answer)


async def test_a_member_whose_picture_cannot_be_had_is_kindly_regretted(server: Server) -> None:
    server.env.backend.get_user(server.yuki.id).avatar = "nowhere"
    answer = answer_of(await server.alice.context_menu(server.channel, "Udonge-fy", server.yuki))
    assert "couldn't download" in text_of(answer)


async def test_the_picture_itself_is_not_remembered(server: Server, services: Services) -> None:
    await drawn(server, like=FACE)
    guild_id = server.alice.guild.id
    portrait = await services.portraits.find(Asker(guild_id, server.alice.id), 1)
    assert portrait.sketch.source is not None
    assert portrait.sketch.source.nbytes < 100


def give_avatar(server: Server, data: bytes) -> None:
    """Let yuki have a picture, where Discord would have it."""
    user = server.env.backend.get_user(server.yuki.id)
    user.avatar = "face"
    address = f"{discord.Asset.BASE}/avatars/{user.id}/face.png?size=512"
    server.env.backend.cdn._blobs[address] = data
