"""Serve the same bot without Discord, on a demo server in the browser, until told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import structlog

from bot.discord.client import Usamimi, stop_signal
from bot.errors import StartError
from bot.health import health_page
from bot.i18n import LOCALES, translator_for
from bot.settings import Settings

if TYPE_CHECKING:
    from simcord import Preview

log = structlog.stdlib.get_logger(__name__)

EXTRA = ("simcord", "immich_memories_music")  # modules that the extra `page` brings


async def serve_page(make_bot: Callable[[], Usamimi], settings: Settings) -> None:
    """Serve the bot on the local page until SIGTERM, SIGINT or the page's own end.

    Prints the page's address on standard output once it answers.

    Raises:
        StartError: the extra `page` is not installed, or a port is taken.
    """
    stop = stop_signal()
    open_page = _load()
    bot = make_bot()
    async with (
        open_page(bot, settings.page_port) as page,
        # Nobody who tries the page out asks for its health: any free port will do.
        health_page(settings.health_host, settings.health_port, bot.checks, any_port=True),
    ):
        _print_address(page.url)
        await _first_of(stop.wait(), page.wait_closed())
        await bot.gate.close(settings.stop_seconds)
        await bot.close()
    log.info("stopped")


def _load() -> Callable[[Usamimi, int], AbstractAsyncContextManager[Preview]]:
    # To be imported, simcord makes discord.py clients, which warn of voice and of intents.
    library = logging.getLogger("discord")
    level = library.level
    library.setLevel(logging.ERROR)
    try:
        from bot.demo.session import open_page
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        raise StartError(
            "without DISCORD_TOKEN the bot serves a local page, and that needs more installed: "
            "pip install '.[page]'"
        ) from error
    finally:
        library.setLevel(level)
    return open_page


async def _first_of(*events: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(event) for event in events]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _print_address(address: str) -> None:
    lines = (
        f"usamimi うさ耳: {address}",
        *(translator_for(locale)("page-try") for locale in LOCALES),
    )
    print("", *lines, "", sep="\n", flush=True)  # noqa: T201  # what `make run` is for
