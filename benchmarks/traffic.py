"""What the benchmarks over the wire share: songs to ask about, and how the bot is seen."""

from __future__ import annotations

import os
import resource
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.fuzz.witness import children_of, memory_of, open_files_of
from tests.helpers.songs import wav
from tests.unit.ml.audio.encoding import song
from tests.wire.bot_process import Bot
from tests.wire.cdn import File
from tests.wire.member_request import MemberRequest

FORMATS = {"mp3": "mp3", "ogg": "ogg vorbis", "opus": "ogg opus", "m4a": "m4a", "flac": "flac"}
SECONDS = 30.0  # of sound; a song of minutes has at most twice as many windows


@dataclass(frozen=True, slots=True)
class Reading:
    """The bot's process at one moment.

    Attributes:
        memory_bytes: it holds itself; its children's is theirs.
    """

    memory_bytes: int
    open_files: int
    children: int


def songs() -> tuple[File, ...]:
    """Make a song in each common format, and one of plucked notes."""
    murmurs = [File(f"murmur.{end}", song(SECONDS, form)) for end, form in FORMATS.items()]
    return (*murmurs, File("tune.wav", wav(SECONDS)))


def read(bot: Bot) -> Reading:
    """Look at the bot through /proc."""
    process = bot.process.pid
    return Reading(memory_of(process), open_files_of(process), len(children_of(process)))


def quantiles(seconds: Sequence[float]) -> str:
    """Word median, 95th and 99th percentile, in milliseconds."""
    if not seconds:
        return "none"
    p50, p95, p99 = np.quantile(np.array(seconds) * 1_000, [0.5, 0.95, 0.99])
    return f"{p50:.0f} / {p95:.0f} / {p99:.0f}"


def acknowledged(everyone: Iterable[MemberRequest]) -> list[float]:
    """Seconds until the bot said of each that it heard."""
    return [each.acknowledged_after for each in everyone if each.acknowledged_after is not None]


def answered(everyone: Iterable[MemberRequest]) -> list[float]:
    """Seconds until each had words to read."""
    return [each.answered_after for each in everyone if each.answered_after is not None]


def other_load() -> float:
    """Tell what else runs here: the machine's load average of the last minute."""
    return float(Path("/proc/loadavg").read_text().split()[0])


def own_processor_seconds() -> float:
    """Processor time that playing Discord itself took: it comes out of the same cores."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


ROLES = {"postgres": "PostgreSQL", "ml.sandbox.child": "decoding", "-m\0bot": "bot"}


def processor_seconds_by_role() -> dict[str, float]:
    """Return the processor time of this process and all below it, ended ones included.

    Returns:
        Seconds by what a process does: `bot`, `decoding`, `PostgreSQL`, or `Discord` for this one,
        which plays it and all members.
    """
    ticks: Counter[str] = Counter()
    waiting = [os.getpid()]
    while waiting:
        process = waiting.pop()
        try:
            command = Path(f"/proc/{process}/cmdline").read_text()
            used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
            waiting += children_of(process)
        except OSError:
            continue  # it ended meanwhile; its parent has its time
        role = next((role for word, role in ROLES.items() if word in command), "Discord")
        ticks[role] += sum(map(int, used))
    return {role: count / os.sysconf("SC_CLK_TCK") for role, count in ticks.items()}
