"""How the process uses the machine's cores and memory; imports nothing large."""

from __future__ import annotations

import ctypes
import os

ARENA_MAX = -8  # M_ARENA_MAX of glibc's <malloc.h>
ARENAS = 2


def configure_process() -> None:
    """Leave processor and memory to others where that costs nothing; call before torch loads."""
    # torch's threads sleep while they wait for each other. Usually they spin; where something else
    # runs on the same cores, hearing a song took five times as long. Alone it takes as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _share_arenas()


def _share_arenas() -> None:
    """Have all threads allocate from the same few arenas.

    glibc gives each thread one of its own, which keeps the most the thread ever needed: with ours,
    which take turns, several times what is needed at once.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return  # set by the host; glibc has read it
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other libraries than glibc have no arenas
        mallopt(ARENA_MAX, ARENAS)
