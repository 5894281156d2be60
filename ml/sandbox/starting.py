"""Starting a child process that knows nothing of its parent's secrets, and how it ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]  # where the package `ml` lies
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib import import_module
import_module(sys.argv[2]).main(sys.argv[3])
"""

# And no secrets. What one file took of the system's memory is kept for the next: to ask for it
# anew took a fifth of the time of decoding a song.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TOP_PAD_": str(8 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(64 * 2**20),
}


def start(
    module: str, orders: Mapping[str, Any], end: socket.socket, handed: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a Python process that runs `main` of a module.

    Args:
        module: its full name; `main` takes JSON of `orders`, with `parent` (this process's id)
            and `socket` (the descriptor of `end`) added.
        orders: what JSON can carry.
        end: the child's end of a pair of sockets; close it here once the child has started.
        handed: other descriptors that the child is to have, under the same numbers.
    """
    words = json.dumps({**orders, "parent": os.getpid(), "socket": end.fileno()})
    # -I: neither the environment nor the working directory can slip code in.
    return subprocess.Popen(  # noqa: S603 - every word of the command is ours
        [sys.executable, "-I", "-c", _START, str(_ROOT), module, words],
        env=_ENVIRONMENT,
        pass_fds=(end.fileno(), *handed),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the parent to handle
    )


def ending_of(process: subprocess.Popen[bytes]) -> int | None:
    """Give the exit status of a child that has hung up, or None while it still runs."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None
