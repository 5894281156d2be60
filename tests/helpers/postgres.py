"""A real PostgreSQL of the tests' own: Debian's package, on loopback, gone with them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from storage.postgres import PostgresDatabase

HERE = "127.0.0.1"
PACKAGED = Path("/usr/lib/postgresql")
FAST = {  # what a power cut would lose is of no use after the tests
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "listen_addresses": HERE,
    "log_min_messages": "fatal",
}
STARTS = 60  # after a kill, a second apart
# What a test left: connections and their locks, rows in any order of references, numbers given.
EMPTY = """DO $$
DECLARE
    name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_version'
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$"""
_numbers = count(1)


@cache
def binaries() -> Path | None:
    """Find the folder of the newest packaged PostgreSQL that has a server."""
    versions = sorted(PACKAGED.glob("*/bin"), key=lambda each: int(each.parent.name))
    return next((each for each in reversed(versions) if (each / "initdb").exists()), None)


@dataclass(slots=True)
class PostgresServer:
    """A running server with one empty database.

    Attributes:
        spare: addresses of databases that are empty but for the newest schema.
    """

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    spare: list[str] = field(default_factory=list)

    def url(self, database: str = "postgres", **settings: str) -> str:
        """Name a database; `settings` are those of each connection."""
        more = "&".join(f"{name}={value}" for name, value in settings.items())
        return f"postgresql://postgres@{HERE}:{self.port}/{database}" + (f"?{more}" if more else "")

    async def empty_schema(self) -> str:
        """Make a schema of its own; gives the address of a database that sees it alone."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        await self.run(f"CREATE SCHEMA {name}")
        return self.url(search_path=name)

    async def empty_database(self, options: str = "") -> str:
        """Make a database of its own; gives its address."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        await self.run(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    @asynccontextmanager
    async def migrated_database(self) -> AsyncIterator[str]:
        """Lend a database that is empty but for the newest schema; gives its address.

        One is made and then emptied after each use, which takes a tenth of the time of another.
        """
        url = self.spare.pop() if self.spare else await self._newest_schema()
        try:
            yield url
        finally:
            await self.run(EMPTY, url)
            self.spare.append(url)

    async def _newest_schema(self) -> str:
        url = await self.empty_database()
        async with PostgresDatabase.open(url):
            return url

    async def run(self, statement: str, url: str | None = None) -> None:
        """Run one statement as the owner of everything, in the database at `url` or the first."""
        connection = await asyncpg.connect(url or self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        """Start it again after `kill`, on the main thread: it ends when that does."""
        for _ in range(STARTS):
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
            try:
                self.process = _start(self.folder, self.port)
                return
            except AssertionError as error:  # one of its processes is not quite dead
                if "pre-existing shared memory" not in str(error):
                    raise
                time.sleep(1.0)
        raise AssertionError("PostgreSQL does not start again")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server for the block; it does not outlive it.

    The test is skipped, and says so, where no PostgreSQL is installed.
    """
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="usamimi-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        options = ["--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8"]
        subprocess.run(
            _command("initdb", "--no-sync", *options, "-D", str(folder / "data")),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        port = _free_port()
        server = PostgresServer(port, folder, _start(folder, port))
        try:
            yield server
        finally:
            server.process.send_signal(signal.SIGQUIT)
            os.killpg(server.process.pid, signal.SIGQUIT)
            server.process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}={value}" for name, value in FAST.items()]
    settings += [f"-cunix_socket_directories={folder}", f"-cport={port}"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            _with_us(_command("postgres", "-D", str(folder / "data"), *settings)),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _until_it_answers(port, process, folder)
    return process


def _until_it_answers(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    ask = _command("pg_isready", "--quiet", f"--host={HERE}", f"--port={port}")
    for _ in range(600):
        assert process.poll() is None, (folder / "log").read_text()[-2_000:]
        if subprocess.run(ask, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL does not answer")


def _command(name: str, *arguments: str) -> list[str]:
    """Run a program of PostgreSQL's, which refuses to be run by root."""
    folder = binaries()
    assert folder is not None
    command = [str(folder / name), *arguments]
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    return command


def _with_us(command: list[str]) -> list[str]:
    """Have the server end when we are killed, where this machine can."""
    found = shutil.which("setpriv")
    if found is None:
        return command
    if command[0] == "setpriv":
        return [found, "--pdeathsig=KILL", *command[1:]]
    return [found, "--pdeathsig=KILL", "--", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect beside the bot, for the block."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
