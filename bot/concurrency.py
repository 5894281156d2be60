"""How the process uses cores and memory: every executor, and what the C library is told."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

ARENA_MAX = -8  # M_ARENA_MAX of glibc's <malloc.h>
ARENAS = 2
IMAGE_THREADS = 2  # each waits for one decoding child, or screens


@dataclass(frozen=True, slots=True)
class Executors:
    """The bot's thread pools.

    Attributes:
        torch: one thread; every model runs on it. Where workers draw, some that wait for them.
        search: one thread for similarity search, which is numpy on one core.
        images: members' pictures: decoding, screening, finding faces.
        decode: threads that wait for the children that decode songs; one more than there are
            children, so that a file too large is refused without waiting for one. Where workers
            listen, threads that wait for them.
    """

    torch: ThreadPoolExecutor
    search: ThreadPoolExecutor
    images: ThreadPoolExecutor
    decode: ThreadPoolExecutor


@contextmanager
def open_executors(decoders: int, drawings: int = 1) -> Iterator[Executors]:
    """Start the pools; they end with the block, after what they are running.

    Args:
        decoders: child processes that decode songs, or songs that workers hear at once.
        drawings: portraits drawn at once; more than one only where workers draw.
    """
    with ExitStack() as stack:
        yield Executors(
            torch=stack.enter_context(ThreadPoolExecutor(drawings, "torch")),
            search=stack.enter_context(ThreadPoolExecutor(1, "search")),
            images=stack.enter_context(ThreadPoolExecutor(IMAGE_THREADS, "images")),
            decode=stack.enter_context(ThreadPoolExecutor(decoders + 1, "decode")),
        )


def configure_process() -> None:
    """Leave processor and memory to others where that costs nothing; call before torch loads."""
    # torch's threads sleep while they wait for each other. Usually they spin; where something else
    # runs on the same cores, hearing a song took five times as long. Alone it takes as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _share_arenas()


def freeze_loaded_objects() -> None:
    """Exempt all that exists from garbage collection; call when everything is loaded.

    That is a quarter of a million objects, most of libraries. Under load a full collection went
    through them twice a minute and stopped every thread for 0.2 s.
    """
    gc.collect()
    gc.freeze()


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
