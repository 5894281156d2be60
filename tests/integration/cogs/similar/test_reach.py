"""No answer speaks of what its asker, or its readers, cannot read themselves."""

from dataclasses import dataclass

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle, UserHandle

from bot.services import Services
from tests.helpers.discord import Server, administrator, answer_of, custom_ids_of
from tests.integration.cogs.similar.songs import (
    Record,
    remember,
    remember_row,
    titles_in,
)

Overwrites = dict[
    RoleHandle
    | MemberActor
    | UserHandle
    | discord.Role
    | discord.Member
    | discord.User
    | discord.ClientUser,
    discord.PermissionOverwrite,
]
HIDDEN = discord.PermissionOverwrite(view_channel=False)
SHOWN = discord.PermissionOverwrite(view_channel=True, read_message_history=True)
NO_HISTORY = discord.PermissionOverwrite(view_channel=True, read_message_history=False)


@dataclass(frozen=True)
class Rooms:
    """Songs in the open, and in a channel that only yuki's role opens."""

    guild: GuildHandle
    key: RoleHandle
    secret: ChannelHandle
    asked: int
    hidden: int


@pytest.fixture
async def rooms(server: Server, services: Services) -> Rooms:
    guild = server.channel.guild
    assert guild is not None
    key = guild.create_role("key")
    server.env.backend.add_member_role(guild.id, server.yuki.id, key.id)
    overwrites: Overwrites = {guild.default_role: HIDDEN, key: SHOWN}
    secret = guild.create_text_channel("secret", overwrites=overwrites)
    asked = await remember(services.songbook, server.channel, Record("asked", 10), 1)
    await remember(services.songbook, server.channel, Record("open", 40), 2)
    hidden = await remember(services.songbook, secret, Record("hidden", 20), 3)
    return Rooms(guild, key, secret, asked, hidden)


async def test_songs_of_unreadable_channels_are_never_shown(server: Server, rooms: Rooms) -> None:
    for private in (False, True):
        result = await server.alice.slash(
            server.channel, "similar", song=f"song:{rooms.asked}", private=private
        )
        assert titles_in(answer_of(result)) == ["open"]


async def test_an_unreadable_song_can_neither_be_suggested_nor_asked_about(
    server: Server, rooms: Rooms
) -> None:
    choices = await server.alice.autocomplete(server.channel, "similar", "song", "hid")
    assert choices == []
    answer = answer_of(
        await server.alice.slash(server.channel, "similar", song=f"song:{rooms.hidden}")
    )
    assert "don't know that song any more" in answer.content
    assert "hidden" not in str(answer.message.embeds)


async def test_who_can_read_a_closed_channel_hears_of_it_in_private(
    server: Server, rooms: Rooms
) -> None:
    result = await server.yuki.slash(
        server.channel, "similar", song=f"song:{rooms.asked}", private=True
    )
    assert titles_in(answer_of(result)) == ["hidden", "open"]


async def test_an_answer_for_everyone_tells_of_no_closed_channel_and_says_so(
    server: Server, rooms: Rooms
) -> None:
    result = await server.yuki.slash(server.channel, "similar", song=f"song:{rooms.asked}")
    answer = answer_of(result)
    assert titles_in(answer) == ["open"]
    assert "「自分だけ」" in (answer.embeds[0].footer.text or "")


async def test_inside_the_closed_channel_its_songs_are_shown_to_all_there(
    server: Server, rooms: Rooms
) -> None:
    answer = answer_of(await server.yuki.slash(rooms.secret, "similar"))
    assert answer.embeds[0].title == "「hidden」に似た曲"
    assert titles_in(answer) == ["asked", "open"]


async def test_without_the_history_of_a_channel_its_songs_are_not_shown(
    server: Server, services: Services, rooms: Rooms
) -> None:
    overwrites: Overwrites = {rooms.guild.default_role: NO_HISTORY}
    fleeting = rooms.guild.create_text_channel("fleeting", overwrites=overwrites)
    await remember(services.songbook, fleeting, Record("passed by", 25), 4)
    result = await server.alice.slash(server.channel, "similar", song=f"song:{rooms.asked}")
    assert titles_in(answer_of(result)) == ["open"]


async def test_who_lost_the_channel_meanwhile_hears_no_more_of_it(
    server: Server, rooms: Rooms
) -> None:
    answer = answer_of(
        await server.yuki.slash(server.channel, "similar", song=f"song:{rooms.asked}", private=True)
    )
    menu = next(each for each in custom_ids_of(answer) if each.startswith("similar:like:"))
    server.env.backend.remove_member_role(rooms.guild.id, server.yuki.id, rooms.key.id)
    result = await server.yuki.select(answer, [str(rooms.hidden)], custom_id=menu)
    assert "データはもうありません" in result.followups[-1].content


async def test_another_server_is_another_world(server: Server, services: Services) -> None:
    ids = await remember_row(services.songbook, server.channel, 3)
    other = server.env.create_guild("Other")
    channel = other.create_text_channel("music")
    mine = await remember(services.songbook, channel, Record("theirs", 20), 5)
    alice = other.add_member(server.alice.user)
    for song in (f"song:{ids[0]}", "Song 1"):
        answer = answer_of(await alice.slash(channel, "similar", song=song))
        assert not answer.embeds
    assert "only song" in str(
        answer_of(await alice.slash(channel, "similar", song=f"song:{mine}")).embeds[0].description
    )
    assert await alice.autocomplete(channel, "similar", "song", "Song") == []


async def test_buttons_of_another_server_s_answer_stay_in_their_server(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 8)
    other = server.env.create_guild("Other")
    channel = other.create_text_channel("music")
    theirs = await remember_row(services.songbook, channel, 3)
    alice = other.add_member(server.alice.user)
    answer = answer_of(await alice.slash(channel, "similar", song=f"song:{theirs[0]}"))
    menu = next(each for each in custom_ids_of(answer) if each.startswith("similar:like:"))
    stored = server.env.backend.get_message(channel.id, answer.id)
    stored.components[0]["components"][0]["options"][0]["value"] = str(ids[1])  # forged
    said = (await alice.select(answer, [str(ids[1])], custom_id=menu)).followups[-1]
    assert "don't know that song any more" in said.content


async def test_age_restricted_songs_stay_among_themselves(
    server: Server, services: Services, rooms: Rooms
) -> None:
    adult = rooms.guild.create_text_channel("adult")
    cached = server.bot.get_channel(adult.id)  # simcord itself knows no age restriction
    assert isinstance(cached, discord.TextChannel)
    cached.nsfw = True
    night = await remember(services.songbook, adult, Record("night", 25), 6)
    outside = await server.alice.slash(server.channel, "similar", song=f"song:{rooms.asked}")
    assert titles_in(answer_of(outside)) == ["open"]
    inside = await server.alice.slash(adult, "similar", song=f"song:{night}")
    assert titles_in(answer_of(inside)) == ["asked", "open"]
    refused = await server.alice.slash(server.channel, "similar", song=f"song:{night}")
    assert "don't know that song any more" in answer_of(refused).content


async def test_administrators_read_everything_for_themselves(server: Server, rooms: Rooms) -> None:
    keine = administrator(server, administrator=True)
    result = await keine.slash(server.channel, "similar", song=f"song:{rooms.asked}", private=True)
    assert titles_in(answer_of(result)) == ["hidden", "open"]
