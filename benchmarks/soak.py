"""Mixed traffic from many servers for a long while, as fast as the machine holds.

    python -m benchmarks.soak [--minutes 30] [--servers 50] [--at-once 6] [--json FILE]

The bot runs as a process of its own against the loopback Discord of the tests, which plays all
members on the same cores. A few members are always waiting for an answer; whoever has one makes
room for somebody else's question: `/genre` in six formats, `/similar` by title and by file, the
songbook's numbers, words typed into a song's name, files that are no songs. Limits by the minute
are off, so that the machine is the limit. Memory is compared between the first tenth after
warming up and the last tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from benchmarks.traffic import (
    Reading,
    acknowledged,
    answered,
    other_load,
    own_processor_seconds,
    quantiles,
    read,
    songs,
)
from tests.wire.bot_process import NO_LIMITS, Bot, running_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Server
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest, NoAnswerError

WARM_SHARE = 0.1  # of the time, before memory counts
LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 90.0
NO_SONG = File("lyrics.mp3", b"la la la " * 400)
# How often each is asked, of a hundred.
MIX = {"genre": 60, "similar": 15, "similar to a file": 8, "stats": 7, "typing": 5, "no song": 5}


@dataclass(slots=True)
class Traffic:
    """Everything that was asked, and how the bot stood meanwhile."""

    asked: dict[str, list[MemberRequest]] = field(
        default_factory=lambda: {kind: [] for kind in MIX}
    )
    trouble: Counter[str] = field(default_factory=Counter)
    readings: list[tuple[float, Reading]] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one soak; times in ms as "median / 95 % / 99 %"."""

    minutes: float
    servers: int
    at_once: int
    answers: int
    answers_a_minute: float
    acknowledged_ms: str
    answered_ms: dict[str, str]
    trouble: dict[str, int]
    outcomes: dict[str, float]
    memory_mb: tuple[float, float]
    memory_growth_percent: float
    open_files: tuple[int, int]
    children: tuple[int, int]
    lag_p99_ms: float
    processor_share_of_playing: float
    load_average: float


async def ask_one(discord: Discord, server: Server, chance: Random, traffic: Traffic) -> None:
    """Have a member ask something and wait for the answer."""
    kind = chance.choices(list(MIX), list(MIX.values()))[0]
    member, channel = chance.choice(server.members), server.channels[0]
    song = chance.choice(SONGS)
    match kind:
        case "genre":
            asked = await discord.slash(member, channel, "genre", file=song)
        case "similar":
            asked = await discord.slash(member, channel, "similar")
        case "similar to a file":
            asked = await discord.slash(member, channel, "similar", file=song, private=True)
        case "stats":
            asked = await discord.slash(member, channel, "songbook stats")
        case "typing":
            asked = await discord.type(member, channel, "similar", "song", "mur")
        case _:
            asked = await discord.slash(member, channel, "genre", file=NO_SONG)
    traffic.asked[kind].append(asked)
    try:
        await (asked.offered if kind == "typing" else asked.answer)(seconds=PATIENCE_SECONDS)
    except NoAnswerError:
        traffic.trouble[f"no answer to {kind}"] += 1
    if len(asked.visible) > 1:
        traffic.trouble["more than one answer"] += 1
    if any("this code:" in message.content for message in asked.visible):
        traffic.trouble["unexpected"] += 1


async def keep_asking(discord: Discord, until: float, chance: Random, traffic: Traffic) -> None:
    """Ask one thing after the other, each in another server."""
    while time.monotonic() < until:
        await ask_one(discord, chance.choice(discord.servers), chance, traffic)


async def keep_looking(bot: Bot, until: float, traffic: Traffic) -> None:
    """Note now and then how the bot stands."""
    while time.monotonic() < until:
        traffic.readings.append((time.monotonic(), read(bot)))
        traffic.lags.append((await bot.figures())["usamimi_loop_lag_p99_seconds"])
        await asyncio.sleep(LOOK_SECONDS)


async def prepare(discord: Discord, count: int) -> None:
    """Open servers whose songs may be remembered, with a first one in each."""
    for number in range(count):
        server = await discord.open_server(f"server {number}")
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        for name in range(5):
            server.member(f"member {name}", "ja" if name % 2 else "en-US")
        channel = server.channels[0]
        await (await discord.slash(admin, channel, "setup allow", allowed=True)).answer()
        await (await discord.slash(admin, channel, "genre", file=SONGS[-1])).answer()


async def soak(minutes: float, servers: int, at_once: int) -> Result:
    """Run everything; the bot's log lies in a temporary folder."""
    async with loopback_discord(judged=False) as discord:
        with tempfile.TemporaryDirectory(prefix="usamimi-soak-") as folder:
            settings = {**NO_LIMITS, "USAMIMI_METRICS": "true", "USAMIMI_TORCH_THREADS": "2"}
            async with running_bot(discord, Path(folder), **settings) as bot:
                await prepare(discord, servers)
                traffic, began = Traffic(), time.monotonic()
                playing, until = own_processor_seconds(), began + 60 * minutes
                askers = [keep_asking(discord, until, Random(n), traffic) for n in range(at_once)]
                await asyncio.gather(keep_looking(bot, until, traffic), *askers)
                passed = time.monotonic() - began
                playing = own_processor_seconds() - playing
                counted = await bot.figures()
                if await bot.stop() != 0:
                    traffic.trouble["exit status"] += 1
                traffic.trouble["tracebacks in the log"] += bot.log.count("Traceback")
    return result(traffic, passed, playing / passed, counted, (servers, at_once))


def result(
    traffic: Traffic,
    seconds: float,
    playing: float,
    counted: dict[str, float],
    size: tuple[int, int],
) -> Result:
    """Put the figures together."""
    everyone = [asked for kind in traffic.asked.values() for asked in kind]
    begin = traffic.readings[0][0]
    warm = [each for at, each in traffic.readings if at - begin > WARM_SHARE * seconds]
    tenth = max(1, len(warm) // 10)
    first, last = (
        statistics.median(each.memory_bytes for each in part)
        for part in (warm[:tenth], warm[-tenth:])
    )
    answers = len(answered(everyone)) + sum(a.choices is not None for a in everyone)
    prefix = "usamimi_requests_total "
    return Result(
        minutes=round(seconds / 60, 1),
        servers=size[0],
        at_once=size[1],
        answers=answers,
        answers_a_minute=round(60 * answers / seconds, 1),
        acknowledged_ms=quantiles(acknowledged(everyone)),
        answered_ms={k: quantiles(answered(a)) for k, a in traffic.asked.items() if answered(a)},
        trouble={what: count for what, count in traffic.trouble.items() if count},
        outcomes={n.removeprefix(prefix): v for n, v in counted.items() if n.startswith(prefix)},
        memory_mb=(round(first / 2**20, 1), round(last / 2**20, 1)),
        memory_growth_percent=round(100 * (last / first - 1), 2),
        open_files=(warm[0].open_files, warm[-1].open_files),
        children=(warm[0].children, warm[-1].children),
        lag_p99_ms=round(1_000 * max(traffic.lags), 1),
        processor_share_of_playing=round(playing, 2),
        load_average=other_load(),
    )


SONGS = songs()


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    found = asdict(asyncio.run(soak(options.minutes, options.servers, options.at_once)))
    for name, value in found.items():
        print(f"{name:28} {value}")
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
