"""The process in which a lesson runs: as little in the way as can be, gone when the bot goes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.lessons.values import LessonFailed

log = structlog.stdlib.get_logger(__name__)

NICENESS = 19  # so that whatever members wait for comes first
TERM_SECONDS = 15.0  # to write a checkpoint when told to stop
LINE_LIMIT = 1 << 20  # bytes of one event
ERROR_LINES = 40  # of standard error, kept for the log
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)

Event = Mapping[str, Any]


async def run(
    module: Sequence[str], *, memory_mb: int, heard: Callable[[Event], None]
) -> dict[str, Any]:
    """Run a lesson to its end.

    Cancelled, it ends the process and waits until it is gone.

    Args:
        module: its name and arguments.
        memory_mb: how much it may allocate.
        heard: called with every progress event.

    Returns:
        The event `done`.

    Raises:
        LessonFailed: it ended without one.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(
            "-m",
            "ml.finetuning.low_priority",
            str(os.getpid()),
            str(memory_mb),
            str(NICENESS),
            *module,
        ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
        limit=LINE_LIMIT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(_tail(process.stderr))
    last: dict[str, Any] = {}
    try:
        async for line in process.stdout:
            event = _event(line)
            if event.get("event") == "progress":
                heard(event)
            elif event.get("event") in ("done", "failed"):
                last = event
        await process.wait()
    finally:
        await _end(process)
        said = await errors
    if last.get("event") == "done" and process.returncode == 0:
        return last
    reason = str(last.get("reason") or last.get("code") or _reason(process.returncode))
    log.warning("lesson failed", reason=reason, status=process.returncode, said=said)
    raise LessonFailed(reason)


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:  # a library's chatter
        return {}
    return event if isinstance(event, dict) else {}


def _reason(status: int | None) -> str:
    """Tell from how a silent process ended: only the system kills without a word, for memory."""
    return "memory" if status in (-9, 137) else "unexpected"


async def _tail(stream: asyncio.StreamReader) -> str:
    lines: list[str] = []
    async for line in stream:
        lines = [*lines, line.decode(errors="replace").rstrip()][-ERROR_LINES:]
    return "\n".join(lines)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process if it still runs, in a way that a second cancellation cannot break off."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(TERM_SECONDS):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
