"""`python -m bot backup`, `restore` and `migrate`: copy all data, and put it in its place."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.errors import StartError
from bot.settings import Settings
from storage.backup import backup, restore
from storage.errors import StorageError
from storage.files import DATABASE_NAME, DataFolder


def run_backup(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the backup to `arguments.file`; return the exit status."""
    _require_file(settings, "pg_dump --format=custom")
    return _report_copy(backup(DataFolder(settings.data_dir), arguments.file), arguments.file)


def _require_file(settings: Settings, instead: str) -> None:
    if settings.database_url is not None:
        raise StartError(f"everything is in PostgreSQL: use {instead} (docs/scaling.md)")


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
    _require_file(settings, "pg_restore")
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


def run_migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    """Move a data folder's content into PostgreSQL; return the exit status.

    Raises:
        StartError: PostgreSQL's client is not installed.
    """
    try:
        # Only here: a bot with a file has no use for PostgreSQL's client, and need not have it.
        moving = import_module("storage.moving")
    except ModuleNotFoundError as error:
        raise StartError("install PostgreSQL's client first: usamimi[cluster]") from error
    folder: Path = arguments.folder
    data = DataFolder(folder.parent if folder.name == DATABASE_NAME else folder)
    begun = time.monotonic()
    try:
        moved = asyncio.run(moving.move(data, arguments.url))
    except FileNotFoundError as error:
        print(f"nothing was moved: there is no {error}", file=sys.stderr)  # noqa: T201
        return 1
    except (moving.MoveError, StorageError, OSError) as error:
        print(f"nothing was moved: {error}", file=sys.stderr)  # noqa: T201
        return 1
    for table, rows in moved.rows.items():
        print(f"{rows:>12,}  {table}")  # noqa: T201
    print(f"{moved.files:>12,}  files")  # noqa: T201
    for name in moved.missing:
        print(f"missing, as it was before: {name}", file=sys.stderr)  # noqa: T201
    seconds = time.monotonic() - begun
    print(  # noqa: T201
        f"moved and compared in {seconds:.0f} s; {data.database} is now {data.database}.moved"
    )
    return 0
