"""What is wrong with the machine is named at the start, and what can be served is."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.wire.bot_process import running_bot, starting_bot
from tests.wire.conftest import SONG
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE
from tests.wire.loopback import TOKEN, loopback_discord
from tests.wire.member_request import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def refusal(folder: Path, **settings: str) -> str:
    """Start the bot where it cannot; gives what it said."""
    async with loopback_discord() as discord:
        discord.gateway.grants_content = settings.pop("grants_content", "yes") == "yes"
        async with starting_bot(discord, folder, **settings) as bot:
            assert await bot.ended() == 2
    assert "Traceback" not in bot.log
    assert TOKEN not in bot.log
    return bot.log


@pytest.mark.parametrize("model", ["music", "portrait"])
async def test_a_damaged_model_file_is_named(tmp_path: Path, model: str) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"not a model")
    said = await refusal(tmp_path, **{f"USAMIMI_{model.upper()}_MODEL": str(bad)})
    assert f"the {model} model cannot be used" in said


async def test_a_refused_token_is_named_but_not_shown(tmp_path: Path) -> None:
    said = await refusal(tmp_path, DISCORD_TOKEN="another.token.altogether")
    assert "Discord refused DISCORD_TOKEN" in said
    assert "altogether" not in said


async def test_a_refused_intent_is_named(tmp_path: Path) -> None:
    assert "refused an intent" in await refusal(tmp_path, grants_content="no")


async def test_a_discord_that_nobody_answers_for_is_named_and_waited_for(tmp_path: Path) -> None:
    nowhere = {"DISCORD_API_BASE": "http://127.0.0.1:9/api/v10"}
    async with loopback_discord() as discord, starting_bot(discord, tmp_path, **nowhere) as bot:
        await until(lambda: bot.log.count("discord_unreachable") >= 2, 100, "the second try")
        assert "Unclosed" not in bot.log
        assert await bot.stop() == 0


@pytest.mark.parametrize(
    "what", ["GET .*/users/@me", "GET .*/oauth2/applications/@me", "PUT .*/commands"]
)
async def test_an_api_that_is_down_at_the_start_is_waited_for(tmp_path: Path, what: str) -> None:
    async with loopback_discord() as discord:
        await discord.open_server()
        down = discord.trouble.status(what, 503, times=2)
        async with starting_bot(discord, tmp_path) as bot:
            await asyncio.wait_for(bot.ready(), 100)
            assert await bot.stop() == 0
    assert down.met == 2
    assert bot.log.count("discord_unreachable") == 2
    assert "Unclosed" not in bot.log


async def test_a_gateway_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        await discord.open_server()
        discord.gateway.open = False
        async with starting_bot(discord, tmp_path) as bot:
            await until(lambda: "Failed to connect for shard_id" in bot.log, 100, "the first try")
            await asyncio.sleep(3)
            discord.gateway.open = True
            await asyncio.wait_for(bot.ready(), 60)
            assert await bot.stop() == 0


async def test_a_database_that_another_program_holds_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "usamimi.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "held by another program" in await refusal(tmp_path)


async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "usamimi.db").write_bytes(b"not a database" * 1_000)
    assert "usamimi.db" in await refusal(tmp_path)


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """Mount a small disk of memory; only root may."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_read_only_data_folder_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=1m,ro") as disk:
        said = await refusal(tmp_path, USAMIMI_DATA_DIR=str(disk / "data"))
    assert "data folder" in said
    assert "cannot be written" in said or "Read-only" in said


async def test_with_a_full_disk_songs_are_still_heard(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=4m") as disk:
        async with (
            loopback_discord() as discord,
            running_bot(discord, tmp_path, USAMIMI_DATA_DIR=str(disk)) as bot,
        ):
            server = await discord.open_server()
            channel, alice = (
                server.channels[0],
                server.member("alice", permissions=EVERYONE | ADMINISTRATOR),
            )
            allow = await discord.slash(alice, channel, "setup allow", allowed=True)
            await allow.answer()
            fill(disk / "filler")
            asked = await discord.slash(alice, channel, "genre", file=SONG)
            error_message = await asked.answer(count=2)
            assert asked.visible[0].embeds
            assert "disk is full" in error_message.content
            assert not (await bot.health())[0]
            (disk / "filler").unlink()
            again = await discord.slash(alice, channel, "genre", file=SONG)
            assert "Added to" in str((await again.answer()).embeds)
            assert (await bot.health())[0]


def fill(path: Path) -> None:
    """Write until the disk is full, to the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
