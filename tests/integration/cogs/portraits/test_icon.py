"""A portrait as the server's icon: who may, and how it is put back."""

from __future__ import annotations

import base64
import io
from datetime import timedelta

import discord
import pytest
from PIL import Image
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.app import make_bot
from bot.demo.simcord_patches import let_servers_have_icons, set_icon
from bot.services import Services
from storage.portraits import Icons
from tests.helpers.discord import (
    Server,
    administrator,
    alt_of,
    answer_of,
    answers_of,
    labels_of,
    text_of,
)
from tests.helpers.images import picture
from tests.integration.cogs.portraits.playing import (
    drawn,
    pressed,
)

OLD = picture(64)


@pytest.fixture
async def manager(server: Server) -> MemberActor:
    """Somebody who manages the server, which has an icon."""
    let_servers_have_icons(server.env)
    set_icon(server.env, server.alice.guild.id, OLD)
    await server.env.settle()
    return administrator(server)


async def asked(server: Server, manager: MemberActor) -> ResponseMessage:
    """The question whether it is really meant."""
    answer = answer_of(await manager.slash(server.channel, "avatar", seed="reisen"))
    return await pressed(manager, answer, "Server icon")


async def changed(server: Server, manager: MemberActor) -> ResponseMessage:
    """The public answer once the icon was changed."""
    result = await manager.click(await asked(server, manager), label="Set as server icon")
    return answers_of(result)[-1]


def edits(server: Server) -> list[tuple[bytes | None, str]]:
    """What the bot sent to change icons: each icon's bytes and the reason for the audit log."""
    path = f"/guilds/{server.alice.guild.id}"
    sent = [r for r in server.env.http_requests if (r.method, r.path) == ("PATCH", path)]
    found = []
    for request in sent:
        assert request.json is not None
        icon = request.json["icon"]
        data = base64.b64decode(icon.split(",")[1]) if icon else None
        found.append((data, request.reason or ""))
    return found


def take_permission_from_bot(server: Server) -> None:
    """Let the bot's own role no longer manage the server."""
    guild = server.env.backend.get_guild(server.alice.guild.id)
    for role_id in guild.members[server.env.backend.bot_user.id].role_ids:
        permissions = discord.Permissions(guild.roles[role_id].permissions)
        permissions.manage_guild = False
        server.env.backend.edit_role(guild.id, role_id, {"permissions": permissions.value})


async def test_the_icon_is_set_once_it_was_confirmed(server: Server, manager: MemberActor) -> None:
    question = await asked(server, manager)
    assert question.ephemeral
    assert "Make this the server icon" in text_of(question)
    assert "A drawn portrait of Udonge" in alt_of(question)
    assert edits(server) == []
    result = await manager.click(question, label="Set as server icon")
    private, public = answers_of(result)
    assert "Done" in text_of(private)
    assert not public.ephemeral
    assert f"{manager.mention} set the portrait **reisen**" in text_of(public)
    ((icon, reason),) = edits(server)
    assert icon is not None
    assert Image.open(io.BytesIO(icon)).size == (512, 512)
    assert reason == "keine chose the portrait “reisen”"


async def test_leaving_it_changes_nothing(server: Server, manager: MemberActor) -> None:
    await manager.click(await asked(server, manager), label="Cancel")
    assert edits(server) == []


async def test_the_old_icon_comes_back_byte_for_byte_after_a_restart(
    server: Server, services: Services, manager: MemberActor
) -> None:
    public = await changed(server, manager)
    await server.env.restart_bot(make_bot(services))
    undone = await pressed(manager, public, "Put the old icon back")
    assert "put the old icon back" in text_of(undone)
    assert labels_of(undone) == []
    assert edits(server)[-1] == (OLD, "keine put the old icon back")


async def test_a_server_without_an_icon_has_none_again(
    server: Server, manager: MemberActor
) -> None:
    set_icon(server.env, server.alice.guild.id, None)
    await server.env.settle()
    await pressed(manager, await changed(server, manager), "Put the old icon back")
    assert edits(server)[-1][0] is None


async def test_members_are_neither_offered_it_nor_let(server: Server, manager: MemberActor) -> None:
    assert "Server icon" not in labels_of(await drawn(server))
    answer = answer_of(await manager.slash(server.channel, "avatar", seed="reisen"))
    for member, words in ((server.alice, "can manage this server"), (server.yuki, "管理できる人")):
        assert words in text_of(await pressed(member, answer, "Server icon"))
    public = await changed(server, manager)
    refused = await pressed(server.alice, public, "Put the old icon back")
    assert "can manage this server" in text_of(refused)
    assert len(edits(server)) == 1


async def test_a_bot_without_the_permission_offers_nothing_and_says_what_it_needs(
    server: Server, manager: MemberActor
) -> None:
    question = await asked(server, manager)
    take_permission_from_bot(server)
    answer = answer_of(await manager.slash(server.channel, "avatar", seed="reisen"))
    assert "Server icon" not in labels_of(answer)
    refused = await pressed(manager, question, "Set as server icon")
    assert "my role needs" in text_of(refused)
    assert edits(server) == []


async def test_without_the_old_icon_nothing_is_changed(
    server: Server, manager: MemberActor
) -> None:
    server.env.backend.cdn._blobs.clear()
    refused = answers_of(
        await manager.click(await asked(server, manager), label="Set as server icon")
    )[-1]
    assert "Nothing was changed" in text_of(refused)
    assert edits(server) == []


async def test_an_icon_set_by_others_since_stays(server: Server, manager: MemberActor) -> None:
    public = await changed(server, manager)
    set_icon(server.env, server.alice.guild.id, picture(64, seed=9))
    await server.env.settle()
    refused = answers_of(await manager.click(public, label="Put the old icon back"))[-1]
    assert "set another icon since" in text_of(refused)
    assert len(edits(server)) == 1


async def test_after_a_day_or_a_first_time_there_is_nothing_to_put_back(
    server: Server, manager: MemberActor, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = await changed(server, manager)
    icons: Icons = services.icons
    now = icons._now
    monkeypatch.setattr(icons, "_now", lambda: now() + timedelta(hours=24))
    late = answers_of(await manager.click(public, label="Put the old icon back"))[-1]
    assert "24 hours have passed" in text_of(late)
    await services.icons.forget_old()
    monkeypatch.undo()
    gone = answers_of(await manager.click(public, label="Put the old icon back"))[-1]
    assert "24 hours have passed" in text_of(gone)
