"""Which model draws: none, the shipped one, one that learned from members' art, a later one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.app import make_bot
from bot.portraits.inference import PortraitModels, ServedModel, ShippedPortraitModel
from bot.portraits.service import ExplanationService
from bot.services import Services
from ml.avatar.explaining import Explainer, save_drawings
from ml.images.decoding import Screen
from tests.helpers.discord import Server, answer_of, labels_of, text_of
from tests.integration.cogs.portraits.playing import (
    chosen,
    drawn,
    picture_in,
    pixels_in,
    pressed,
)
from tests.unit.ml.avatar.tiny import tiny_portrait_model


class Lent:
    """Models that a test changes under the bot's hands."""

    def __init__(self) -> None:
        self.models = ShippedPortraitModel(tiny_portrait_model())
        self.of_members = False

    def model_for(self, guild_id: int, model: str | None = None) -> ServedModel:
        return replace(self.models.model_for(guild_id, model), of_members=self.of_members)

    def rename(self, name: str) -> None:
        portrait_model = tiny_portrait_model()
        portrait_model.name = name
        self.models = ShippedPortraitModel(portrait_model)


@pytest.fixture
def lent() -> Lent:
    return Lent()


@pytest.fixture
def shipped(lent: Lent) -> PortraitModels:
    return lent


async def test_without_a_model_the_bot_serves_and_says_so(server: Server, lent: Lent) -> None:
    lent.models = ShippedPortraitModel(None)
    answer = await drawn(server)
    assert "no portrait model is installed" in text_of(answer)
    assert answer.ephemeral
    theirs = answer_of(await server.yuki.slash(server.channel, "avatar"))
    assert "絵のモデルが入っていない" in text_of(theirs)


async def test_a_gallery_outlives_its_model(server: Server, lent: Lent) -> None:
    await drawn(server, "another")
    answer = await drawn(server)
    await server.alice.click(answer, label="Save")
    lent.rename("later-2")
    gallery = answer_of(await server.alice.slash(server.channel, "gallery"))
    opened = await chosen(server.alice, gallery, 1)
    assert await picture_in(opened) == await picture_in(answer)
    assert "Drawn by Tiny 1" in text_of(opened)
    for label in ("Variations", "Morph from my last one"):
        regretted = await pressed(server.alice, opened, label)
        assert "drawn by an earlier model" in text_of(regretted)
    assert "Later 2" in text_of(await pressed(server.alice, answer, "New one"))


async def test_what_models_of_members_art_draw_is_screened(
    server: Server, lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent.of_members = True
    assert "reisen" in text_of(await drawn(server))
    monkeypatch.setattr(Screen, "score", lambda *_: 0.9)
    assert "looks NSFW" in text_of(await drawn(server))
    lent.of_members = False
    assert "reisen" in text_of(await drawn(server))


@pytest.fixture
def explaining_bot(services: Services, tmp_path: Path) -> Services:
    """The services with drawings to explain portraits by."""
    files = []
    for seed in range(6):
        files.append(tmp_path / f"{seed}.png")
        dice = np.random.default_rng(seed)
        Image.fromarray(dice.integers(0, 255, (64, 64, 3), np.uint8)).save(files[-1])
    out = tmp_path / "drawings.safetensors"
    save_drawings(files, out)
    portraits = services.portraits
    explaining = ExplanationService(
        services.portrait_inference, portraits, lambda: Explainer.load(out)
    )
    return replace(services, explanations=explaining)


async def test_a_portrait_is_explained_by_the_drawings_nearest_to_its_parts(
    server: Server, explaining_bot: Services
) -> None:
    await server.env.restart_bot(make_bot(explaining_bot))
    answer = await drawn(server)
    assert "Explain" in labels_of(answer)
    explained = await pressed(server.alice, answer, "Explain")
    assert "Where “reisen” comes from" in text_of(explained)
    assert (await pixels_in(explained)).shape[1] == 1200
    alt = explained.attachments[0].description or ""
    assert all(part in alt for part in ("Ears", "Hair", "Eyes", "Mouth"))
    japanese = await pressed(server.yuki, answer, "Explain")
    assert "元になった絵" in text_of(japanese)


async def test_our_drawings_do_not_explain_models_of_members_art(
    server: Server, lent: Lent, explaining_bot: Services
) -> None:
    await server.env.restart_bot(make_bot(explaining_bot))
    answer = await drawn(server)
    lent.of_members = True
    assert "Explain" not in labels_of(await drawn(server))
    assert "any training drawings" in text_of(await pressed(server.alice, answer, "Explain"))
