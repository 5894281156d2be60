"""Songs remembered as they are posted."""

import discord
import pytest
from simcord.builders import ChannelHandle, UserHandle

from bot.demo.simcord_patches import send_own_locales
from bot.services import Services
from tests.helpers.discord import Server, administrator, answer_of, offer_to_everyone
from tests.helpers.songs import silence, wav
from tests.integration.cogs.songbook.playing import (
    SONG,
    allow,
    say,
    songs_of,
)

without_intent = pytest.mark.parametrize("message_content", [False])


async def watch(server: Server, services: Services, channel: ChannelHandle | None = None) -> str:
    """Allow remembering and have a channel watched; gives what the administrator reads."""
    await allow(server, services)
    admin = administrator(server)
    where = channel or server.channel
    result = await admin.slash(server.channel, "setup watch", channel=where)
    assert answer_of(result).ephemeral
    return answer_of(result).content


def reactions(server: Server, message: discord.Message) -> list[str]:
    (current,) = [m for m in server.channel.history() if m.id == message.id]
    return [str(reaction.emoji) for reaction in current.reactions]


async def test_songs_posted_in_a_watched_channel_are_remembered_and_marked(
    server: Server, services: Services
) -> None:
    assert "👂" in await watch(server, services)
    files = [("歌.wav", wav(4)), ("cover.png", b"png"), ("two.wav", wav(4, seed=1))]
    message = await server.yuki.send(server.channel, "新曲！", attachments=files)
    titles = {song.post.title for song in await songs_of(services, server.yuki)}
    assert titles == {"歌", "two"}
    assert reactions(server, message) == ["👂"]


async def test_nothing_is_remembered_elsewhere_nor_after_unwatching(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    elsewhere = server.alice.guild.create_text_channel("general")
    await server.alice.send(elsewhere, attachments=[SONG])
    admin = administrator(server)
    await admin.slash(server.channel, "setup unwatch", channel=server.channel)
    message = await server.alice.send(server.channel, attachments=[SONG])
    assert await songs_of(services, server.alice) == ()
    assert reactions(server, message) == []


async def test_a_japanese_administrator_reads_about_watching_in_japanese(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    admin = administrator(server)
    send_own_locales(server.env, {admin.id: "ja"})
    said = []
    for command in ("watch", "watch", "unwatch", "unwatch"):
        result = await admin.slash(server.channel, f"setup {command}", channel=server.channel)
        said.append(answer_of(result).content)
    expected = (
        "これから",
        "すでに見守っています",
        "新しい曲は記憶しません",
        "見守っていませんでした",
    )
    for answer, words in zip(said, expected, strict=True):
        assert words in answer
        assert f"<#{server.channel.id}>" in answer


async def test_a_watched_channel_is_watched_once(server: Server, services: Services) -> None:
    await watch(server, services)
    assert "already" in await watch(server, services)


async def test_watching_remembers_nothing_of_who_opted_out_or_once_it_is_not_allowed(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    await server.yuki.slash(server.channel, "songbook optout")
    message = await server.yuki.send(server.channel, attachments=[SONG])
    assert reactions(server, message) == []
    await services.channels.allow_remembering(server.alice.guild.id, allowed=False)
    await server.alice.send(server.channel, attachments=[SONG])
    assert await songs_of(services, server.alice) == await songs_of(services, server.yuki) == ()


async def test_a_forwarded_message_is_left_alone(server: Server, services: Services) -> None:
    elsewhere = server.alice.guild.create_text_channel("general")
    original = await server.yuki.send(elsewhere, attachments=[SONG])
    await watch(server, services)
    forward = await server.alice.forward(original, server.channel)
    assert await songs_of(services, server.alice) == await songs_of(services, server.yuki) == ()
    assert reactions(server, forward) == []


async def test_a_voice_message_is_left_alone(server: Server, services: Services) -> None:
    await watch(server, services)
    await say(server, server.yuki)
    assert await songs_of(services, server.yuki) == ()


async def test_a_short_sound_is_neither_remembered_nor_marked(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    message = await server.yuki.send(server.channel, attachments=[("kick.wav", wav(2))])
    assert await songs_of(services, server.yuki) == ()
    assert reactions(server, message) == []


async def test_bots_are_not_listened_to(server: Server, services: Services) -> None:
    await watch(server, services)
    robot = server.alice.guild.add_member(server.env.create_user("robot", bot=True))
    await robot.send(server.channel, attachments=[SONG])
    assert await songs_of(services, robot) == ()


async def test_a_file_that_cannot_be_heard_bothers_nobody(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    files = [("quiet.wav", silence(2)), SONG]
    message = await server.alice.send(server.channel, attachments=files)
    assert [song.post.title for song in await songs_of(services, server.alice)] == ["tune"]
    assert server.channel.last_message is not None
    assert server.channel.last_message.id == message.id


async def test_without_permission_to_react_songs_are_remembered_all_the_same(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    server.env.inject_error("PUT", "/channels/*/reactions/*", status=403, code=50013)
    await server.alice.send(server.channel, attachments=[SONG])
    assert len(await songs_of(services, server.alice)) == 1


async def test_only_administrators_have_channels_watched(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    offer_to_everyone(server, "setup")
    for command in ("setup watch", "setup unwatch"):
        result = await server.yuki.slash(server.channel, command, channel=server.channel)
        assert "管理できる人だけ" in answer_of(result).content


async def test_watching_where_remembering_is_not_allowed_says_so(server: Server) -> None:
    admin = administrator(server)
    result = await admin.slash(server.channel, "setup watch", channel=server.channel)
    assert "/setup allow" in answer_of(result).content


async def test_watching_a_channel_the_bot_cannot_see_names_what_is_missing(
    server: Server, services: Services
) -> None:
    bot = UserHandle(server.env, server.env.backend.bot_user)
    closed = discord.PermissionOverwrite(view_channel=False)
    hidden = server.alice.guild.create_text_channel("hidden", overwrites={bot: closed})
    said = await watch(server, services, hidden)
    assert "View Channel" in said


async def tell_repeats(server: Server, services: Services, *, repeats: bool = True) -> str:
    """Have the channel watched and repeats told of; gives what the administrator reads."""
    await allow(server, services)
    admin = administrator(server)
    result = await admin.slash(
        server.channel, "setup watch", channel=server.channel, repeats=repeats
    )
    return answer_of(result).content


def replies(server: Server) -> list[discord.Message]:
    return [each for each in server.channel.history() if each.author.bot and each.reference]


async def test_a_song_posted_again_is_told_once_silently_with_the_first_post(
    server: Server, services: Services
) -> None:
    assert "posted before" in await tell_repeats(server, services)
    first = await server.yuki.send(server.channel, attachments=[SONG])
    assert replies(server) == []
    again = await server.alice.send(server.channel, attachments=[("renamed.wav", SONG[1])])
    await server.alice.send(server.channel, attachments=[SONG])
    (reply,) = replies(server)
    assert reply.reference is not None
    assert reply.reference.message_id == again.id
    told = reply.embeds[0].description or ""
    assert "Posted before" in told
    assert f"/{server.channel.id}/{first.id}" in told
    assert f"<@{server.yuki.id}>" in told
    assert reply.flags.silent
    assert not reply.mentions


async def test_repeats_are_told_only_where_an_administrator_wanted_it(
    server: Server, services: Services
) -> None:
    await watch(server, services)
    for member in (server.yuki, server.alice):
        await member.send(server.channel, attachments=[SONG])
    assert replies(server) == []
    await tell_repeats(server, services)
    assert "won't say" in await tell_repeats(server, services, repeats=False)
    await server.alice.send(server.channel, attachments=[SONG])
    assert replies(server) == []


async def test_a_first_post_that_some_readers_cannot_open_is_not_named(
    server: Server, services: Services
) -> None:
    guild = server.alice.guild
    hidden = guild.create_text_channel(
        "hidden",
        overwrites={guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    await services.channels.watch(guild.id, hidden.id, 3)
    await tell_repeats(server, services)
    await administrator(server, administrator=True).send(hidden, attachments=[SONG])
    await server.alice.send(server.channel, attachments=[SONG])
    assert replies(server) == []


async def test_a_first_post_that_is_gone_is_forgotten_and_not_named(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.songbook.sync.LOOK_SECONDS", 60.0)
    await tell_repeats(server, services)
    first = await server.yuki.send(server.channel, attachments=[SONG])
    del server.env.backend.messages[server.channel.id][first.id]  # while nobody listened
    await server.alice.send(server.channel, attachments=[SONG])
    assert replies(server) == []
    assert await songs_of(services, server.yuki) == ()


@without_intent
async def test_without_the_intent_the_command_says_what_to_switch_on(
    server: Server, services: Services
) -> None:
    said = await watch(server, services)
    assert "Message Content Intent" in said
    assert "USAMIMI_MESSAGE_CONTENT=true" in said


@without_intent
async def test_without_the_intent_genre_and_the_menu_still_remember(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=SONG)
    message = await server.alice.send(server.channel, attachments=[("two.wav", wav(4, seed=1))])
    await server.yuki.context_menu(server.channel, "Remember this song", message)
    assert len(await songs_of(services, server.alice)) == 2
