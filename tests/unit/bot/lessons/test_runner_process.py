"""The process of a lesson: what it tells, how it ends, and that it is gone."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.lessons import runner as lesson_runner
from bot.lessons.errors import LessonFailedError
from ml.finetuning.events import Done, TrainingProgress
from ml.music.genre_head import GenreCard

ENDLESS = """
import time, pathlib, os, sys
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
print('{"event": "progress", "step": 1, "steps": 9, "losses": {}}', flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def pupils(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules in the test's own folder can be run, at the usual priority."""
    path = f"{Path.cwd()}{os.pathsep}{tmp_path}"
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setattr(lesson_runner, "NICENESS", 0)


async def run(
    tmp_path: Path, code: str, memory_mb: int = 512, arguments: Sequence[str] = ()
) -> tuple[Done, list[TrainingProgress]]:
    (tmp_path / "pupil.py").write_text(code)
    reported: list[TrainingProgress] = []
    module = ("pupil", *arguments)
    done = await lesson_runner.run_process(module, memory_mb=memory_mb, progress=reported.append)
    return done, reported


async def test_progress_is_reported_and_the_end_returned(tmp_path: Path) -> None:
    done, reported = await run(
        tmp_path,
        """
print('{"event": "progress", "step": 1, "steps": 2}', flush=True)
print('some chatter of a library')
print('{"event": "done", "file": "head", "card": {"of": "genre", "score": 1.0}}')
""",
    )
    assert reported == [TrainingProgress(1, 2)]
    assert done == Done(Path("head"), GenreCard(score=1.0))


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ('print(\'{"event": "failed", "code": "damaged"}\'); raise SystemExit(1)', "damaged"),
        ("whole = bytearray(900_000_000)", "memory"),
        ("import errno; raise OSError(errno.ENOSPC, 'full')", "disk"),
        ("raise ValueError('what?')", "unexpected"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory"),
        ("print('all went well, but nothing was told')", "unexpected"),
    ],
)
async def test_what_ended_it_before_its_time_is_named(
    tmp_path: Path, program: str, code: str
) -> None:
    with pytest.raises(LessonFailedError) as failed:
        await run(tmp_path, program, memory_mb=300)
    assert failed.value.failure == code


def _written(file: Path) -> str:
    """Wait for what another process writes."""
    while not file.exists() or not file.read_text():
        time.sleep(0.05)
    return file.read_text()


async def test_cancelled_it_leaves_no_process_behind(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    running = asyncio.create_task(run(tmp_path, ENDLESS, arguments=[str(note)]))
    pid = int(await asyncio.to_thread(_written, note))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
