"""Run a module as a low-priority, memory-limited process.

    python -m ml.finetuning.low_priority PARENT MEGABYTES NICENESS MODULE ARGUMENTS...

The module gets what nobody else wants of the processor and so much memory (0: any); it ends when
the process PARENT ends, and an exception that ends it is reported in a last event.
"""

from __future__ import annotations

import os
import resource
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from ml.finetuning.events import Failed, JsonLines, code_of
from ml.sandbox.child import die_with

MEGABYTE = 1024 * 1024
NICEST = 19


def main(arguments: Sequence[str]) -> int:
    """Run the module; returns the exit status."""
    parent, megabytes, niceness, module, *others = arguments
    die_with(int(parent))
    _step_aside(int(niceness))
    _limit_memory(int(megabytes) * MEGABYTE)
    sys.argv = [module, *others]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        JsonLines().report(Failed(code_of(error), repr(error)))
        traceback.print_exc()
        return 1
    return 0


def _step_aside(niceness: int) -> None:
    os.nice(niceness)
    if niceness >= NICEST and hasattr(os, "SCHED_IDLE"):  # Linux: only where it would idle
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _limit_memory(limit_bytes: int) -> None:
    """Limit what is allocated from now on; libraries' code, mapped from files, counts little."""
    if sys.platform != "linux" or not limit_bytes:
        return
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    most = pages * resource.getpagesize() + limit_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
