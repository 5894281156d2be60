"""Every command of docs/scaling.md does what the guide says, in the guide's order."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage.files import DataFolder
from storage.postgres import PostgresDatabase
from tests.helpers.databases import postgres
from tests.helpers.postgres import PostgresServer
from tests.unit.storage.test_moving import data
from tests.wire.bot_process import ROOT

__all__ = ["data", "postgres"]  # fixtures

GUIDE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh \w+\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
]


def run(command: str, folder: Path, **settings: str) -> None:
    """Run one line as a host would."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "USAMIMI_HEALTH_PORT": "0",
        "USAMIMI_PAGE_PORT": "0",
        **settings,
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="PostgreSQL is not installed")
async def test_every_command_of_the_guide_works(
    data: DataFolder, postgres: PostgresServer, tmp_path: Path
) -> None:
    url, restored = await postgres.empty_database(), await postgres.empty_database()
    settings = {
        "USAMIMI_DATA_DIR": str(data.path),
        "USAMIMI_DATABASE_URL": url,
        "RESTORED_URL": restored,
    }
    for command in COMMANDS:
        await asyncio.to_thread(run, command, tmp_path, **settings)
    async with (
        PostgresDatabase.open(url) as there,
        PostgresDatabase.open(restored) as again,
    ):
        for database in (there, again):
            assert await database.files(data.art).read("face.png") == b"a face"
        assert await all_rows(there) == await all_rows(again) > 0


async def all_rows(database: PostgresDatabase) -> int:
    counts = [
        await database.row(f"SELECT count(*) AS rows FROM {table}")
        for table in await database.tables()
    ]
    return sum(row["rows"] for row in counts if row is not None)


def test_the_guide_shows_no_command_that_is_not_run() -> None:
    assert GUIDE.count("```sh") == len(re.findall(r"```sh \w+\n", GUIDE))
    assert len(COMMANDS) == 5
