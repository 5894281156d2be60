"""Open the database that a host names, and take this process's place among those that share it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from signal import SIGTERM, raise_signal
from typing import Any

from bot.errors import StartError
from bot.settings import Settings
from bot.sharding import Alone, Peers
from storage.database import Database, SqliteDatabase
from storage.errors import StorageError
from storage.files import DataFolder


@asynccontextmanager
async def open_database(settings: Settings, *, teaches: bool = False) -> AsyncIterator[Database]:
    """Open the database in the data folder, or the one that the host names.

    Args:
        settings: what the host set.
        teaches: this process only carries out lessons, and others are to see that.

    Raises:
        StartError: it cannot be used.
    """
    async with AsyncExitStack() as stack:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            database = await stack.enter_async_context(_named_database(settings, teaches=teaches))
        except (StorageError, OSError) as error:
            where = "database" if settings.database_url else f"data folder {settings.data_dir}"
            raise StartError(f"the {where}: {error}") from error
        yield database


@asynccontextmanager
async def joined_processes(settings: Settings) -> AsyncIterator[Peers]:
    """Hold this process's shards for the block, where several processes share a database.

    Waits for a process that still has them. Ends this one, as by SIGTERM, when another takes over.

    Raises:
        StartError: others run with another number of shards, or the database cannot be used.
    """
    if settings.database_url is None:
        yield Alone()
        return
    processes = _cluster_module("storage.processes")
    ids, count = settings.shard_numbers or (0,), settings.shard_count
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        try:
            joining = processes.Processes.join(
                url, ids, count if settings.shard_ids else 0, lambda: raise_signal(SIGTERM)
            )
            peers: Peers = await stack.enter_async_context(joining)
        except processes.PlanDiffersError as error:
            raise StartError(
                f"{error}: stop all processes, then start all with one number"
            ) from error
        except StorageError as error:
            raise StartError(f"the database: {error}") from error
        yield peers


def _cluster_module(name: str) -> Any:  # Any: a module
    """Import what needs PostgreSQL's client, which a bot with a file need not have.

    Raises:
        StartError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise StartError(
            "USAMIMI_DATABASE_URL needs PostgreSQL's client: install usamimi[cluster]"
        ) from error


def _named_database(settings: Settings, *, teaches: bool) -> AbstractAsyncContextManager[Database]:
    if settings.database_url is None:
        return SqliteDatabase.open(DataFolder(settings.data_dir).database)
    postgres = _cluster_module("storage.postgres")
    url = settings.database_url.get_secret_value()
    opened: AbstractAsyncContextManager[Database] = postgres.PostgresDatabase.open(
        url, name=postgres.TEACHER if teaches else postgres.NAME
    )
    return opened
