"""How much one picture may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """How much one picture may cost before it is refused or stopped.

    Attributes:
        max_bytes: size of the file.
        max_pixels: width times height, as the file announces them.
        side: what is handed on is made at most so large, in px.
        memory_bytes: address space the child may take for it, beyond what it started with.
        cpu_seconds: processor time the child may spend.
        wall_seconds: time by the clock, the start of the child included.
    """

    max_bytes: int = 8 * _MIB
    max_pixels: int = 40_000_000
    side: int = 1024
    memory_bytes: int = 512 * _MIB
    cpu_seconds: int = 10
    wall_seconds: float = 30.0
