"""What a child gives up before it sees a stranger's bytes.

Decoders are large C programs that read what strangers wrote. A child therefore keeps one open
socket to its parent and otherwise cannot open files or connections, write files, gain rights, or
take more memory and processor time than a file is worth.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from math import ceil
from pathlib import Path
from typing import Any

OUT_OF_MEMORY = 12  # exit status of a child that wanted more than it was allowed

_PR_SET_PDEATHSIG = 1  # numbers of Linux's prctl(2)
_PR_SET_NO_NEW_PRIVS = 38
_REFUSED = ("open", "socket.", "os.", "subprocess.", "ctypes.", "shutil.")


def die_with(parent: int) -> None:
    """Have this process killed as soon as its parent ends, however that happens.

    Where the system is not Linux, the end of the socket tells an idle child the same.

    Args:
        parent: process id; when it has ended already, so does this process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit()


def confine(memory_bytes: int) -> None:
    """Give up, for good, all that decoding does not need.

    Args:
        memory_bytes: address space this process may take beyond what it has.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # open ones stay; there will be no others
    sys.addaudithook(_refuse)


def allow_processor_time(seconds: int) -> None:
    """Let this process be killed once it has spent `seconds` more of processor time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(time.process_time()) + seconds, most))


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(event)
