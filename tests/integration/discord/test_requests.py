"""Stopping finishes what it can, and apologises for the rest."""

import asyncio
from types import SimpleNamespace
from typing import cast

import discord
import pytest

from bot.discord.requests import Request
from bot.listening.admission import FairQueue
from bot.listening.service import ListeningService
from ml.music.hearing import Hearing
from tests.helpers.discord import Server
from tests.helpers.songs import wav

SONG = ("tune.wav", wav(4))


async def test_a_song_under_way_is_answered_before_the_bot_stops(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = ListeningService.hear

    async def stop_while_hearing(
        self: ListeningService, data: bytes, *_: object, **__: object
    ) -> Hearing:
        asyncio.get_running_loop().call_soon(stopping.append, start_stopping())
        return await hear(self, data)

    def start_stopping() -> asyncio.Task[None]:
        return asyncio.create_task(server.bot.gate.close(within_seconds=30))

    stopping: list[asyncio.Task[None]] = []
    monkeypatch.setattr(ListeningService, "hear", stop_while_hearing)
    result = await server.alice.slash(server.channel, "genre", file=SONG)
    await stopping[0]
    assert result.response is not None
    assert result.response.embeds


async def test_a_song_that_takes_too_long_gets_an_apology_when_the_bot_stops(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: ListeningService, data: bytes, *_: object, **__: object) -> Hearing:
        stopping.append(asyncio.create_task(server.bot.gate.close(within_seconds=0)))
        await server.env.external_wait(asyncio.Event().wait(), reason="a song without end")
        raise AssertionError

    stopping: list[asyncio.Task[None]] = []
    monkeypatch.setattr(ListeningService, "hear", never)
    result = await server.yuki.slash(server.channel, "genre", file=SONG)
    await stopping[0]
    assert "再起動" in result.followups[0].content
    assert result.followups[0].ephemeral


async def test_a_flood_of_pictures_leaves_turns_to_other_servers() -> None:
    drawing, done = FairQueue(1), list[str]()

    async def draw(server_id: int, name: str) -> None:
        interaction = SimpleNamespace(
            guild_id=server_id,
            locale=discord.Locale.japanese,
            command=None,
            type=discord.InteractionType.component,
        )
        request = Request(cast(discord.Interaction, interaction), drawing=drawing)
        await request.draw(done.append, name)

    async with drawing.turn(1):
        flood = [asyncio.create_task(draw(1, f"flood {number}")) for number in range(5)]
        await asyncio.sleep(0)
        quiet = asyncio.create_task(draw(2, "quiet"))
        await asyncio.sleep(0)
    await asyncio.gather(*flood, quiet)
    assert done[0] == "quiet"
