"""The container's part of docs/operating.md, followed word by word with a stand-in for Docker."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wire.bot_process import ROOT, free_port
from tests.wire.loopback import loopback_discord
from tests.wire.test_guide import COMMANDS

STAND_IN = f"""#!/bin/sh
exec {sys.executable} {Path(__file__).with_name("fake_docker.py")} "$@"
"""
CONTAINER = [command for state, command in COMMANDS if state.startswith("container_")]


def lay_out(folder: Path, discord_settings: dict[str, str]) -> dict[str, str]:
    """Make a checkout with a `.env` as hosts make it; return the variables to follow it with."""
    clone = ["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", str(folder / "checkout")]
    subprocess.run(clone, check=True)
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    own = {
        **discord_settings,
        "USAMIMI_HEALTH_PORT": str(free_port()),
        "USAMIMI_TORCH_THREADS": "1",
    }
    lines = [line for line in example.splitlines() if line.partition("=")[0] not in own]
    env = "\n".join([*lines, *(f"{name}={value}" for name, value in own.items())])
    (folder / "checkout" / ".env").write_text(env + "\n", encoding="utf-8")
    for name in ("compose.yaml", "Dockerfile"):  # as they are now, committed or not
        (folder / "checkout" / name).write_text((ROOT / name).read_text(encoding="utf-8"))
    (folder / "bin").mkdir()
    (folder / "bin" / "docker").write_text(STAND_IN)
    (folder / "bin" / "docker").chmod(0o755)
    (folder / "volume").mkdir()
    return {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "FAKE_VOLUME": str(folder / "volume"),
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.asyncio(loop_scope="session")
async def test_the_containers_guide_works_in_its_order(tmp_path: Path) -> None:
    async with loopback_discord() as discord:
        await discord.open_server()
        environment = lay_out(tmp_path, discord.environment)
        for command in [*CONTAINER, "docker compose stop"]:
            done = await asyncio.to_thread(
                subprocess.run,
                ["bash", "-c", command],
                cwd=tmp_path / "checkout",
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "volume" / "usamimi.db").is_file()  # not in `data`, as .env.example says
    assert not (tmp_path / "volume" / "data").exists()
    with zipfile.ZipFile(tmp_path / "checkout" / "copy.zip") as copy:
        assert "usamimi.db" in copy.namelist()
    assert not (tmp_path / "volume" / "copy.zip").exists()
    log = (tmp_path / "container.log").read_text(encoding="utf-8")
    assert log.lstrip().startswith("{")  # JSON, whatever `.env` says


def test_the_guide_shows_the_containers_commands() -> None:
    assert any("restore" in command for command in CONTAINER)
    assert any("backup /data/" in command for command in CONTAINER)
