"""`python -m bot backup`, `restore`, `migrate` and `forget-departed`: what hosts do with all data.

The bot itself erases what belongs to servers that it is no longer in at each start, but never very
many at once: those may be a mistake. `forget-departed` does.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.database import open_database
from bot.discord.client import fetch_guild_ids
from bot.errors import StartError
from bot.privacy.erasure import ErasureService
from bot.settings import Settings
from storage.backup import backup, restore
from storage.erasure import Erasure
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


def run_forget(settings: Settings, arguments: argparse.Namespace) -> int:
    """Erase what is stored of departed servers, once that is confirmed; return the exit status."""
    confirm: Callable[[int, int], bool] = (lambda *_: True) if arguments.yes else _erasure_confirmed
    return asyncio.run(_forget(settings, confirm))


async def _forget(settings: Settings, confirm: Callable[[int, int], bool]) -> int:
    """Compare what is stored with what Discord lists, and erase the difference.

    Raises:
        StartError: Discord cannot be asked, or the data is another bot's.
    """
    bot_id, present = await fetch_guild_ids(settings)
    async with open_database(settings) as database:
        stored = Erasure(database)
        if not await stored.claim_for_bot(bot_id):
            raise StartError("the data is another bot's: with this token nothing counts as gone")
        known = await stored.guilds()
        departed = sorted(known - present)
        if departed and not await asyncio.to_thread(confirm, len(departed), len(known)):
            print("nothing was erased", file=sys.stderr)  # noqa: T201
            return 1
        data = DataFolder(settings.data_dir)
        crops, models = database.files(data.art), database.files(data.models)
        erasure = ErasureService(stored, crops, models, ())
        for guild_id in departed:
            await erasure.erase_guild(guild_id)
    print(f"erased: {len(departed)} of {len(known)} servers")  # noqa: T201
    return 0


def _erasure_confirmed(departed: int, known: int) -> bool:
    """Ask on the terminal; without one the answer is no."""
    question = f"The bot is no longer in {departed} of {known} stored servers. Erase their data?"
    if not sys.stdin.isatty():
        print(f"{question} Add --yes to do so.", file=sys.stderr)  # noqa: T201
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
