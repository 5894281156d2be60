"""Portraits go with the answers and servers they were drawn in."""

from __future__ import annotations

import pytest

from bot.errors import PortraitGoneError
from bot.portraits.service import Asker
from bot.services import Services
from tests.helpers.discord import Server
from tests.integration.cogs.portraits.playing import drawn


async def known(server: Server, services: Services) -> bool:
    """Whether alice's first portrait is still known."""
    try:
        await services.portraits.find(Asker(server.alice.guild.id, server.alice.id), 1)
    except PortraitGoneError:
        return False
    return True


async def test_a_deleted_answer_takes_its_portrait_along(
    server: Server, services: Services
) -> None:
    answer = await drawn(server)
    assert await known(server, services)
    server.env.backend.delete_message(server.channel.id, answer.id)
    await server.env.settle()
    assert not await known(server, services)


async def test_answers_deleted_in_bulk_take_their_portraits_along(
    server: Server, services: Services
) -> None:
    answers = [await drawn(server, str(seed)) for seed in range(2)]
    server.env.backend.bulk_delete_messages(server.channel.id, [each.id for each in answers])
    await server.env.settle()
    assert not await known(server, services)


async def test_deleting_a_private_answer_forgets_as_well(
    server: Server, services: Services
) -> None:
    await server.alice.click(await drawn(server, private=True), label="Delete")
    assert not await known(server, services)


@pytest.mark.parametrize("only_down", [False, True])
async def test_a_server_that_is_gone_is_forgotten_and_one_that_is_down_is_not(
    server: Server, services: Services, only_down: bool
) -> None:
    await server.alice.click(await drawn(server), label="Save")
    guild_id = server.alice.guild.id
    if only_down:
        server.env.backend.emit("GUILD_DELETE", {"id": str(guild_id), "unavailable": True})
    else:
        server.env.backend.remove_guild(guild_id)
    await server.env.settle()
    assert await known(server, services) is only_down
