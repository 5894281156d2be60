"""Teaching genres: from the report to answers that differ, and back."""

from dataclasses import replace
from pathlib import Path

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.app import make_bot
from bot.demo.simcord_patches import send_own_locales
from bot.lessons import runner as lesson_runner
from bot.lessons.errors import LessonFailedError
from bot.lessons.models import ServerGenres
from bot.services import Services
from storage.lessons import Kind
from tests.helpers.discord import Server, administrator, answer_of, labels_of, text_of
from tests.integration.cogs.lessons.playing import (
    agree,
    contribute,
    last,
    sound,
)


async def report(server: Server, what: str = "genre") -> tuple[MemberActor, ResponseMessage]:
    admin = administrator(server)
    return admin, answer_of(await admin.slash(server.channel, "train", what=what))


def cut_short(folder: Path) -> None:
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-9])


async def genre_of(server: Server, number: int = 0) -> ResponseMessage:
    file = ("new.wav", sound("drones", number))
    return answer_of(await server.alice.slash(server.channel, "genre", file=file))


async def test_the_whole_way_from_songs_to_other_answers_and_back(
    server: Server, services: Services
) -> None:
    await contribute(services, server.alice)
    before = text_of(await genre_of(server))
    admin, asked = await report(server)
    assert "10 songs to learn from" in text_of(asked)
    assert f"<@{server.alice.id}> (10)" in text_of(asked)
    assert asked.ephemeral
    await admin.click(asked.message, label="Start")
    assert "Genre lesson 1 is done" in text_of(asked)
    assert "Of 10 songs I hadn't heard before, I named 10 correctly" in text_of(asked)
    assert "macro F1" not in text_of(asked)
    numbers = last(await admin.click(asked.message, label="The numbers"))
    assert numbers.ephemeral
    assert "macro F1" in text_of(numbers)
    assert text_of(await genre_of(server)) == before  # nothing serves before it is promoted
    await admin.click(asked.message, label="Promote")
    assert "Lesson 1 is now in use" in text_of(asked)
    after = text_of(await genre_of(server))
    assert "drones" in after
    assert "this server's own genres (lesson 1)" in after
    rolled = await admin.slash(server.channel, "models rollback", what="genre")
    assert "Built-in genres" in text_of(last(rolled))
    assert text_of(await genre_of(server)) == before


async def test_a_promoted_model_is_announced_where_an_administrator_says_so(
    server: Server, services: Services
) -> None:
    await contribute(services, server.alice)
    admin = administrator(server)
    asked = answer_of(await admin.slash(server.channel, "train", what="genre", public=True))
    await admin.click(asked.message, label="Start")
    await admin.click(asked.message, label="Promote")
    refused = last(await server.yuki.click(asked.message, label="Announce it here"))
    assert "管理できる人だけ" in refused.content
    told = last(await admin.click(asked.message, label="Announce it here"))
    assert not told.ephemeral
    assert "/genre now also knows drones, tunes" in text_of(told)
    assert "I learned from 10 contributions" in text_of(told)
    await admin.slash(server.channel, "models rollback", what="genre")
    late = last(await admin.click(asked.message, label="Announce it here"))
    assert late.ephemeral


async def test_what_is_missing_is_told_and_nothing_can_be_started(
    server: Server, services: Services
) -> None:
    _, asked = await report(server)
    assert "Nothing has been contributed yet" in text_of(asked)
    assert labels_of(asked) == []
    await contribute(services, server.alice, each=3)
    _, asked = await report(server)
    assert "tunes is left out: it has 3 songs and needs 5" in text_of(asked)
    assert "at least 2 genres with 5 songs each; you have none" in text_of(asked)
    assert labels_of(asked) == []


async def test_a_japanese_administrator_reads_japanese(server: Server, services: Services) -> None:
    await contribute(services, server.yuki)
    admin = administrator(server)
    send_own_locales(server.env, {admin.id: "ja"})
    asked = answer_of(await admin.slash(server.channel, "train", what="genre"))
    assert "学習に使える曲は10曲" in text_of(asked)
    await admin.click(asked.message, label="始める")
    assert "ジャンルのレッスン1が完了しました" in text_of(asked)
    assert labels_of(asked) == ["採用する", "破棄する", "数値を見る"]


async def test_only_administrators_teach(server: Server, services: Services) -> None:
    await contribute(services, server.alice)
    admin = administrator(server)
    asked = answer_of(await admin.slash(server.channel, "train", what="genre", public=True))
    assert not asked.ephemeral
    refused = await server.alice.click(asked.message, label="Start")
    assert "can manage this server" in last(refused).content
    guild_id, alice = server.alice.guild.id, server.alice.id
    prospect = await services.lessons.prospect(guild_id, alice, Kind.GENRE)
    assert prospect.under_way is None


async def test_discarding_leaves_no_file(server: Server, services: Services) -> None:
    await contribute(services, server.alice)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    folder = services.settings.data_dir / "models"
    assert len(list(folder.iterdir())) == 1
    await admin.click(asked.message, label="Discard")
    assert "Lesson 1 was deleted" in text_of(asked)
    assert list(folder.iterdir()) == []


async def test_what_is_taken_back_marks_the_model_and_can_be_taught_without(
    server: Server, services: Services
) -> None:
    await contribute(services, server.alice, each=6)
    await contribute(services, server.yuki, each=1)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    await admin.click(asked.message, label="Promote")
    pressed = await server.yuki.slash(server.channel, "privacy delete")
    deleted = await server.yuki.click(answer_of(pressed).message, label="すべて削除")
    assert "ジャンルのレッスン1" in text_of(last(deleted))
    listed = answer_of(await admin.slash(server.channel, "models list"))
    assert "2 contributions that were taken back" in text_of(listed)
    again = last(await admin.click(listed.message, label="Retrain on the rest"))
    assert "12 songs to learn from" in text_of(again)
    await admin.click(again.message, label="Start")
    assert "lesson 2 is done" in text_of(again)


async def test_a_model_of_an_earlier_ear_is_said_to_be_of_no_use(
    server: Server, services: Services
) -> None:
    await contribute(services, server.alice)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    await admin.click(asked.message, label="Promote")
    later = ServerGenres(services.server_models, "a later ear")
    changed = replace(services, server_genres=later)
    await server.env.restart_bot(make_bot(changed))
    listed = answer_of(await admin.slash(server.channel, "models list"))
    assert "trained with an older music model" in text_of(listed)
    assert labels_of(listed) == ["Retrain"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("memory", "more memory than allowed (4,096 MB)"),
        ("disk", "the disk is full"),
        ("damaged", "unreadable, so I discarded it"),
        ("unexpected", "tell the person who runs me: lesson"),
    ],
)
async def test_a_lesson_that_fails_says_why_and_leaves_nothing(
    server: Server,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    words: str,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise LessonFailedError(reason)

    monkeypatch.setattr(lesson_runner, "run_process", fail)
    await contribute(services, server.alice)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    assert words in text_of(asked)
    assert "The current model stays in use" in text_of(asked)
    data = services.settings.data_dir
    assert list((data / "lessons").iterdir()) == list((data / "models").iterdir()) == []


async def test_a_damaged_model_is_not_promoted(server: Server, services: Services) -> None:
    await contribute(services, server.alice)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    cut_short(services.settings.data_dir / "models")
    refused = await admin.click(asked.message, label="Promote")
    assert "file of lesson 1 is damaged" in last(refused).content
    assert "this server's own genres" not in text_of(await genre_of(server))


async def test_buttons_work_and_models_serve_after_a_restart(
    server: Server, services: Services
) -> None:
    await contribute(services, server.alice)
    await agree(services, server.alice)
    admin, asked = await report(server)
    await admin.click(asked.message, label="Start")
    await server.env.restart_bot(make_bot(services))
    await admin.click(asked.message, label="Promote")
    assert "this server's own genres (lesson 1)" in text_of(await genre_of(server))
