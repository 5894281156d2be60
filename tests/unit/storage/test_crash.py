"""A process killed in the middle of its writes: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.channels import Imports
from storage.database import SqliteDatabase
from storage.songs import Songs
from tests.unit.storage import SERVER

ROOT = Path(__file__).parents[3]
WRITER = """
import asyncio, sys
from pathlib import Path
from storage.database import SqliteDatabase
from storage.channels import ImportCounts
from storage.channels import Imports
from storage.songs import Songs
from tests.unit.storage import SERVER, heard, post

async def main() -> None:
    async with SqliteDatabase.open(Path(sys.argv[1])) as database:
        songs, imports = Songs(database), Imports(database)
        history = await imports.start(SERVER, 10, 3)
        for number in range((history.cursor_id or 0) + 1, 100_000):
            await songs.remember(post(number), heard(number))
            print("song", number, flush=True)
            await imports.advance(history.import_id, number, ImportCounts(messages=1))
            print("cursor", number, flush=True)

asyncio.run(main())
"""


def import_until_killed(path: Path, lines: int) -> dict[str, int]:
    """Run an import in a child, kill it after some lines, give the last confirmed numbers."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        confirmed = dict(confirmations(child.stdout.readline() for _ in range(lines)))
        os.kill(child.pid, signal.SIGKILL)
        confirmed |= dict(confirmations(child.stdout))  # what it still said before it died
    assert child.returncode == -signal.SIGKILL
    return confirmed


def confirmations(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    for line in lines:
        if line.endswith("\n"):
            what, number = line.split()
            yield what, int(number)


@pytest.mark.parametrize("lines", [1, 38, 75])
async def test_killed_in_the_middle_of_an_import_and_started_again(path: Path, lines: int) -> None:
    first = import_until_killed(path, lines)
    second = import_until_killed(path, lines)
    async with SqliteDatabase.open(path) as database:
        await database.check()
        songs = await Songs(database).latest(SERVER, [10], limit=100_000)
        (history,) = await Imports(database).running()
    numbers = sorted(song.post.message_id for song in songs)
    assert numbers == list(range(1, len(numbers) + 1))  # nothing missing, nothing twice
    assert len(numbers) >= second["song"] > first["song"] - 1
    assert (history.cursor_id or 0) >= second.get("cursor", 0)
    assert history.counts.messages == (history.cursor_id or 0)
