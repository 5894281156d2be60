"""What the tests of the songbook's commands share."""

import asyncio
from collections.abc import Sequence

import discord
import pytest
from simcord.actors import MemberActor

from bot.app import make_bot
from bot.listening.service import ListeningService
from bot.services import Services
from ml.music.hearing import Hearing
from storage.song_values import Song
from tests.helpers.discord import Server
from tests.helpers.songs import wav

SONG = ("tune.wav", wav(4))


async def allow(server: Server, services: Services) -> None:
    """Let the bot remember songs."""
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)


async def songs_of(services: Services, member: MemberActor) -> Sequence[Song]:
    """What is remembered of a member."""
    return await services.songs.by_poster(member.guild.id, member.id)


async def say(server: Server, member: MemberActor) -> None:
    """Have a member send a voice message, which simcord's own members cannot."""
    backend, channel = server.env.backend, server.channel.id
    files = backend.store_attachments(channel, [("voice-message.ogg", wav(4))])
    voice = discord.MessageFlags(voice=True).value
    backend.create_message(channel, member.id, attachments=files, flags=voice)
    await server.env.settle()


async def restart(server: Server, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the bot anew; songs wait until it has started, for which simcord gives 5 seconds."""
    gate = Gate(server, monkeypatch, after=0)
    await server.env.restart_bot(make_bot(services))
    gate.open.set()
    await server.env.settle()


class Gate:
    """Keeps songs waiting, so that a test can do something in the middle of an import."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        self.open = asyncio.Event()
        heard, env, hear = 0, server.env, ListeningService.hear

        async def wait_and_hear(
            listening: ListeningService,
            data: bytes,
            guild_id: int | None = None,
            *,
            background: bool = False,
        ) -> Hearing:
            nonlocal heard
            if not background:
                return await hear(listening, data, guild_id)
            heard += 1
            if heard > after:
                await env.external_wait(self.open.wait(), reason="the test's gate")
            return await hear(listening, data, guild_id, background=True)

        monkeypatch.setattr(ListeningService, "hear", wait_and_hear)
