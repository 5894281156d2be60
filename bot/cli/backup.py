"""`python -m bot backup` and `restore`: copy all data, and put a copy in its place."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot.settings import Settings
from storage.backup import backup, restore
from storage.data_folder import DataFolder
from storage.errors import StorageError


def run_backup(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the backup to `arguments.file`; return the exit status."""
    return _report_copy(backup(DataFolder(settings.data_dir), arguments.file), arguments.file)


def _report_copy(work: Coroutine[Any, Any, None], target: Path) -> int:
    """Run a copy and print how it went; return the exit status."""
    try:
        asyncio.run(work)
    except FileNotFoundError as error:
        print(f"nothing was copied: there is no {error}", file=sys.stderr)  # noqa: T201
        return 1
    except (StorageError, OSError) as error:
        print(f"nothing was copied: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"written and checked: {target}")  # noqa: T201
    return 0


def run_restore(settings: Settings, arguments: argparse.Namespace) -> int:
    """Replace the data folder's content by `arguments.file`; return the exit status."""
    folder = DataFolder(settings.data_dir)
    if folder.database.exists() and not arguments.yes and not _confirmed(settings.data_dir):
        print("nothing was replaced", file=sys.stderr)  # noqa: T201
        return 1
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return _report_copy(restore(arguments.file, folder), settings.data_dir)


def _confirmed(folder: Path) -> bool:
    """Ask on the terminal; without one the answer is no."""
    if not sys.stdin.isatty():
        print(f"{folder} holds data: add --yes to replace it", file=sys.stderr)  # noqa: T201
        return False
    return input(f"Replace all data in {folder}? [y/N] ").strip().lower() in ("y", "yes")
