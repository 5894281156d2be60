"""One Discord and one bot for all scenarios that leave the bot running."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.helpers.songs import music
from tests.wire.bot_process import Bot, running_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Channel, Member, Server
from tests.wire.loopback import SECRET, Discord, loopback_discord

SONG = File(f"tune {SECRET}.wav", music(4.0))


@dataclass(frozen=True, slots=True)
class Stage:
    """A fresh server on the shared Discord, with three members."""

    discord: Discord
    bot: Bot
    server: Server
    channel: Channel
    alice: Member  # reads English
    yuki: Member  # reads Japanese
    admin: Member


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_discord() -> AsyncIterator[Discord]:
    async with loopback_discord() as discord:
        await discord.open_server("first")
        yield discord


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_bot(
    shared_discord: Discord, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Bot]:
    folder = tmp_path_factory.mktemp("wire")
    settings = {
        "USAMIMI_LOG_LEVEL": "DEBUG",
        "USAMIMI_METRICS": "true",
        "USAMIMI_FETCH_SECONDS": "5",
    }
    async with running_bot(shared_discord, folder, **settings) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def stage(shared_discord: Discord, shared_bot: Bot) -> AsyncIterator[Stage]:
    server = await shared_discord.open_server()
    yield Stage(
        shared_discord,
        shared_bot,
        server,
        server.channels[0],
        server.member("alice"),
        server.member("yuki", "ja"),
        server.member("admin", permissions=EVERYONE | ADMINISTRATOR),
    )
    shared_discord.trouble.clear()
    shared_discord.servers.remove(server)


@pytest.fixture(autouse=True)
def requests_keep_to_the_description(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test whose requests Discord would refuse."""
    yield
    if "shared_discord" in request.fixturenames:
        discord: Discord = request.getfixturevalue("shared_discord")
        problems, discord.violations[:] = list(discord.violations), []
        assert problems == []
