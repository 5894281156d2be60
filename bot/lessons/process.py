"""The process of a lesson: low priority, limited memory, and gone when the bot goes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence

import structlog

from bot.lessons.errors import LessonFailedError
from ml.finetuning.events import Done, Failed, FailureCode, TrainingProgress, decode

log = structlog.stdlib.get_logger(__name__)

NICENESS = 19  # so that whatever members wait for comes first
TERM_SECONDS = 15.0  # to write a checkpoint when asked to end
LINE_LIMIT = 1 << 20  # bytes of one event
ERROR_LINES = 40  # of standard error, for the log
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


async def run(
    module: Sequence[str], *, memory_mb: int, progress: Callable[[TrainingProgress], None]
) -> Done:
    """Run a lesson to its end.

    Cancelled, it ends the process and waits until it is gone.

    Args:
        module: its name and arguments.
        memory_mb: how much it may allocate; 0: any.
        progress: is called with every progress event.

    Returns:
        Its last event.

    Raises:
        LessonFailedError: it ended without that.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ml.finetuning.low_priority",
        str(os.getpid()),
        str(memory_mb),
        str(NICENESS),
        *module,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
        limit=LINE_LIMIT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(_tail(process.stderr))
    last: Done | Failed | None = None
    try:
        async for line in process.stdout:
            match decode(line):
                case TrainingProgress() as event:
                    progress(event)
                case Done() | Failed() as event:
                    last = event
        await process.wait()
    finally:
        await _end(process)
        stderr = await errors
    if isinstance(last, Done) and process.returncode == 0:
        return last
    code = last.code if isinstance(last, Failed) else _code_of(process.returncode)
    detail = last.detail if isinstance(last, Failed) else ""
    log.warning("lesson_failed", code=code, detail=detail, status=process.returncode, stderr=stderr)
    raise LessonFailedError(code)


def _code_of(status: int | None) -> str:
    """Return why a process ended without an event: only the system kills, for want of memory."""
    return FailureCode.MEMORY if status in (-9, 137) else FailureCode.UNEXPECTED


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
