"""Which code made a model, for its card."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit(folder: Path = Path(__file__).parent) -> str:
    """Name the commit that a folder's files are of.

    Args:
        folder: somewhere in a checkout; ours if left out.

    Returns:
        Its short hash, with `-dirty` when files were changed since; `unknown` outside a checkout.
    """
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - the host's git
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
