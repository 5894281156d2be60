"""Threads: who is in a private one, and which sleep."""

import discord
import pytest

from bot.services import Services
from tests.helpers.discord import Server, administrator, answer_of
from tests.integration.cogs.similar.songs import (
    Record,
    remember,
    titles_in,
)


@pytest.fixture
async def asked(server: Server, services: Services) -> int:
    return await remember(services.songbook, server.channel, Record("asked", 10), 1)


async def a_thread(server: Server, *, private: bool) -> discord.Thread:
    """A thread under the channel, with yuki in it."""
    parent = server.bot.get_channel(server.channel.id)
    assert isinstance(parent, discord.TextChannel)
    kind = discord.ChannelType.private_thread if private else discord.ChannelType.public_thread
    thread = await parent.create_thread(name="thread", type=kind)
    await thread.add_user(discord.Object(server.yuki.id))
    return thread


async def remember_in(server: Server, services: Services, thread: discord.Thread) -> None:
    await remember(
        services.songbook,
        server.channel,
        Record("whispered", 30),
        2,
        channel_id=thread.id,
        parent_id=server.channel.id,
    )


async def found(server: Server, asked: int, who: str, *, private: bool) -> list[str]:
    member = {"alice": server.alice, "yuki": server.yuki}.get(who) or administrator(
        server, administrator=True
    )
    result = await member.slash(server.channel, "similar", song=f"song:{asked}", private=private)
    answer = answer_of(result)
    return titles_in(answer) if answer.embeds else []


async def test_songs_of_a_public_thread_are_for_all_who_read_its_channel(
    server: Server, services: Services, asked: int
) -> None:
    await remember_in(server, services, await a_thread(server, private=False))
    assert await found(server, asked, "alice", private=False) == ["whispered"]


@pytest.mark.parametrize(
    ("who", "private", "songs"),
    [
        ("alice", True, []),
        ("yuki", True, ["whispered"]),
        ("yuki", False, []),
        ("keine", True, ["whispered"]),
    ],
    ids=["uninvited", "invited", "invited, but everyone listens", "administrator"],
)
async def test_songs_of_a_private_thread_are_for_those_in_it(
    server: Server, services: Services, asked: int, who: str, private: bool, songs: list[str]
) -> None:
    await remember_in(server, services, await a_thread(server, private=True))
    assert await found(server, asked, who, private=private) == songs


async def test_an_archived_thread_can_still_be_read(
    server: Server, services: Services, asked: int
) -> None:
    thread = await a_thread(server, private=False)
    await remember_in(server, services, thread)
    await thread.edit(archived=True)
    guild = server.bot.get_guild(thread.guild.id)
    assert guild is not None
    guild._remove_thread(thread)  # Discord announces no archived thread to a bot that starts
    assert await found(server, asked, "alice", private=False) == ["whispered"]


async def test_a_channel_that_is_gone_is_read_by_nobody(
    server: Server, services: Services, asked: int
) -> None:
    await remember(services.songbook, server.channel, Record("lost", 30), 2, channel_id=42)
    assert await found(server, asked, "alice", private=True) == []
