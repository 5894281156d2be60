"""`python -m bot restore`: put a backup in place of the data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.cli.backup import report_copy
from bot.settings import Settings
from storage.backup import restore
from storage.data_folder import DataFolder


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Replace the data folder's content by `arguments.file`; return the exit status."""
    folder = DataFolder(settings.data_dir)
    if folder.database.exists() and not arguments.yes and not _confirmed(settings.data_dir):
        print("nothing was replaced", file=sys.stderr)  # noqa: T201
        return 1
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return report_copy(restore(arguments.file, folder), settings.data_dir)


def _confirmed(folder: Path) -> bool:
    """Ask on the terminal; without one the answer is no."""
    if not sys.stdin.isatty():
        print(f"{folder} holds data: add --yes to replace it", file=sys.stderr)  # noqa: T201
        return False
    return input(f"Replace all data in {folder}? [y/N] ").strip().lower() in ("y", "yes")
