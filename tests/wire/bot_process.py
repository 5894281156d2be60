"""Run the bot as a process of its own, as a host starts it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from bot.health import ask_health
from tests.wire.loopback import HERE, SECRET, TOKEN, Discord
from tests.wire.member_request import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 240.0  # usually 6; torch loads slowly on a cold disk and a busy machine
STOP_SECONDS = 60.0
NO_LIMITS = {"USAMIMI_MEMBER_REQUESTS": "0", "USAMIMI_SERVER_REQUESTS": "0"}


@dataclass(frozen=True, slots=True)
class Bot:
    """A running bot.

    Attributes:
        folder: where it keeps its data.
        log_path: what it wrote to standard error and output.
    """

    process: subprocess.Popen[bytes]
    folder: Path
    log_path: Path
    health_port: int

    @property
    def log(self) -> str:
        """Everything it logged so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    async def health(self) -> tuple[bool, str]:
        """Ask it how it is."""
        return await asyncio.to_thread(ask_health, HERE, self.health_port)

    async def figures(self) -> dict[str, float]:
        """Ask it for what it tells Prometheus, by name and labels."""

        def fetch() -> str:
            with urlopen(f"http://{HERE}:{self.health_port}/metrics") as response:
                return str(response.read().decode())

        families = text_string_to_metric_families(await asyncio.to_thread(fetch))
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in families
            for sample in family.samples
        }

    async def ready(self) -> None:
        """Wait until it serves; fails with its log when it ends instead."""
        while not (await self.health())[0]:
            assert self.process.poll() is None, f"it ended:\n{self.log}"
            await asyncio.sleep(0.1)

    async def stop(self) -> int:
        """Send SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """Send SIGKILL, as a power cut would."""
        self.process.kill()
        await self.ended()

    async def ended(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for its end; gives the exit status."""
        await until(lambda: self.process.poll() is not None, seconds, "the bot's end")
        return self.process.wait()


def free_port() -> int:
    """Find a port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def starting_bot(
    discord: Discord, folder: Path, command: str = "run", **settings: str
) -> AsyncIterator[Bot]:
    """Start the bot without waiting for it; it does not outlive the block.

    Args:
        discord: where it connects.
        folder: for its data and its log.
        command: `run`, or `teach`.
        settings: environment variables.
    """
    bot = _start(discord, folder, command, settings)
    try:
        yield bot
    finally:
        if bot.process.poll() is None:
            await bot.kill()


def _start(discord: Discord, folder: Path, name: str, settings: dict[str, str]) -> Bot:
    folder.mkdir(parents=True, exist_ok=True)
    port, log_path = free_port(), folder / "bot.log"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "USAMIMI_DATA_DIR": str(folder / "data"),
        "USAMIMI_HEALTH_PORT": str(port),
        "USAMIMI_MESSAGE_CONTENT": "true",
        "USAMIMI_TORCH_THREADS": "1",  # several wait for each other on a machine that is busy
        "OMP_NUM_THREADS": "1",
        **discord.environment,
        **settings,
    }
    command = [*_with_us(), sys.executable, "-m", "bot", name]
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    return Bot(process, folder / "data", log_path, port)


def _with_us() -> list[str]:
    """Have the bot end when we are killed, where this machine can."""
    found = shutil.which("setpriv")  # it becomes the bot: the process stays the same
    return [found, "--pdeathsig", "KILL", "--"] if found else []


@asynccontextmanager
async def running_bot(discord: Discord, folder: Path, **settings: str) -> AsyncIterator[Bot]:
    """Run the bot for the block, ready when it begins; its log must hold nothing it must not."""
    async with starting_bot(discord, folder, **settings) as bot:
        await asyncio.wait_for(bot.ready(), START_SECONDS)
        yield bot
        require_discretion(bot, discord)


def require_discretion(bot: Bot, discord: Discord) -> None:
    """Look through everything the bot logged for what belongs in no log."""
    log = bot.log
    secrets = [TOKEN, SECRET, *(asked.token for asked in discord.rest.asked.values())]
    found = [line for line in log.splitlines() if any(secret in line for secret in secrets)]
    assert found == []
    assert len(log.splitlines()) > 3
