"""Lessons run where nobody notices them."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ml.finetuning.events import code_of

ROOT = Path(__file__).parents[4]


def quietly(tmp_path: Path, code: str, megabytes: int = 512) -> subprocess.CompletedProcess[str]:
    (tmp_path / "pupil.py").write_text(code)
    arguments = [str(os.getpid()), str(megabytes), "19", "pupil", "an argument"]
    return subprocess.run(
        [sys.executable, "-m", "ml.finetuning.low_priority", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_module_runs_as_itself_at_the_lowest_priority(tmp_path: Path) -> None:
    code = "import os, sys\nprint(__name__, sys.argv[1:], os.nice(0), os.sched_getscheduler(0))"
    ran = quietly(tmp_path, code)
    assert ran.stdout.strip() == f"__main__ ['an argument'] 19 {os.SCHED_IDLE}"
    assert ran.returncode == 0


def test_more_memory_than_allowed_ends_it_with_the_reason(tmp_path: Path) -> None:
    ran = quietly(tmp_path, "whole = bytearray(800_000_000)", megabytes=300)
    failed = json.loads(ran.stdout)
    assert (failed["event"], failed["code"]) == ("failed", "memory")
    assert ran.returncode == 1


def test_an_exit_status_is_passed_on(tmp_path: Path) -> None:
    assert quietly(tmp_path, "raise SystemExit(3)").returncode == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory"),
        (RuntimeError("CUDA out of memory."), "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (ValueError("what?"), "unexpected"),
    ],
)
def test_what_was_lacking_is_told_from_the_exception(error: Exception, reason: str) -> None:
    assert code_of(error) == reason
