"""How much one song may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """How much one song may cost before it is refused or stopped.

    Attributes:
        max_bytes: size of the file. Discord lets most members post 10 MiB.
        max_seconds: length of the song, counted in its packets; what a header announces is
            not believed.
        memory_bytes: address space a child may take for its song, beyond what it started with.
        cpu_seconds: processor time a child may spend on its song.
        wall_seconds: time a song may take by the clock, once a child has begun it.
    """

    max_bytes: int = 25 * _MIB
    max_seconds: float = 3_600.0
    memory_bytes: int = 768 * _MIB
    cpu_seconds: int = 10
    wall_seconds: float = 15.0
