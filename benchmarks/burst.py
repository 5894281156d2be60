"""Twenty members ask `/genre` at the same moment, by themselves and beside a lesson.

    python -m benchmarks.burst [--members 20] [--rounds 5] [--no-lesson] [--json FILE]

Prints how long until each was heard of and answered, whether answers came in the order of the
questions, and the event loop's lag as the bot itself measures it. The lesson is a portrait lesson
started by `/train`, on faces that the illustrator drew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.traffic import (
    acknowledged,
    answered,
    other_load,
    quantiles,
    songs,
)
from tests.wire.bot_process import NO_LIMITS, Bot, running_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Server
from tests.wire.lesson_steps import contribute_art, start_lesson
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest, overtaken, until

FACES = 45  # handed over; thirty must be found and differ
MINUTE = 60.0  # the bot's lag is that of its last minute


@dataclass(frozen=True, slots=True)
class Burst:
    """The figures of all rounds; times in ms as "median / 95 % / 99 %".

    Attributes:
        overtaken: share of pairs of questions whose answers came the other way round.
    """

    asked: int
    answered: int
    acknowledged_ms: str
    slowest_acknowledgement_ms: float
    answered_ms: str
    overtaken: float
    lag_p50_ms: float
    lag_p99_ms: float
    load_average: float


async def burst(discord: Discord, server: Server, count: int, song: File) -> list[MemberRequest]:
    """Ask at once and wait for all."""
    members = [server.member(f"member {number}") for number in range(count)]
    channel = server.channels[0]
    everyone = await asyncio.gather(
        *(discord.slash(member, channel, "genre", file=song) for member in members)
    )
    await asyncio.gather(*(asked.answer(seconds=600) for asked in everyone))
    return everyone


async def measure(discord: Discord, bot: Bot, members: int, rounds: int) -> Burst:
    """Measure several bursts; lag is read while they last."""
    song, everyone, orders, lags = songs()[0], list[MemberRequest](), list[float](), list[float]()
    seen: dict[str, float] = {}
    for _ in range(rounds):
        asked = await burst(discord, await discord.open_server("burst"), members, song)
        everyone += asked
        orders.append(overtaken(asked))
        seen = await bot.figures()
        lags.append(seen["usamimi_loop_lag_p99_seconds"])
    return Burst(
        asked=len(everyone),
        answered=len(answered(everyone)),
        acknowledged_ms=quantiles(acknowledged(everyone)),
        slowest_acknowledgement_ms=round(1_000 * max(acknowledged(everyone)), 1),
        answered_ms=quantiles(answered(everyone)),
        overtaken=round(sum(orders) / rounds, 3),
        lag_p50_ms=round(1_000 * seen["usamimi_loop_lag_p50_seconds"], 2),
        lag_p99_ms=round(1_000 * max(lags), 2),
        load_average=other_load(),
    )


async def teach(discord: Discord) -> None:
    """Begin a portrait lesson and wait until it trains."""
    server = await discord.open_server("school")
    admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
    await contribute_art(discord, admin, server.channels[0], FACES)
    lesson = await start_lesson(discord, admin, server.channels[0], "avatar")
    before = lesson.words
    await until(lambda: lesson.words != before, 600, "the lesson's first step")


async def run(members: int, rounds: int, *, lesson: bool) -> dict[str, Burst]:
    """Measure alone, then beside a lesson."""
    found = {}
    async with loopback_discord(judged=False) as discord:
        with tempfile.TemporaryDirectory(prefix="usamimi-burst-") as folder:
            settings = {**NO_LIMITS, "USAMIMI_METRICS": "true", "USAMIMI_TORCH_THREADS": "2"}
            async with running_bot(discord, Path(folder), **settings) as bot:
                await burst(discord, await discord.open_server("warm"), 2, songs()[0])
                found["alone"] = await measure(discord, bot, members, rounds)
                if lesson:
                    await teach(discord)
                    await asyncio.sleep(MINUTE)
                    found["beside a lesson"] = await measure(discord, bot, members, rounds)
                await bot.stop()
    return found


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-lesson", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    found = asyncio.run(run(options.members, options.rounds, lesson=not options.no_lesson))
    for name, each in found.items():
        print(name, *(f"  {what:28} {value}" for what, value in asdict(each).items()), sep="\n")
    if options.json:
        options.json.write_text(json.dumps({name: asdict(each) for name, each in found.items()}))


if __name__ == "__main__":
    main()
