"""Looks at this process and its children from outside, through /proc, while files are decoded."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LOOK_SECONDS = 0.005  # a child that decodes a small picture lives hardly longer than 20 ms
PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Witness:
    """What was seen.

    Attributes:
        strangers: children that are somebody else's.
        children: how many children there were in all.
        confined_looks: how often a child was seen that may open nothing any more.
        opened: what such a child had open that it had not before.
        child_bytes: most memory that one child held.
    """

    strangers: frozenset[int] = frozenset()
    children: set[int] = field(default_factory=set)
    confined_looks: int = 0
    opened: set[str] = field(default_factory=set)
    child_bytes: int = 0
    _held: dict[tuple[int, str], set[str]] = field(default_factory=dict)

    def look(self) -> None:
        """Look at every child once."""
        for child in self.living():
            try:
                self._look_at(child)
            except OSError:
                continue  # it ended meanwhile

    def living(self) -> list[int]:
        """Find the children that are there now."""
        return [child for child in children_of(os.getpid()) if child not in self.strangers]

    def _look_at(self, child: int) -> None:
        self.children.add(child)
        self.child_bytes = max(self.child_bytes, memory_of(child))
        if not _may_open_nothing(child):
            return
        self.confined_looks += 1
        held = {str(each.readlink()) for each in (PROC / str(child) / "fd").iterdir()}
        # Over thousands of children numbers come again; their time of birth does not.
        before = self._held.setdefault((child, _born(child)), held)
        self.opened |= held - before


@contextmanager
def witness(strangers: Collection[int]) -> Iterator[Witness]:
    """Look again and again during the block, at all children but `strangers`."""
    seen, over = Witness(frozenset(strangers)), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            seen.look()

    watching = threading.Thread(target=watch, name="witness")
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def children_of(parent: int) -> list[int]:
    """Find a process's living children."""
    found = []
    for task in (PROC / str(parent) / "task").iterdir():
        try:
            found += [int(each) for each in (task / "children").read_text().split()]
        except OSError:
            continue
    return [child for child in found if not _is_over(child)]


def memory_of(process: int) -> int:
    """Tell the bytes of memory that a process holds."""
    return int((PROC / str(process) / "statm").read_text().split()[1]) * PAGE


def open_files_of(process: int) -> int:
    """Count what a process has open."""
    return len(list((PROC / str(process) / "fd").iterdir()))


def _born(process: int) -> str:
    stat = (PROC / str(process) / "stat").read_text()
    return stat.rpartition(")")[2].split()[19]  # field 22 of proc(5), in clock ticks


def _is_over(process: int) -> bool:
    try:
        stat = (PROC / str(process) / "stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def _may_open_nothing(process: int) -> bool:
    limits = (PROC / str(process) / "limits").read_text().splitlines()
    soft_and_hard = next(line.split()[3:5] for line in limits if line.startswith("Max open files"))
    return soft_and_hard == ["0", "0"]
