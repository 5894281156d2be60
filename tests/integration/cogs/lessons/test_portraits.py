"""Teaching portraits: the whole way, with a painter that is small and learns for a moment."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.app import open_services
from bot.concurrency import Executors
from bot.lessons import runner as lesson_runner
from bot.lessons.contributions import CutFaces, FaceCrop, FaceCrops, Giver
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.services import Services
from bot.settings import Settings
from ml.avatar.detection import SELF_TEST
from ml.avatar.inference import PortraitModel
from ml.finetuning.events import Done, PortraitCard
from ml.sandbox.pool import Sandbox
from storage.files import DATABASE_NAME
from storage.lessons import Matter
from tests.helpers.databases import migrated_file
from tests.helpers.discord import Server, administrator, answer_of, labels_of, text_of
from tests.helpers.images import picture
from tests.integration.cogs.lessons.playing import (
    AGREE,
    agree,
    last,
)
from tests.unit.ml.avatar.tiny import tiny_weights

ART = "contribute art"


@pytest.fixture
async def services(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
    tmp_path: Path,
) -> AsyncIterator[Services]:
    """A host whose portrait lessons begin from a tiny model and last a moment."""
    changes = {
        "data_dir": tmp_path / "data",
        "portrait_model": tiny_weights(tmp_path / "base.safetensors"),
        "portrait_lesson_minutes": 0.05,
    }
    await migrated_file(tmp_path / "data" / DATABASE_NAME)
    async with open_services(
        settings.model_copy(update=changes), executors, listening, shipped, sandbox
    ) as opened:
        yield opened


async def hand_over(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Hand over faces that were cut out already."""

    async def cut(_: FaceCrops, data: bytes) -> CutFaces:
        return CutFaces((FaceCrop(data, data[-32:]),), {})

    giver = Giver(server.alice.guild.id, server.alice.id)
    with monkeypatch.context() as patch:
        patch.setattr(FaceCrops, "cut", cut)
        for number in range(count):
            data = picture(64, seed=number)
            title = f"art {number}"
            await services.contributions.give_art(giver, data, title=title)


def crops(services: Services) -> list[str]:
    return sorted(path.name for path in (services.settings.data_dir / "art").iterdir())


async def test_a_picture_gives_its_face_after_consent_and_goes_when_taken_back(
    server: Server, services: Services
) -> None:
    file = ("udonge.png", SELF_TEST.read_bytes())
    asked = answer_of(await server.alice.slash(server.channel, ART, file=file))
    assert crops(services) == []
    done = last(await server.alice.click(asked.message, label=AGREE))
    assert "I saved one face from “udonge”" in text_of(done)
    (given,) = await services.contributions.stored.of_server(server.alice.guild.id, Matter.ART)
    assert crops(services) == [given.file]
    await server.alice.slash(server.channel, "contribute takeback", what=str(given.contribution_id))
    assert crops(services) == []


async def test_a_picture_without_a_face_is_refused_with_the_reason(
    server: Server, services: Services
) -> None:
    await agree(services, server.yuki)
    file = ("sky.png", picture(256))
    answer = answer_of(await server.yuki.slash(server.channel, ART, file=file))
    assert "描かれた顔が見つからない" in answer.content
    assert crops(services) == []


async def test_too_few_pictures_are_told_with_what_is_missing(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hand_over(server, services, monkeypatch, 3)
    admin = administrator(server)
    asked = answer_of(await admin.slash(server.channel, "train", what="avatar"))
    assert "at least 30 pictures; you have 3" in text_of(asked)
    assert labels_of(asked) == []


async def learn(module: Sequence[str], **_: object) -> Done:
    """Do what a lesson's process does, but learn nothing."""
    return await asyncio.to_thread(_learned, module)


def _learned(module: Sequence[str]) -> Done:
    out, comparison = (Path(module[module.index(name) + 1]) for name in ("--out", "--comparison"))
    comparison.write_bytes(picture(64))
    name = PortraitModel.load(tiny_weights(out)).name
    return Done(out, PortraitCard(name, 30, score=0.1, score_before=0.4))


async def model_that_draws(server: Server, services: Services) -> str:
    """Let alice draw a portrait, and return the model that drew."""
    await server.alice.slash(server.channel, "avatar", seed="reisen")
    guild_id = server.alice.guild.id
    return services.portrait_inference.models.model_for(guild_id).name


async def test_what_was_learned_draws_until_it_is_rolled_back(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_runner, "run_process", learn)
    await hand_over(server, services, monkeypatch, 30)
    admin = administrator(server)
    asked = answer_of(await admin.slash(server.channel, "train", what="avatar"))
    await admin.click(asked.message, label="Start")
    assert "75% closer to this server's art than before" in text_of(asked)
    assert asked.embeds[0].image.url is not None
    await admin.click(asked.message, label="Promote")
    (model,) = (await services.server_models.list_models(server.alice.guild.id)).models
    assert await model_that_draws(server, services) == model.card["portrait_model"]
    await admin.slash(server.channel, "models rollback", what="avatar")
    assert await model_that_draws(server, services) != model.card["portrait_model"]


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_whole_way_from_art_to_other_portraits_and_back(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.env.settle_timeout = 600
    await hand_over(server, services, monkeypatch, 31)
    (services.settings.data_dir / "art" / crops(services)[0]).write_bytes(b"not a picture")
    admin = administrator(server)
    asked = answer_of(await admin.slash(server.channel, "train", what="avatar"))
    assert "30 pictures to learn from" in text_of(asked)
    assert "file missing (1)" in text_of(asked)
    await admin.click(asked.message, label="Start")
    assert "Portrait lesson 1 is done" in text_of(asked)
    assert "to this server's art" in text_of(asked)
    assert asked.embeds[0].image.url is not None  # the same eight seeds, before and after
    promote = last(await admin.click(asked.message, label="Promote"))
    if "Promote anyway" in labels_of(promote):  # three seconds may well make it worse
        await admin.click(promote.message, label="Promote anyway")
    (model,) = (await services.server_models.list_models(server.alice.guild.id)).models
    assert await model_that_draws(server, services) == model.card["portrait_model"]
    await admin.slash(server.channel, "models rollback", what="avatar")
    assert await model_that_draws(server, services) != model.card["portrait_model"]
