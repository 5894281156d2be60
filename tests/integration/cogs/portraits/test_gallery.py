"""`/gallery`: keeping portraits, looking at them, letting them go."""

from __future__ import annotations

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.app import make_bot
from bot.portraits.service import Asker
from bot.services import Services
from tests.helpers.discord import (
    Server,
    administrator,
    answer_of,
    custom_ids_of,
    labels_of,
    options_of,
    text_of,
)
from tests.integration.cogs.portraits.playing import (
    chosen,
    drawn,
    picture_in,
    pressed,
)


async def gallery(who: MemberActor, server: Server) -> ResponseMessage:
    return answer_of(await who.slash(server.channel, "gallery"))


async def keep(server: Server, services: Services, count: int) -> None:
    """Fill alice's gallery."""
    asker = Asker(server.alice.guild.id, server.alice.id)
    answer = await drawn(server, "0")
    await server.alice.click(answer, label="Save")
    kept = (await services.galleries.page(asker, 0)).portraits[0]
    drawn_too = await services.portraits.draw(asker, "1", count - 1)
    for each in drawn_too:
        await services.galleries.keep(asker, each.portrait.portrait_id, kept.picture)


async def test_an_empty_gallery_says_how_to_fill_it(server: Server) -> None:
    for member, words in ((server.alice, "Press “Save”"), (server.yuki, "「保存」を押して")):
        answer = await gallery(member, server)
        assert words in text_of(answer)
        assert answer.ephemeral


async def test_a_kept_portrait_is_shown_to_its_owner_alone(server: Server) -> None:
    answer = await drawn(server)
    kept = await pressed(server.alice, answer, "Save")
    assert "Saved **reisen** to your gallery" in text_of(kept)
    assert kept.ephemeral
    mine = await gallery(server.alice, server)
    assert mine.ephemeral
    assert options_of(mine) == [("1 · reisen", "1")]
    assert "1 portrait" in text_of(mine)
    opened = await chosen(server.alice, mine, 1)
    assert opened.ephemeral
    assert await picture_in(opened) == await picture_in(answer)
    assert "ギャラリーはまだ空です" in text_of(await gallery(server.yuki, server))


async def test_somebody_elses_portrait_can_be_kept_as_well_and_only_once(server: Server) -> None:
    answer = await drawn(server)
    for _ in range(2):
        kept = await pressed(server.yuki, answer, "Save")
        assert "**reisen** をギャラリーに保存しました" in text_of(kept)
    theirs = await gallery(server.yuki, server)
    assert [label for label, _ in options_of(theirs)] == ["1 · reisen"]
    assert "Press “Save”" in text_of(await gallery(server.alice, server))


async def test_pages_turn_in_place_also_after_a_restart(server: Server, services: Services) -> None:
    await keep(server, services, 11)
    first = await gallery(server.alice, server)
    assert "Page 1 of 2 · 11 portraits" in text_of(first)
    assert len(options_of(first)) == 9
    await server.env.restart_bot(make_bot(services))
    second = await pressed(server.alice, first, "Next ▶")
    assert second.id == first.id
    assert [label for label, _ in options_of(second)] == ["1 · 1", "2 · 0"]
    back = await pressed(server.alice, second, "◀ Previous")
    assert "Page 1 of 2" in text_of(back)
    assert all(len(each) <= 100 for each in custom_ids_of(back))


async def test_what_is_taken_out_is_gone(server: Server) -> None:
    await server.alice.click(await drawn(server), label="Save")
    opened = await chosen(server.alice, await gallery(server.alice, server), 1)
    assert labels_of(opened) == ["Variations", "Morph from my last one", "Remove from gallery"]
    gone = await pressed(server.alice, opened, "Remove from gallery")
    assert "Removed from your gallery" in text_of(gone)
    assert "gallery is empty" in text_of(await gallery(server.alice, server))


async def test_a_kept_portrait_has_variations_and_may_become_an_icon(server: Server) -> None:
    manager = administrator(server)
    answer = answer_of(await manager.slash(server.channel, "avatar", seed="reisen"))
    await manager.click(answer, label="Save")
    opened = await chosen(manager, await gallery(manager, server), 1)
    assert "Server icon" in labels_of(opened)
    assert len(options_of(await pressed(manager, opened, "Variations"))) == 4


async def test_a_full_gallery_says_its_limit(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.galleries, "_limit", 1)
    await server.alice.click(await drawn(server, "a"), label="Save")
    full = await pressed(server.alice, await drawn(server, "b"), "Save")
    assert "it holds 1 portrait." in text_of(full)


async def test_deleting_the_answer_leaves_what_was_kept(server: Server) -> None:
    answer = await drawn(server)
    await server.alice.click(answer, label="Save")
    await server.alice.click(answer, label="Delete")
    assert options_of(await gallery(server.alice, server))


async def test_every_server_has_galleries_of_its_own(server: Server) -> None:
    await server.alice.click(await drawn(server), label="Save")
    elsewhere = answer_of(await server.alice.user.slash("gallery"))
    assert "gallery is empty" in text_of(elsewhere)
