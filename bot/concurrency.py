"""Executors, and how the process uses the machine's cores and memory."""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor

from ml.torch_threads import use_one_torch_thread

ARENA_MAX = -8  # M_ARENA_MAX of glibc's <malloc.h>
ARENAS = 2


def configure_process() -> None:
    """Leave processor and memory to others as far as that costs nothing."""
    _wait_quietly()
    _share_memory()


def _wait_quietly() -> None:
    """Have torch's threads sleep while they wait for each other; read when torch is loaded.

    Usually they spin. Where something else runs on the same cores, the thread that all wait for
    then does not get on: hearing a song took five times as long. By itself it takes as long.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _share_memory() -> None:
    """Have threads take memory from the same places.

    Usually glibc gives each thread a place of its own, which keeps the most that the thread ever
    needed. Ours take turns, so the sum is several times what is ever needed at once.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return  # the host's word counts; glibc has read it
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other libraries than glibc have no such places
        mallopt(ARENA_MAX, ARENAS)


def open_search_thread() -> ThreadPoolExecutor:
    """Make an executor with one thread, in which torch uses no other.

    A search takes a millisecond. Split between threads, it would wait for the last of them to get
    a processor: on a machine that is training at the same time, twenty milliseconds and more.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="search", initializer=use_one_torch_thread)
