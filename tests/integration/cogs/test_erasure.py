"""What went while the bot was stopped goes when it starts."""

from dataclasses import replace

import pytest
from simcord.backend.serializers import guild_create_payload
from simcord.builders import ChannelHandle

from bot.app import make_bot
from bot.services import Services
from cogs.erasure import DiscordGuilds
from storage.song_values import Outcome
from tests.helpers.discord import Server
from tests.integration.cogs.songbook.playing import songs_of
from tests.unit.storage import POST, heard

ELSEWHERE = 4711  # a server that the bot is not in


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.songbook.sync.PAUSE_SECONDS", 0.0)


async def remember(server: Server, services: Services, channel_id: int, **changes: int) -> None:
    """Remember a song of alice's in a channel, once the look around at the start is over."""
    await server.env.settle()
    where = replace(
        POST,
        guild_id=server.alice.guild.id,
        channel_id=channel_id,
        message_id=channel_id + 1,
        poster_id=server.alice.id,
    )
    song = replace(where, **changes)  # type: ignore[arg-type]  # tests name real fields
    kept = await services.songbook.remember(song, heard(1))
    assert kept.outcome is Outcome.REMEMBERED


def lose(server: Server, channel: ChannelHandle) -> None:
    """Delete a channel while nobody listens."""
    backend = server.env.backend
    guild = backend.get_guild(server.alice.guild.id)
    del backend.channels[channel.id]
    for ids in (guild.channel_ids, guild.thread_ids):
        if channel.id in ids:
            ids.remove(channel.id)


async def start(server: Server, services: Services) -> None:
    await server.env.restart_bot(make_bot(services))
    await server.env.settle()


async def channels_left(server: Server, services: Services) -> list[int]:
    return sorted(song.post.channel_id for song in await songs_of(services, server.alice))


async def test_a_channel_deleted_meanwhile_is_forgotten_and_others_stay(
    server: Server, services: Services
) -> None:
    other = server.alice.guild.create_text_channel("other")
    for channel in (server.channel, other):
        await remember(server, services, channel.id)
    lose(server, other)
    await start(server, services)
    assert await channels_left(server, services) == [server.channel.id]


async def test_a_server_left_meanwhile_is_forgotten_altogether(
    server: Server, services: Services
) -> None:
    await services.channels.allow_remembering(ELSEWHERE, allowed=True)
    await remember(server, services, 1, guild_id=ELSEWHERE)
    await remember(server, services, server.channel.id)
    await start(server, services)
    assert await services.songs.by_poster(ELSEWHERE, server.alice.id) == ()
    assert not await services.ingest.allowed(ELSEWHERE)
    assert await channels_left(server, services) == [server.channel.id]


@pytest.mark.parametrize("asleep", [True, False], ids=["asleep", "deleted"])
async def test_a_thread_that_only_sleeps_is_found_by_asking(
    server: Server, services: Services, *, asleep: bool
) -> None:
    thread = server.env.backend.create_thread(server.channel.id, "aside", server.alice.id)
    await remember(server, services, thread.id, parent_id=server.channel.id)
    assert thread.thread_metadata is not None
    thread.thread_metadata.archived = True
    if not asleep:
        del server.env.backend.channels[thread.id]
        server.env.backend.get_guild(server.alice.guild.id).thread_ids.remove(thread.id)
    await start(server, services)
    assert await channels_left(server, services) == ([thread.id] if asleep else [])


async def test_a_server_that_is_down_keeps_everything_until_it_is_back(
    server: Server, services: Services
) -> None:
    await remember(server, services, 1)  # in a channel that is no more
    down = {"id": str(server.alice.guild.id), "unavailable": True}
    server.env.backend.emit("GUILD_DELETE", down)
    await server.env.settle()
    around = DiscordGuilds(server.bot)
    assert not around.left(server.alice.guild.id)
    assert not await around.is_gone(server.alice.guild.id, 1)
    server.env.backend.emit("GUILD_CREATE", payload(server))
    await server.env.settle()
    assert await channels_left(server, services) == []


def payload(server: Server) -> dict[str, object]:
    backend = server.env.backend
    return dict(guild_create_payload(backend, backend.get_guild(server.alice.guild.id)))


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 0), (400, 0)])
async def test_what_discord_does_not_call_unknown_stays(
    server: Server, services: Services, status: int, code: int
) -> None:
    await remember(server, services, 1)
    server.env.inject_error("GET", "/channels/1", status=status, code=code)
    await start(server, services)
    assert await channels_left(server, services) == [1]
