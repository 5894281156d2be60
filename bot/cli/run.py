"""`python -m bot run`: serve Discord, or the local page when there is no token."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

from bot.app import make_bot, open_services
from bot.concurrency import Executors, freeze_loaded_objects
from bot.database import joined_processes
from bot.demo import serve_page
from bot.discord.client import serve_discord
from bot.engines import load_listening, load_shipped_portraits, open_pools, open_sandbox
from bot.i18n import LOCALES, translator_for
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.settings import Settings
from ml.sandbox.pool import Sandbox

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
