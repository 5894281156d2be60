"""A process on Discord that has workers listen and draw: it loads no torch and is never silent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.helpers.songs import music
from tests.wire.bot_process import ROOT, free_port, running_bot
from tests.wire.cdn import File
from tests.wire.loopback import loopback_discord
from tests.wire.member_request import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="session")]

SECRET = "known to both sides"
SONG = File("tune.wav", music(8))
MODELS = ("torch", "ray")  # whose libraries a process with workers never maps


@asynccontextmanager
async def worker_process(port: int, folder: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`python -m bot workers --plain`, ready; killed with the block."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "USAMIMI_TORCH_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "USAMIMI_WORKERS_SECRET": SECRET,
        "USAMIMI_WORKERS_PORT": str(port),
    }
    process, log = _started(folder, environment)
    try:
        await until(lambda: b"worker_ready" in log.read_bytes(), 240, "a worker")
        yield process
    finally:
        process.kill()
        process.wait()


def _started(folder: Path, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], Path]:
    log = folder / f"worker-{len(list(folder.glob('worker-*')))}.log"
    command = [sys.executable, "-m", "bot", "workers", "--plain"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
    return process, log


async def test_members_are_answered_while_workers_come_die_and_return(tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "USAMIMI_WORKERS_URL": f"http://127.0.0.1:{port}",
        "USAMIMI_WORKERS_SECRET": SECRET,
    }
    async with loopback_discord() as discord:
        server = await discord.open_server()
        member = server.member("alice")

        async def genre() -> str:
            asked = await discord.slash(member, server.channels[0], "genre", file=SONG)
            return str(await asked.answer())

        async with (
            worker_process(port, tmp_path) as worker,
            running_bot(discord, tmp_path, **settings) as bot,
        ):
            assert "%" in await genre()
            portrait = await discord.slash(member, server.channels[0], "avatar", seed="reisen")
            assert "reisen" in str(await portrait.answer())
            assert loaded(bot.process.pid, MODELS) == []
            worker.kill()
            worker.wait()
            assert "try again in a minute" in await genre()
            assert bot.process.poll() is None
            async with worker_process(port, tmp_path):
                assert "%" in await genre()
            assert await bot.stop() == 0


def loaded(pid: int, names: tuple[str, ...]) -> list[str]:
    """Return those packages of which a process has a library in memory."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return [name for name in names if f"/{name}/" in maps]
