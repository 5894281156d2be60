"""Every command of docs/operating.md does what the guide says, in the guide's order."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.bot_process import ROOT, Bot, running_bot
from tests.wire.loopback import loopback_discord

GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
COMMANDS = [
    (state, line)
    for state, block in re.findall(r"```sh (\w+)\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
]


def run(command: str, folder: Path, bot: Bot) -> None:
    """Run one line as a host would, in a checkout of their own."""
    if shutil.which(command.split()[0]) is None:
        pytest.skip(f"{command.split()[0]} is not installed here")
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "USAMIMI_DATA_DIR": str(bot.folder),
        "USAMIMI_HEALTH_PORT": str(bot.health_port),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder / "checkout",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.asyncio(loop_scope="session")
async def test_every_command_of_the_guide_works(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    clone = ["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", str(checkout)]
    await asyncio.to_thread(subprocess.run, clone, check=True)
    async with loopback_discord() as discord:
        await discord.open_server()
        async with running_bot(discord, tmp_path, USAMIMI_METRICS="true") as bot:
            for state, command in COMMANDS:
                if state == "running":
                    await asyncio.to_thread(run, command, tmp_path, bot)
            assert await bot.stop() == 0
    for state, command in COMMANDS:
        if state == "stopped":
            await asyncio.to_thread(run, command, tmp_path, bot)


def test_the_guide_shows_no_command_that_is_not_run() -> None:
    states = {"running", "stopped", "container_running", "container_stopped"}
    assert GUIDE.count("```sh") == len(re.findall(rf"```sh (?:{'|'.join(states)})\n", GUIDE))
    assert {state for state, _ in COMMANDS} == states


def test_the_guide_names_settings_that_there_are() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:USAMIMI|DISCORD)_[A-Z_]+)", GUIDE))
    assert named - set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == set()
