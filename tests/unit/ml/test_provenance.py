from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ml.checkpoints import commit


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Reisen", "-c", "user.email=reisen@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_model_is_of_a_commit_or_of_what_was_changed_since(tmp_path: Path) -> None:
    file = tmp_path / "recipe"
    file.write_text("400 steps")
    git(tmp_path, "init")
    git(tmp_path, "add", "recipe")
    git(tmp_path, "commit", "-m", "Begin")
    clean = commit(tmp_path)
    file.write_text("900 steps")
    assert commit(tmp_path) == f"{clean}-dirty"


def test_outside_a_checkout_nobody_knows(tmp_path: Path) -> None:
    assert commit(tmp_path) == "unknown"
