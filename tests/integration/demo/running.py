"""`python -m bot` without a token, in a process of its own, as `make run` starts it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class RunningPage:
    """A bot that has printed its address."""

    process: subprocess.Popen[str]
    printed: str
    address: str


@contextmanager
def running_page(folder: Path, **variables: str) -> Iterator[RunningPage]:
    """Start the bot in an empty folder and wait for its address; it is killed if it still runs."""
    with (
        (folder / "log.txt").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "bot"],
            cwd=folder,  # where no `.env` lies
            env=_environment(variables),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        try:
            printed = _until_address_and_hints(process)
            address = re.search(r"http://\S+", printed)
            assert address is not None, (folder / "log.txt").read_text()
            yield RunningPage(process, printed, address[0])
        finally:
            process.kill()


def _environment(variables: dict[str, str]) -> dict[str, str]:
    ours = ("DISCORD_", "USAMIMI_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ports = {"USAMIMI_PAGE_PORT": "0", "USAMIMI_HEALTH_PORT": "0"}
    paths = (str(ROOT), inherited.get("PYTHONPATH", ""))
    path = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONIOENCODING": "utf-8"}
    return {**inherited, **ports, **path, **variables}


def _until_address_and_hints(process: subprocess.Popen[str]) -> str:
    """Read an empty line, the address, a hint in each language, an empty line; or all there is."""
    assert process.stdout is not None
    return "".join(process.stdout.readline() for _ in range(5))
