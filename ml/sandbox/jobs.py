"""What children can do, as both sides see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Work = Callable[[memoryview, memoryview], Mapping[str, Any]]
"""Takes a file and the memory for results; returns what JSON can carry."""


@dataclass(frozen=True, slots=True)
class DecodingJob:
    """One kind of file that children decode.

    Attributes:
        name: tells it from other jobs of a pool.
        module: its `prepare(options)` runs in each new child before it is confined, must import
            and open all that is needed later, and returns a `Work`.
        options: for `prepare`; what JSON can carry.
        input_bytes: the largest file.
        output_bytes: the largest result.
        memory_bytes: address space a child may take for one file.
        cpu_seconds: processor time for one file.
        wall_seconds: time by the clock for one file, once a child has begun it.
    """

    name: str
    module: str
    options: Mapping[str, Any]
    input_bytes: int
    output_bytes: int
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float


class JobError(Exception):
    """A child could not do its job."""


class TooCostly(JobError):
    """It went past a limit of memory or time."""

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"more than {limit_seconds:.0f} s, or too much memory")
        self.limit_seconds = limit_seconds


class Crashed(JobError):
    """It crashed, or answered nonsense."""
