"""Sends many spoilt files through a decoder and tells what became of them."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from tests.fuzz.mutations import spoilt
from tests.fuzz.witness import memory_of, open_files_of, witness

AT_ONCE = 2
BATCH = 200  # files made ahead


@dataclass(slots=True)
class Findings:
    """What became of all files.

    Attributes:
        outcomes: how often each error, or "decoded".
        unforeseen: errors that are none of the decoder's own, with the case that made them.
        slowest_seconds: of one file.
        memory_growth: bytes this process holds more at the end than after the first tenth.
        opened: what children opened that they must not.
        leftover: children that still ran when the decoder was closed.
        files_growth: descriptors this process has open more at the end than before.
    """

    cases: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    unforeseen: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    memory_growth: int = 0
    children: int = 0
    child_bytes: int = 0
    confined_looks: int = 0
    opened: list[str] = field(default_factory=list)
    leftover: list[int] = field(default_factory=list)
    files_growth: int = 0


Case = tuple[str, bytes]


def spoilt_files(seeds: Mapping[str, bytes], run: int) -> Iterator[Case]:
    """Give spoilt files without end, each named so that it can be made again."""
    names, bodies = list(seeds), list(seeds.values())
    number = 0
    while True:
        chance = Random(f"{run} {number}")
        name = names[number % len(names)]
        yield f"run {run}, case {number}: {name}", spoilt(seeds[name], bodies, chance)
        number += 1


def hunt(
    cases: Iterator[Case],
    count: int,
    decode: Callable[[bytes], object],
    known: type[Exception],
    close: Callable[[], None] = lambda: None,
    strangers: Collection[int] = (),
) -> Findings:
    """Decode `count` files, two at a time, and look at the children all the while.

    Args:
        cases: names and files.
        count: how many.
        decode: the decoder's door.
        known: what it may raise.
        close: closes the decoder.
        strangers: children that were there before the decoder, and are somebody else's.
    """
    found = Findings()
    files, began = open_files_of(os.getpid()), time.monotonic()
    settled = 0
    with witness(strangers) as seen, ThreadPoolExecutor(AT_ONCE) as threads:
        while found.cases < count:
            batch = list(islice(cases, min(BATCH, count - found.cases)))
            for result in threads.map(lambda case: _try(case, decode, known), batch):
                _note(found, *result)
            found.cases += len(batch)
            if not settled and found.cases >= count // 10:
                settled = _own_memory()
        close()
    found.seconds = time.monotonic() - began
    found.memory_growth = _own_memory() - settled
    found.children, found.child_bytes = len(seen.children), seen.child_bytes
    found.confined_looks, found.opened = seen.confined_looks, sorted(seen.opened)
    found.leftover = seen.living()
    found.files_growth = open_files_of(os.getpid()) - files
    return found


def _try(
    case: Case, decode: Callable[[bytes], object], known: type[Exception]
) -> tuple[str, str, float]:
    """Decode one; gives the outcome, the case if nobody foresaw it, and its seconds."""
    name, data = case
    began = time.monotonic()
    try:
        decode(data)
        outcome, unforeseen = "decoded", ""
    except known as error:
        outcome, unforeseen = type(error).__name__, ""
    except Exception as error:
        outcome, unforeseen = "unforeseen", f"{name}: {error!r}"
    return outcome, unforeseen, time.monotonic() - began


def _note(found: Findings, outcome: str, unforeseen: str, seconds: float) -> None:
    found.outcomes[outcome] = found.outcomes.get(outcome, 0) + 1
    found.slowest_seconds = max(found.slowest_seconds, seconds)
    if unforeseen:
        found.unforeseen.append(unforeseen)


def _own_memory() -> int:
    gc.collect()
    # What was freed, but is kept by the allocator for the next file, is no leak.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    return memory_of(os.getpid())


def require_calm(found: Findings, slowest_seconds: float, most_growth: int) -> Sequence[str]:
    """List what of all this must not be; nothing is well."""
    wrong = list(found.unforeseen)
    if found.opened:
        wrong.append(f"children opened {found.opened}")
    if found.leftover:
        wrong.append(f"children outlived the decoder: {found.leftover}")
    if not found.confined_looks:
        wrong.append("no child was ever seen confined")
    if found.slowest_seconds > slowest_seconds:
        wrong.append(f"a file took {found.slowest_seconds:.1f} s")
    if found.memory_growth > most_growth:
        wrong.append(f"{found.memory_growth} bytes of memory were kept")
    if found.files_growth > 0:
        wrong.append(f"{found.files_growth} descriptors were kept")
    return wrong
