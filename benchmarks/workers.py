"""What it costs to have workers listen, and what a process that has them weighs.

    python -m benchmarks.workers [--url http://127.0.0.1:8000] [--songs 20]

hears one song of 5 MB in this process and by workers, in turns. Without `--url` a worker is
started, without Ray; with it those there are asked, whose secret is in USAMIMI_WORKERS_SECRET. Then
a process on Discord is opened, with workers and without, given made-up servers, and weighed.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import immich_memories_music

from benchmarks.tables import Row, print_tables
from bot.app import make_bot, open_services
from bot.engines import load_listening, load_shipped_portraits, open_pools, open_sandbox
from bot.listening.service import ListeningService
from bot.settings import Settings, read_settings

SECRET = "a secret of sixteen characters"
PORT = 8799
SECONDS, BIT_RATE = 250, 160_000  # of the song: 5 MB of MP3
WARM = 3  # times it is heard before any is timed
START_SECONDS = 120.0
SERVERS = (10, 2500)
MORE_MS = 60.0  # that workers may cost
MEMORY_MB = {10: 160.0, 2500: 260.0}
CHANNELS, ROLES = 40, 25  # of a made-up server


def song() -> bytes:
    """A licensed song over and over, as MP3."""
    file = sorted(Path(immich_memories_music.__file__).parent.rglob("*.opus"))[0]
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as target:
        stream = target.add_stream("mp3", 44_100)
        stream.bit_rate = BIT_RATE
        samples = 0
        resampler = av.AudioResampler("s16p", "stereo", 44_100)
        while samples < SECONDS * 44_100:
            with av.open(str(file)) as source:
                for frame in source.decode(audio=0):
                    for ready in resampler.resample(frame):
                        ready.pts = samples
                        samples += ready.samples
                        target.mux(stream.encode(ready))
        target.mux(stream.encode(None))
    return out.getvalue()


@contextmanager
def worker() -> Iterator[str]:
    """Start one without Ray; yields where it is."""
    ours = {"USAMIMI_WORKERS_SECRET": SECRET, "USAMIMI_WORKERS_PORT": str(PORT)}
    command = [sys.executable, "-m", "bot", "workers", "--plain"]
    process = subprocess.Popen(command, env={**os.environ, **ours}, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def listening_by(settings: Settings) -> Iterator[ListeningService]:
    """Open what listens, here or by workers, as the settings say."""
    with open_pools(settings) as executors, open_sandbox(settings) as sandbox:
        yield load_listening(settings, executors, sandbox)


async def timed(listening: ListeningService, data: bytes) -> float:
    """Hear a song; milliseconds."""
    started = time.perf_counter()
    await listening.hear(data, 1)
    return 1000 * (time.perf_counter() - started)


async def in_turns(one: ListeningService, other: ListeningService, songs: int) -> list[Row]:
    """Hear the song by both, in turns."""
    data = song()
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            await other.answers()
            break
        except Exception:  # it is not there yet
            await asyncio.sleep(0.5)
    pairs = [(await timed(one, data), await timed(other, data)) for _ in range(WARM + songs)]
    here, there = (list(times) for times in zip(*pairs[WARM:], strict=True))
    more = [b - a for a, b in zip(here, there, strict=True)]
    return [
        Row.of_all(f"in this process, {len(data) / 1e6:.1f} MB", here),
        Row.of_all("by workers", there),
        Row.of("more, pair by pair", more, MORE_MS),
    ]


def server(number: int) -> dict[str, Any]:
    """Return a made-up server as Discord describes it."""
    first = (number + 1) << 30
    channels = [
        {"id": str(first + n), "type": 0, "name": f"channel-{n}", "position": n,
         "permission_overwrites": []}
        for n in range(CHANNELS)
    ]  # fmt: skip
    roles = [
        {"id": str(first + (n and 100 + n)), "name": f"role {n}", "permissions": "1071698660929",
         "position": n, "color": 0, "hoist": False, "managed": False, "mentionable": False}
        for n in range(ROLES)
    ]  # fmt: skip
    return {"id": str(first), "name": f"Server {number}", "owner_id": "1", "member_count": 300,
            "channels": channels, "roles": roles, "members": [], "emojis": [], "features": [],
            "threads": [], "stickers": [], "presences": [], "voice_states": []}  # fmt: skip


def resident_mb() -> float:
    """Return the resident memory of this process."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024


async def weigh(settings: Settings, servers: int) -> float:
    """Open a process on Discord with made-up servers; its resident memory in MB."""
    with open_pools(settings) as executors:
        shipped = load_shipped_portraits(settings, executors)
        with open_sandbox(settings) as sandbox:
            listening = load_listening(settings, executors, sandbox)
            async with open_services(settings, executors, listening, shipped, sandbox) as services:
                bot = make_bot(services)
                for number in range(servers):
                    bot._connection._add_guild_from_data(server(number))  # type: ignore[arg-type]
                return resident_mb()


def weights() -> list[Row]:
    """Weigh processes with workers and without."""
    rows = []
    for servers in SERVERS:
        for how, limit in (("workers", MEMORY_MB[servers]), ("models", None)):
            command = [sys.executable, "-m", "benchmarks.workers", "--weigh", how, str(servers)]
            found = subprocess.run(command, capture_output=True, text=True, check=True)
            megabytes = [float(found.stdout.split()[-1])]
            name = f"memory with {how}, {servers:,} servers, MB"
            rows.append(Row.of(name, megabytes, limit) if limit else Row.of_all(name, megabytes))
    return rows


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--url", help="of workers that are there; none: one is started")
    parser.add_argument("--songs", type=int, default=20)
    parser.add_argument("--weigh", nargs=2, metavar=("HOW", "SERVERS"), help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    settings = read_settings(_env_file=None, data_dir=folder, shard_count=1, workers_secret=None)
    secret = os.environ.get("USAMIMI_WORKERS_SECRET") or SECRET
    if parsed.weigh:
        how, servers = parsed.weigh
        if how == "workers":
            changes = {"workers_secret": secret, "workers_url": "http://127.0.0.1:9"}
            settings = read_settings(_env_file=None, data_dir=folder, shard_count=1, **changes)
        print(asyncio.run(weigh(settings, int(servers))))
        return

    def measure(url: str) -> list[Row]:
        there = read_settings(
            _env_file=None, data_dir=folder, workers_secret=secret, workers_url=url
        )
        with listening_by(settings) as here, listening_by(there) as remote:
            return asyncio.run(in_turns(here, remote, parsed.songs))

    if parsed.url:
        rows = measure(parsed.url)
    else:
        with worker() as url:
            rows = measure(url)
    print_tables({"One song of `/genre`, ms": rows})
    print_tables({"A process on Discord": weights()})


if __name__ == "__main__":
    main()
