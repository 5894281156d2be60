"""`python -m bot run`: serve Discord, or the local page when there is no token."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime

from bot.app import make_bot, open_services
from bot.concurrency import Executors, open_executors
from bot.demo import serve_page
from bot.discord.client import serve_discord
from bot.engines import load_shipped_portraits, open_listening
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.settings import Settings

PAGE_FOLDER = "page"  # in the data folder: apart from what a server on Discord has


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    with open_executors(settings.decoder_workers) as executors:
        shipped = load_shipped_portraits(settings, executors)
        with open_listening(settings, executors) as listening:
            asyncio.run(_serve(settings, executors, listening, shipped))
    return 0


async def _serve(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
) -> None:
    if settings.discord_token:
        async with open_services(settings, executors, listening, shipped) as services:
            await serve_discord(lambda: make_bot(services), settings)
        return
    # Nobody's messages are on the page: it may show what the message-content intent brings.
    folder = settings.data_dir / PAGE_FOLDER
    demo = settings.model_copy(update={"data_dir": folder, "message_content": True})
    async with open_services(demo, executors, listening, shipped) as services:
        # The members and what belongs to them are the same at each start, their messages are new.
        await services.songbook.forget_older_than(datetime.now(UTC))
        await serve_page(lambda: make_bot(services), settings)
