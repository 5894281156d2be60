"""`python -m bot run` and `teach`: what works until it is told to stop.

`run` serves Discord, or the local page when there is no token; `teach` carries out lessons for the
processes that serve Discord.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from bot.app import make_bot, open_services
from bot.concurrency import Executors, freeze_loaded_objects
from bot.database import joined_processes, open_database
from bot.demo import serve_page
from bot.discord.client import serve_discord, stop_signal
from bot.engines import (
    load_listening,
    load_music_model,
    load_shipped_portraits,
    open_pools,
    open_sandbox,
)
from bot.errors import StartError
from bot.health import database_health, health_page
from bot.i18n import LOCALES, translator_for
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.services import lesson_teacher
from bot.settings import Settings
from ml.sandbox.pool import Sandbox

log = structlog.stdlib.get_logger(__name__)

PAGE_FOLDER = "page"  # in the data folder: apart from what a server on Discord has


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    with open_pools(settings) as executors:
        shipped = load_shipped_portraits(settings, executors)
        with open_sandbox(settings) as sandbox:
            listening = load_listening(settings, executors, sandbox)
            for locale in LOCALES:
                translator_for(locale)  # reading a catalogue later would hold up everybody
            freeze_loaded_objects()
            asyncio.run(_serve(settings, executors, listening, shipped, sandbox))
    return 0


async def _serve(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
) -> None:
    if settings.discord_token:
        async with (
            joined_processes(settings) as peers,
            open_services(settings, executors, listening, shipped, sandbox, peers) as services,
        ):
            await serve_discord(lambda: make_bot(services), settings)
        return
    # Nobody's messages are on the page: it may show what the message-content intent brings.
    page = {
        "data_dir": settings.data_dir / PAGE_FOLDER,
        "database_url": None,
        "message_content": True,
        "shard_count": 1,
        "shard_ids": "",
    }
    demo = settings.model_copy(update=page)
    async with open_services(demo, executors, listening, shipped, sandbox) as services:
        # The members and what belongs to them are the same at each start, their messages are new.
        await services.songbook.forget_older_than(datetime.now(UTC))
        await serve_page(lambda: make_bot(services), settings)


def run_teacher(settings: Settings, _: argparse.Namespace) -> int:
    """Teach until told to stop; return the exit status."""
    if settings.database_url is None:
        raise StartError(
            "teach needs USAMIMI_DATABASE_URL: a bot with a file carries lessons out by itself"
        )
    asyncio.run(_teach(settings, load_music_model(settings).model))
    return 0


async def _teach(settings: Settings, music_model: str) -> None:
    stop = stop_signal()
    async with open_database(settings, teaches=True) as database:
        runner = lesson_teacher(settings, database, music_model)

        async def checks() -> Mapping[str, bool]:
            return await database_health(database)

        async with health_page(settings.health_host, settings.health_port, checks):
            try:
                await runner.open()
                runner.resume()
                log.info("teaching", music_model=music_model)
                await stop.wait()
                log.info("stopping")
            finally:
                await runner.close()
    log.info("stopped")
