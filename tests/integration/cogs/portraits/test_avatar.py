"""`/avatar` and what can be done with a portrait, as members use it."""

from __future__ import annotations

from collections.abc import Sequence

import discord
import numpy as np
import pytest

from bot.app import make_bot
from bot.errors import PortraitGoneError
from bot.portraits.service import Asker, PortraitSet
from bot.services import Services
from tests.helpers.discord import (
    Server,
    administrator,
    answer_of,
    answers_of,
    custom_ids_of,
    labels_of,
    options_of,
    text_of,
)
from tests.integration.cogs.portraits.playing import (
    chosen,
    drawn,
    picture_in,
    pixels_in,
    pressed,
)


async def test_an_answer_shows_a_large_square_and_names_seed_and_model(server: Server) -> None:
    answer = await drawn(server)
    picture = await pixels_in(answer)
    assert picture.shape[0] == picture.shape[1] >= 512
    assert (await picture_in(answer)).startswith(b"\x89PNG")
    assert "Seed **reisen**" in text_of(answer)
    assert "Drawn by Tiny 1" in text_of(answer)
    assert "“reisen”" in (answer.attachments[0].description or "")


async def test_a_japanese_member_is_answered_in_japanese(server: Server) -> None:
    answer = answer_of(await server.yuki.slash(server.channel, "avatar", seed="月のうさぎ"))
    assert "シード値 **月のうさぎ**" in text_of(answer)
    assert "描いたモデル：Tiny 1" in text_of(answer)
    assert labels_of(answer)[:4] == ["別の絵を描く", "保存", "少し変える", "前の絵から変身"]
    assert labels_of(answer)[4:] == ["原寸", "元になった絵", "削除"]
    assert "うどんげ" in (answer.attachments[0].description or "")


async def test_the_same_seed_gives_the_same_bytes_to_everybody(server: Server) -> None:
    first = await picture_in(await drawn(server))
    await drawn(server, "another")
    again = answer_of(await server.yuki.slash(server.channel, "avatar", seed=" REISEN "))
    assert await picture_in(again) == first
    assert await picture_in(await drawn(server, "another")) != first


async def test_a_portrait_nobody_named_can_be_drawn_again_by_the_seed_made_up(
    server: Server,
) -> None:
    answer = await drawn(server, None)
    seed = text_of(answer).split("**")[1]
    assert await picture_in(await drawn(server, seed)) == await picture_in(answer)


@pytest.mark.parametrize(
    ("seed", "count", "seeds"),
    [("8", 4, ["8", "9", "10", "11"]), ("moon", 9, ["moon", *(f"moon {n}" for n in range(2, 10))])],
)
async def test_several_come_in_a_grid_and_each_can_be_opened_and_drawn_alone(
    server: Server, seed: str, count: int, seeds: list[str]
) -> None:
    grid = await drawn(server, seed, count=count)
    assert [label for label, _ in options_of(grid)] == [
        f"{n} · {s}" for n, s in enumerate(seeds, 1)
    ]
    picture = await pixels_in(grid)
    assert picture.shape[0] == picture.shape[1] >= 1000
    opened = await chosen(server.alice, grid, count)
    assert f"Seed **{seeds[-1]}**" in text_of(opened)
    assert await picture_in(opened) == await picture_in(await drawn(server, seeds[-1]))


async def test_a_new_one_takes_the_place_of_the_askers_own(server: Server) -> None:
    answer = await drawn(server)
    before = await picture_in(answer)
    again = await pressed(server.alice, answer, "New one")
    assert again.id == answer.id
    assert await picture_in(again) != before
    seed = text_of(again).split("**")[1]
    assert await picture_in(await drawn(server, seed)) == await picture_in(again)


async def test_a_new_one_under_somebody_elses_portrait_is_for_the_presser_alone(
    server: Server,
) -> None:
    answer = await drawn(server)
    again = await pressed(server.yuki, answer, "New one")
    assert again.id != answer.id
    assert again.ephemeral
    assert "シード値" in text_of(again)
    assert await picture_in(again) != await picture_in(answer)


async def test_full_size_comes_as_a_file_and_as_round_icons_for_the_presser_alone(
    server: Server,
) -> None:
    answers = answers_of(await server.yuki.click(await drawn(server), label="Full size"))
    assert all(answer.ephemeral for answer in answers)
    assert (await pixels_in(answers[1])).shape == (1024, 1024, 3)
    assert "1024" in text_of(answers[1])
    assert "アイコン" in (answers[0].attachments[0].description or "")


async def test_again_under_a_grid_draws_as_many(server: Server) -> None:
    again = await pressed(server.alice, await drawn(server, count=4), "New one")
    assert len(options_of(again)) == 4


async def test_variations_are_four_relatives_that_can_be_drawn_again(server: Server) -> None:
    answer = await drawn(server)
    relatives = await pressed(server.alice, answer, "Variations")
    labels = [label for label, _ in options_of(relatives)]
    assert labels == [f"{n} · reisen, a little different" for n in range(1, 5)]
    assert "Variations of **reisen**" in text_of(relatives)
    opened = await chosen(server.alice, relatives, 3)
    assert "reisen, a little different" in text_of(opened)
    seed = text_of(opened).split("**")[1].replace("\\~", "~")
    assert seed.startswith("reisen~")
    assert await picture_in(opened) == await picture_in(await drawn(server, seed))


async def test_variations_are_nearer_than_strangers(server: Server, services: Services) -> None:
    asker, portraits = (
        Asker(server.alice.guild.id, server.alice.id),
        services.portraits,
    )
    strangers = await portraits.draw(asker, "1", 9)
    first = strangers[0].portrait
    relatives = await portraits.variations(asker, first.portrait_id)

    def distance(others: Sequence[PortraitSet]) -> float:
        return float(
            np.mean([abs(o.portrait.sketch.latent - first.sketch.latent).mean() for o in others])
        )

    assert 0 < distance(relatives) < distance(strangers[1:])


async def test_a_variation_of_a_variation_can_be_drawn_again(server: Server) -> None:
    first = await chosen(
        server.alice, await pressed(server.alice, await drawn(server), "Variations"), 1
    )
    second = await chosen(server.alice, await pressed(server.alice, first, "Variations"), 2)
    seed = text_of(second).split("**")[1].replace("\\~", "~")  # as Discord shows it
    assert seed.count("~") == 2
    assert await picture_in(await drawn(server, seed)) == await picture_in(second)


async def test_what_was_asked_in_private_stays_there(server: Server) -> None:
    answer = await drawn(server, private=True)
    assert answer.ephemeral
    for label in ("New one", "Variations"):
        assert (await pressed(server.alice, answer, label)).ephemeral


async def test_everything_works_after_a_restart(server: Server, services: Services) -> None:
    answer, grid = await drawn(server), await drawn(server, count=4)
    await server.env.restart_bot(make_bot(services))
    assert len(options_of(await pressed(server.alice, answer, "Variations"))) == 4
    assert "reisen 2" in text_of(await chosen(server.alice, grid, 2))
    assert "Saved **reisen**" in text_of(await pressed(server.alice, answer, "Save"))
    assert text_of(await pressed(server.alice, answer, "New one"))


async def test_in_direct_messages_portraits_work_as_well(server: Server) -> None:
    user = server.alice.user
    answer = answer_of(await user.slash("avatar", seed="reisen"))
    assert "Server icon" not in labels_of(answer)
    assert await picture_in(answer) == await picture_in(await drawn(server))
    assert len(options_of(await pressed(user, answer, "Variations"))) == 4


async def test_its_owner_deletes_an_answer_and_a_stranger_cannot(server: Server) -> None:
    answer = await drawn(server)
    refused = await pressed(server.yuki, answer, "Delete")
    assert "別の人のもの" in text_of(refused)
    assert refused.ephemeral
    await server.alice.click(answer, label="Delete")
    await server.env.advance_time(61)
    assert answer.id not in [message.id for message in server.channel.history()]


async def test_a_deleted_answer_can_be_put_back_for_a_minute(
    server: Server, services: Services
) -> None:
    answer = await drawn(server, count=4)
    before = await picture_in(answer)
    gone = await pressed(server.alice, answer, "Delete")
    assert "undo this for a minute" in text_of(gone)
    assert gone.attachments == []
    with pytest.raises(PortraitGoneError):
        await services.portraits.find(Asker(server.alice.guild.id, server.alice.id), 1)
    refused = answers_of(await server.yuki.click(gone, label="Undo"))[-1]
    assert "別の人のもの" in text_of(refused)
    back = await pressed(server.alice, gone, "Undo")
    assert await picture_in(back) == before
    assert len(options_of(back)) == 4
    await server.env.advance_time(61)
    assert answer.id in [message.id for message in server.channel.history()]


async def test_after_a_minute_nothing_of_a_deleted_answer_is_left(
    server: Server, services: Services
) -> None:
    answer = await drawn(server)
    await pressed(server.alice, answer, "Delete")
    await server.env.advance_time(61)
    with pytest.raises(PortraitGoneError):
        await services.galleries.put_back(answer.id)


async def test_what_a_member_has_erased_meanwhile_is_not_put_back(
    server: Server, services: Services
) -> None:
    gone = await pressed(server.alice, await drawn(server), "Delete")
    await services.erasure.erase_member(server.alice.id)
    late = answers_of(await server.alice.click(gone, label="Undo"))[-1]
    assert "no longer have that portrait" in text_of(late)


async def test_who_manages_messages_deletes_others_answers(server: Server) -> None:
    answer = await drawn(server)
    await administrator(server, manage_messages=True).click(answer, label="Delete")
    await server.env.advance_time(61)
    assert answer.id not in [message.id for message in server.channel.history()]


async def test_a_portrait_that_is_gone_is_kindly_regretted(
    server: Server, services: Services
) -> None:
    answer = await drawn(server)
    await services.erasure.erase_guild(server.alice.guild.id)
    for label in ("New one", "Variations", "Save", "Morph from my last one"):
        *_, gone = answers_of(await server.alice.click(answer, label=label))
        assert "no longer have that portrait" in text_of(gone)
        assert gone.ephemeral


async def test_a_seed_pings_nobody_and_is_shown_as_typed(server: Server) -> None:
    answer = await drawn(server, "@everyone **loud**\nnews")
    assert r"@everyone \*\*loud\*\* news" in text_of(answer)
    assert answer.message.mention_everyone is False


async def test_what_is_written_on_buttons_fits_discord(server: Server) -> None:
    for answer in (await drawn(server, "長" * 200), await drawn(server, "長" * 200, count=9)):
        assert all(len(each) <= 100 for each in custom_ids_of(answer))
    assert all(len(label) <= 100 for label, _ in options_of(answer))


async def test_names_and_descriptions_are_synced_in_japanese(server: Server) -> None:
    commands = await server.bot.tree.fetch_commands()
    names = {(c.name, c.name_localizations.get(discord.Locale.japanese)) for c in commands}
    assert names >= {
        ("avatar", "アバター"),
        ("morph", "変身"),
        ("gallery", "ギャラリー"),
        ("Udonge-fy", "うどんげ化"),
    }


async def test_a_stopping_bot_draws_nothing(server: Server) -> None:
    answer = await drawn(server)
    await server.bot.gate.close(within_seconds=1)
    assert "restarting" in text_of(await drawn(server))
    assert "restarting" in text_of(await pressed(server.alice, answer, "New one"))


async def test_too_many_at_once_are_asked_to_come_back(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    portrait_inference = services.portraits._inference
    monkeypatch.setattr(portrait_inference, "_waiting_limit", 0)
    answer = await drawn(server)
    assert "try again in a minute" in text_of(answer)
    assert answer.ephemeral
