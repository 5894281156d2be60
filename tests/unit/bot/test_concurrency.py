"""The process leaves to others what it does not need."""

import ctypes
import os
import subprocess
import sys

import pytest

from bot.concurrency import ARENAS, configure_process

# Eight threads at once take memory and give it back; then glibc lists where it was taken from.
THREADS = """
import ctypes, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from bot.concurrency import configure_process

configure_process()
together = Barrier(8)

def work(number):
    together.wait(10)
    kept = [bytearray(50_000) for _ in range(20)]
    together.wait(10)

with ThreadPoolExecutor(8) as threads:
    list(threads.map(work, range(8)))
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def arenas(**settings: str) -> int:
    """Count the places from which threads of another process take memory."""
    if not hasattr(ctypes.CDLL(None), "malloc_info"):
        pytest.skip("another library than glibc")
    command = [sys.executable, "-c", THREADS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return said.stdout.count("<heap nr=")


def test_threads_take_memory_from_the_same_places() -> None:
    assert arenas() <= ARENAS


def test_a_host_can_give_threads_more_places() -> None:
    assert arenas(MALLOC_ARENA_MAX="6") > ARENAS


@pytest.mark.parametrize(("said", "counts"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_wait_quietly_unless_the_host_says_otherwise(
    said: str | None, counts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "0")  # the tests keep their places
    monkeypatch.setenv("OMP_WAIT_POLICY", said or "")
    if said is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    configure_process()
    assert os.environ["OMP_WAIT_POLICY"] == counts


def test_the_garbage_collector_leaves_alone_what_is_loaded() -> None:
    program = (
        "import gc, discord; from bot.concurrency import freeze_loaded_objects;"
        "freeze_loaded_objects(); print(len(gc.get_objects()))"
    )
    looked_at = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(looked_at.stdout) < 5_000
