"""Three shards in two processes over one PostgreSQL, beside one process with a file.

    python -m benchmarks.cluster [--minutes 10] [--rounds 2] [--servers 60] [--at-once 6]
        [--json FILE]

Both get the traffic of `benchmarks.soak` on the same cores, one after the other, each in half of
the rounds first. PostgreSQL and the loopback Discord, which plays all members, run on those cores
too. Two processes hold the models twice and have half of torch's threads each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from benchmarks.soak import SONGS, Traffic, keep_asking
from benchmarks.traffic import answered, other_load, processor_seconds_by_role, quantiles
from tests.helpers.postgres import PostgresServer, postgres_server
from tests.wire.bot_process import NO_LIMITS, running_bot
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Server
from tests.wire.loopback import Discord, loopback_discord

SHARDS = 3
PROCESSES = ("0,2", "1")  # shards of each


@dataclass(frozen=True, slots=True)
class Phase:
    """What one of the two ways answered; times in ms as "median / 95 % / 99 %".

    Attributes:
        processor_ms: time of the processor for each answer, by what used it.
    """

    answers: int
    answers_a_minute: float
    answered_ms: str
    processor_ms: dict[str, float]
    missing: int
    doubled: int
    trouble: dict[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """Both ways and their ratio, by the medians over the rounds."""

    minutes: float
    servers: int
    at_once: int
    one_process: list[Phase]
    two_processes: list[Phase]
    ratio: float
    load_average: float


@asynccontextmanager
async def one_process(discord: Discord, folder: Path, _: PostgresServer) -> AsyncIterator[None]:
    """Serve everything from a file."""
    async with running_bot(discord, folder, USAMIMI_TORCH_THREADS="2", **NO_LIMITS):
        yield


@asynccontextmanager
async def two_processes(
    discord: Discord, folder: Path, postgres: PostgresServer
) -> AsyncIterator[None]:
    """Serve three shards from two processes over one database."""
    settings = {
        **NO_LIMITS,
        "USAMIMI_DATABASE_URL": await postgres.empty_database(),
        "USAMIMI_SHARD_COUNT": str(SHARDS),
        "USAMIMI_TORCH_THREADS": "1",
    }
    async with AsyncExitStack() as stack:
        for ids in PROCESSES:
            process = running_bot(discord, folder / ids, USAMIMI_SHARD_IDS=ids, **settings)
            await stack.enter_async_context(process)
        yield


WAYS = {"one_process": one_process, "two_processes": two_processes}


async def prepare(discord: Discord, at_once: int) -> None:
    """Allow remembering everywhere, and give each server a first song."""
    turn = asyncio.Semaphore(at_once)

    async def prepare_one(server: Server) -> None:
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        for name in range(5):
            server.member(f"member {name}", "ja" if name % 2 else "en-US")
        channel = server.channels[0]
        async with turn:
            await (await discord.slash(admin, channel, "setup allow", allowed=True)).answer()
            await (await discord.slash(admin, channel, "genre", file=SONGS[-1])).answer()

    await asyncio.gather(*map(prepare_one, discord.servers))


async def measure(way: str, postgres: PostgresServer, options: argparse.Namespace) -> Phase:
    """Run one way for its minutes."""
    async with loopback_discord(judged=False) as discord:
        for number in range(options.servers):
            await discord.open_server(f"server {number}", shard=(number % SHARDS, SHARDS))
        with tempfile.TemporaryDirectory(prefix="usamimi-cluster-") as folder:
            async with WAYS[way](discord, Path(folder), postgres):
                await prepare(discord, options.at_once)
                traffic, began = Traffic(), time.monotonic()
                before = processor_seconds_by_role()
                until = began + 60 * options.minutes
                askers = (
                    keep_asking(discord, until, Random(n), traffic) for n in range(options.at_once)
                )
                await asyncio.gather(*askers)
                seconds = time.monotonic() - began
                after = processor_seconds_by_role()
                used = {role: spent - before.get(role, 0.0) for role, spent in after.items()}
                return _phase(traffic, seconds, used)


def _phase(traffic: Traffic, seconds: float, used: Mapping[str, float]) -> Phase:
    everyone = [asked for kind in traffic.asked.values() for asked in kind]
    answers = sum(bool(asked.answers) or asked.choices is not None for asked in everyone)
    return Phase(
        answers=answers,
        answers_a_minute=round(60 * answers / seconds, 1),
        answered_ms=quantiles(answered(everyone)),
        processor_ms={who: round(1e3 * spent / answers, 1) for who, spent in used.items()},
        missing=len(everyone) - answers,
        doubled=traffic.trouble["more than one answer"],
        trouble={what: count for what, count in traffic.trouble.items() if count},
    )


async def compare(options: argparse.Namespace, postgres: PostgresServer) -> Result:
    """Run both ways in each round, and another one first in the next."""
    found: dict[str, list[Phase]] = {way: [] for way in WAYS}
    for number in range(options.rounds):
        for way in reversed(WAYS) if number % 2 else WAYS:
            found[way].append(await measure(way, postgres, options))
    one, two = (
        statistics.median(each.answers_a_minute for each in found[way])
        for way in ("one_process", "two_processes")
    )
    return Result(
        minutes=options.minutes,
        servers=options.servers,
        at_once=options.at_once,
        one_process=found["one_process"],
        two_processes=found["two_processes"],
        ratio=round(two / one, 3),
        load_average=other_load(),
    )


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of each run")
    parser.add_argument("--rounds", type=int, default=2, help="in each both ways run")
    parser.add_argument("--servers", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with postgres_server() as postgres:
        found = asdict(asyncio.run(compare(options, postgres)))
    for name, value in found.items():
        print(f"{name:16} {value}")
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
