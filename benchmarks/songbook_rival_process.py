"""sqlite-vec as a process beside ours, in an environment of its own.

As many Pythons cannot load extensions, it runs with pysqlite3, installed once in the user's cache
folder; where that cannot be had, there is no comparison, and a line says why.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

Rival = Callable[[int], tuple[float, float, set[int]]]


@contextmanager
def rival_process(
    vectors: npt.NDArray[np.float32], folder: Path, limit: int
) -> Iterator[Rival | None]:
    """Start sqlite-vec beside us to find `limit` songs, or give None and say why there is none."""
    python = rival_python()
    if python is None:
        yield None
        return
    np.save(folder / "vectors.npy", vectors)
    script = Path(__file__).with_name("songbook_rival.py")
    command = [str(python), str(script), str(folder / "vectors.npy"), str(limit + 1)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        questions, answers = child.stdin, child.stdout
        print(f"rival: {answers.readline().strip()}", file=sys.stderr)

        def ask(number: int) -> tuple[float, float, set[int]]:
            print(number, file=questions, flush=True)
            clock, processor, found = json.loads(answers.readline())
            return clock, processor, set(found) - {number}

        yield ask
        questions.close()


def rival_python() -> Path | None:
    """Give the Python of an environment with sqlite-vec, made where it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "usamimi" / "sqlite-vec-0.1"
    python = folder / "bin" / "python"
    if python.exists():
        return python
    packages = ["sqlite-vec==0.1.*", "pysqlite3-binary==0.5.*", "numpy>=2,<3"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *packages], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"NO COMPARISON WITH SQLITE-VEC: it could not be installed ({error})", file=sys.stderr
        )
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return python
