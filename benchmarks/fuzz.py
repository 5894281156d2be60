"""Tens of thousands of spoilt files through the decoders that the bot uses.

    python -m benchmarks.fuzz [--songs 20000] [--pictures 5000] [--run 1] [--json FILE]

Songs are made in every format at run time and spoilt in ways that a number repeats: `--run 2` are
other files. 20,000 songs and 5,000 pictures take some minutes on two idle cores. Prints a table;
exit status 1 when anything happened that must not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.doors import (
    AUDIO_LIMITS,
    MEGABYTE,
    PICTURE_WALL_SECONDS,
    SLACK_SECONDS,
    try_audio,
    try_pictures,
)
from tests.fuzz.hunt import Findings, require_calm
from tests.fuzz.listener import forbidden_port

MOST_GROWTH = 64 * MEGABYTE  # of this process; a leak of 4 kB a file would show


def table(found: Mapping[str, Findings], calls: int) -> str:
    """Write the figures as Markdown."""
    lines = [
        "| files | count | minutes | became | slowest, s | children | most memory of one, MB "
        "| growth of the parent, MB | opened by children |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, each in found.items():
        most = sorted(each.outcomes.items(), key=lambda outcome: -outcome[1])
        became = ", ".join(f"{what} {count:,}" for what, count in most)
        lines.append(
            f"| {name} | {each.cases:,} | {each.seconds / 60:.1f} | {became} "
            f"| {each.slowest_seconds:.1f} | {each.children:,} | {each.child_bytes / MEGABYTE:.0f} "
            f"| {each.memory_growth / MEGABYTE:+.1f} | {len(each.opened)} |"
        )
    return "\n".join([*lines, "", f"Calls of the forbidden port: {calls}"])


def main() -> int:
    """Read the command line, try the doors, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=20_000)
    parser.add_argument("--pictures", type=int, default=5_000)
    parser.add_argument("--run", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    found: dict[str, Findings] = {}
    wrong: list[str] = []
    with forbidden_port() as (address, callers):
        if options.songs:
            found["songs"] = try_audio(options.songs, options.run, address)
            limit = AUDIO_LIMITS.wall_seconds + SLACK_SECONDS
            wrong += require_calm(found["songs"], limit, MOST_GROWTH)
        if options.pictures:
            found["pictures"] = try_pictures(options.pictures, options.run, address)
            limit = PICTURE_WALL_SECONDS + SLACK_SECONDS
            wrong += require_calm(found["pictures"], limit, MOST_GROWTH)
    print(table(found, len(callers)))
    print(*wrong, sep="\n", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps({name: asdict(each) for name, each in found.items()}))
    return 1 if wrong or callers else 0


if __name__ == "__main__":
    sys.exit(main())
