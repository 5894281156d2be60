"""`python -m bot teach`: carry out lessons for the processes that serve Discord."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping

import structlog

from bot.database import open_database
from bot.discord.client import stop_signal
from bot.engines import load_music_model
from bot.errors import StartError
from bot.health import database_health, health_page
from bot.services import lesson_teacher
from bot.settings import Settings

log = structlog.stdlib.get_logger(__name__)


def run(settings: Settings, _: argparse.Namespace) -> int:
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
