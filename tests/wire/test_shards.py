"""Several shards, in one process and in two: each server is served once, none is lost."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.bot_process import ROOT, running_bot, starting_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import Server
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest, until
from tests.wire.test_deleted_while_stopped import fill, kept

pytestmark = [pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="session")]

EMPTY = File("empty.wav", b"")  # answered without any work


async def ask(discord: Discord, server: Server) -> MemberRequest:
    member = server.member("alice")
    return await discord.slash(member, server.channels[0], "genre", file=EMPTY)


@pytest.mark.slow
async def test_one_process_serves_every_shard_that_discord_recommends(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        discord.gateway.shards, discord.gateway.max_concurrency = 2, 2
        servers = [await discord.open_server(f"{n}", shard=(n, 2)) for n in range(2)]
        async with running_bot(discord, tmp_path, USAMIMI_METRICS="true") as bot:
            asked = [await ask(discord, server) for server in servers]
            await asyncio.gather(*(each.answer() for each in asked))
            assert [len(each.visible) for each in asked] == [1, 1]
            assert {"shard 0", "shard 1"} < set(json.loads((await bot.health())[1]))
            figures = await bot.figures()
            assert [figures[f"usamimi_shard_servers {n}"] for n in range(2)] == [1, 1]
            await require_forgotten_with_the_session(discord, servers[1], tmp_path)
            assert await bot.stop() == 0


async def require_forgotten_with_the_session(
    discord: Discord, server: Server, folder: Path
) -> None:
    """Lose a server together with the session: no event tells of it, but the next READY does."""
    await fill(discord, server, server.channels[0], folder)
    discord.servers.remove(server)
    await discord.gateway.invalidate(resumable=False)
    await until(lambda: server.id not in kept(folder, "guild_id"), 60, "the server to go")


@pytest.mark.slow
async def test_a_shard_with_too_many_servers_is_named_at_the_start(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        discord.gateway.most_servers = 1
        for number in range(2):
            await discord.open_server(f"{number}")
        async with starting_bot(discord, tmp_path, USAMIMI_SHARD_COUNT="1") as bot:
            assert await bot.ended() == 2
        assert "too many servers" in bot.log


@pytest.mark.slow
async def test_too_few_sessions_for_the_shards_are_named_and_none_is_begun(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        await discord.open_server()
        discord.gateway.remaining = 1
        async with starting_bot(discord, tmp_path, USAMIMI_SHARD_COUNT="2") as bot:
            assert await bot.ended() == 2
        assert "1 more sessions today" in bot.log
        assert discord.gateway.counts["identify"] == 0


@pytest.mark.slow
async def test_very_many_departed_servers_are_forgotten_only_by_command(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        here = await discord.open_server("here")
        left = [await discord.open_server(f"{number}") for number in range(3)]
        async with running_bot(discord, tmp_path) as bot:
            for server in (here, *left):
                await fill(discord, server, server.channels[0], tmp_path)
            assert await bot.stop() == 0
        for server in left:
            discord.servers.remove(server)
        async with running_bot(discord, tmp_path) as bot:
            await until(lambda: "guild_sync_refused" in bot.log, 60, "the refusal")
            assert await bot.stop() == 0
        assert len(kept(tmp_path, "guild_id")) == 4
        said = await asyncio.to_thread(forget_departed, discord, tmp_path)
        assert "erased: 3 of 4 servers" in said
        assert kept(tmp_path, "guild_id") == {here.id}


def forget_departed(discord: Discord, folder: Path) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "USAMIMI_DATA_DIR": str(folder / "data"),
        **discord.environment,
    }
    command = [sys.executable, "-m", "bot", "forget-departed", "--yes"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
