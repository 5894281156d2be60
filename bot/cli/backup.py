"""`python -m bot backup`: back up all data while the bot runs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot.settings import Settings
from storage.backup import backup
from storage.data_folder import DataFolder
from storage.errors import StorageError


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the backup to `arguments.file`; return the exit status."""
    return report_copy(backup(DataFolder(settings.data_dir), arguments.file), arguments.file)


def report_copy(work: Coroutine[Any, Any, None], target: Path) -> int:
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
