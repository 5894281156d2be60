"""Songs go with what they were posted in."""

from collections.abc import Sequence

import discord
import pytest

from bot.services import Services
from storage.song_values import Song
from tests.helpers.discord import Server
from tests.helpers.songs import wav
from tests.integration.cogs.songbook.playing import SONG, allow, songs_of

MENU = "Remember this song"
FILES = [SONG, ("two.wav", wav(4, seed=1))]


async def remembered(server: Server, services: Services, count: int = 1) -> discord.Message:
    """Post songs and have them remembered."""
    await allow(server, services)
    message = await server.alice.send(server.channel, attachments=FILES[:count])
    await server.yuki.context_menu(server.channel, MENU, message)
    assert len(await songs_of(services, server.alice)) >= count
    return message


async def left(services: Services, server: Server) -> Sequence[Song]:
    return await songs_of(services, server.alice)


async def test_a_deleted_message_takes_its_songs_along(server: Server, services: Services) -> None:
    message = await remembered(server, services, count=2)
    await server.alice.delete(message)
    assert await left(services, server) == ()


async def test_a_deleted_answer_takes_the_song_of_its_genre_along(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    result = await server.alice.slash(server.channel, "genre", file=SONG)
    assert result.response is not None
    server.env.backend.delete_message(server.channel.id, result.response.id)
    await server.env.settle()
    assert await left(services, server) == ()


async def test_messages_deleted_in_bulk_take_their_songs_along(
    server: Server, services: Services
) -> None:
    messages = [await remembered(server, services) for _ in range(3)]
    server.env.backend.bulk_delete_messages(server.channel.id, [m.id for m in messages[:2]])
    await server.env.settle()
    (song,) = await left(services, server)
    assert song.post.message_id == messages[2].id


async def test_a_file_edited_away_is_forgotten_and_the_other_stays(
    server: Server, services: Services
) -> None:
    message = await remembered(server, services, count=2)
    stored = server.env.backend.get_message(server.channel.id, message.id)
    changes = {"attachments": stored.attachments[1:]}
    server.env.backend.edit_message(server.channel.id, message.id, changes)
    await server.env.settle()
    (song,) = await left(services, server)
    assert song.post.title == "two"


@pytest.mark.parametrize("message_content", [False, True])
async def test_an_edit_of_the_words_forgets_nothing(server: Server, services: Services) -> None:
    message = await remembered(server, services)
    await server.alice.edit(message, "with words now")
    assert len(await left(services, server)) == 1


async def test_the_bots_own_edits_forget_nothing(server: Server, services: Services) -> None:
    await allow(server, services)
    result = await server.alice.slash(server.channel, "genre", file=SONG)
    assert result.response is not None
    changes = {"content": "edited"}
    server.env.backend.edit_message(server.channel.id, result.response.id, changes)
    await server.env.settle()
    assert len(await left(services, server)) == 1


async def test_a_deleted_channel_takes_its_songs_along(server: Server, services: Services) -> None:
    await remembered(server, services)
    server.env.backend.delete_channel(server.channel.id)
    await server.env.settle()
    assert await left(services, server) == ()


async def test_a_deleted_thread_takes_its_songs_along_and_leaves_its_channels(
    server: Server, services: Services
) -> None:
    await remembered(server, services)
    thread = server.env.backend.create_thread(server.channel.id, "aside", server.alice.id)
    (aside,) = server.channel.threads
    await server.env.settle()
    message = await server.alice.send(aside, attachments=FILES[1:])
    await server.alice.context_menu(aside, MENU, message)
    assert len(await left(services, server)) == 2
    server.env.backend.delete_channel(thread.id)
    await server.env.settle()
    (song,) = await left(services, server)
    assert song.post.channel_id == server.channel.id


async def test_a_server_that_sends_the_bot_away_is_forgotten_altogether(
    server: Server, services: Services
) -> None:
    await remembered(server, services)
    server.env.backend.remove_guild(server.alice.guild.id)
    await server.env.settle()
    assert await left(services, server) == ()
    assert not await services.ingest.allowed(server.alice.guild.id)


async def test_a_server_that_is_only_down_is_not_forgotten(
    server: Server, services: Services
) -> None:
    await remembered(server, services)
    guild_id = str(server.alice.guild.id)
    server.env.backend.emit("GUILD_DELETE", {"id": guild_id, "unavailable": True})
    await server.env.settle()
    assert len(await left(services, server)) == 1
