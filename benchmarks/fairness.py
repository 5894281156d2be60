"""What a flood from one server does to another server's answers.

    python -m benchmarks.fairness [--asks 20] [--members 20] [--json FILE]

A quiet server asks one `/genre` at a time: first alone, then while in a loud server many members
ask again the moment they have an answer. Once with the limits by the minute that a host gets when
setting none, and once without any, so that only the turns between servers hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.traffic import answered, other_load, quantiles, songs
from tests.wire.bot_process import NO_LIMITS, running_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import Server
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest

PAUSE_SECONDS = 1.0  # between the questions of the quiet server, and after a refusal
MEMBERS = 10  # of the quiet server, who take turns


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers of the quiet server; times in ms as "median / 95 % / 99 %"."""

    alone_ms: str
    in_the_flood_ms: str
    times_slower: float
    loud_answers: int
    loud_refusals: int
    load_average: float


async def ask_again_and_again(
    discord: Discord, loud: Server, song: File, met: list[MemberRequest]
) -> None:
    """Be one of the loud members."""
    member = loud.member("loud")
    while True:
        asked = await discord.slash(member, loud.channels[0], "genre", file=song)
        met.append(asked)
        if not (await asked.answer(seconds=600)).embeds:
            await asyncio.sleep(PAUSE_SECONDS)


async def ask_quietly(
    discord: Discord, quiet: Server, song: File, count: int
) -> list[MemberRequest]:
    """Ask one after the other."""
    met = []
    for number in range(count):
        member = quiet.members[number % MEMBERS]
        met.append(await discord.slash(member, quiet.channels[0], "genre", file=song))
        assert (await met[-1].answer(seconds=600)).embeds
        await asyncio.sleep(PAUSE_SECONDS)
    return met


async def compare(asks: int, members: int, limits: dict[str, str]) -> Comparison:
    """Measure with these limits."""
    song = songs()[0]
    async with loopback_discord(judged=False) as discord:
        with tempfile.TemporaryDirectory(prefix="usamimi-fairness-") as folder:
            settings = {"USAMIMI_TORCH_THREADS": "2", **limits}
            async with running_bot(discord, Path(folder), **settings):
                quiet, loud = await discord.open_server("quiet"), await discord.open_server("loud")
                for _ in range(MEMBERS):
                    quiet.member("quiet")
                await ask_quietly(discord, quiet, song, 3)  # warm up
                alone = await ask_quietly(discord, quiet, song, asks)
                noise: list[MemberRequest] = []
                flood = [
                    asyncio.create_task(ask_again_and_again(discord, loud, song, noise))
                    for _ in range(members)
                ]
                await asyncio.sleep(5 * PAUSE_SECONDS)
                beside = await ask_quietly(discord, quiet, song, asks)
                for task in flood:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*flood)
    served = [each for each in noise if any(message.embeds for message in each.visible)]
    return Comparison(
        alone_ms=quantiles(answered(alone)),
        in_the_flood_ms=quantiles(answered(beside)),
        times_slower=round(
            statistics.median(answered(beside)) / statistics.median(answered(alone)), 2
        ),
        loud_answers=len(served),
        loud_refusals=len(answered(noise)) - len(served),
        load_average=other_load(),
    )


def main() -> None:
    """Read the command line, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asks", type=int, default=20)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    ways = {"usual limits": dict[str, str](), "turns alone": NO_LIMITS}
    found = {
        name: asdict(asyncio.run(compare(options.asks, options.members, limits)))
        for name, limits in ways.items()
    }
    for name, figures in found.items():
        print(name, *(f"  {what:16} {value}" for what, value in figures.items()), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
