"""Confinement cannot be undone, so each test asks a process of its own."""

import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
CONFINED = """
import ctypes, os, socket, sys
from ml.sandbox.child import Confinement
kept = open(sys.executable, "rb")
libc = ctypes.CDLL(None, use_errno=True)
confined = Confinement(64 * 2**20)
confined.allow(64 * 2**20, 30)
"""
ATTEMPTS = {
    "open a file": "open('/etc/hostname')",
    "open a file without Python's help": "assert libc.open(b'/dev/null', 0) < 0; os._exit(7)",
    "open a connection": "socket.socket()",
    "open a connection without Python's help": "assert libc.socket(2, 1, 0) < 0; os._exit(7)",
    "send a signal to another process": "assert libc.kill(os.getppid(), 0) < 0; os._exit(7)",
    "start a process": "assert libc.fork() < 0; os._exit(7)",
    "look into another process": "assert libc.ptrace(16, os.getppid(), 0, 0) < 0; os._exit(7)",
    "start a program": "os.execv(sys.executable, [sys.executable])",
    "take more memory": "bytearray(100 * 2**20)",
}


NEEDS_A_FILTER = (
    "send a signal to another process",
    "start a process",
    "look into another process",
)
has_filter = find_library("seccomp") or Path("/lib/x86_64-linux-gnu/libseccomp.so.2").exists()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_confined_process_cannot(attempt: str) -> None:
    if attempt in NEEDS_A_FILTER and not has_filter:
        pytest.skip("libseccomp is not installed")
    refused = "except (OSError, MemoryError):\n    os._exit(7)"
    assert _run(f"{CONFINED}\ntry:\n    {ATTEMPTS[attempt]}\n{refused}") == 7


def test_a_confined_process_still_reads_what_it_had_open() -> None:
    assert _run(f"{CONFINED}\nassert kept.read(4)\nos._exit(7)") == 7


def test_processor_time_ends_the_process() -> None:
    assert _run(f"{CONFINED}\nconfined.allow(2**26, 0)\nwhile True: pass") < 0


def _run(script: str) -> int:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=30).returncode
