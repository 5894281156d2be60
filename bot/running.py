"""Serve Discord until told to stop, and leave nothing half done."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import aiohttp
import discord
import structlog

from bot.client import Usamimi, use_discord_at
from bot.errors import StartError
from bot.health import health_page
from bot.settings import Settings

log = structlog.stdlib.get_logger(__name__)


async def serve_discord(make_bot: Callable[[], Usamimi], settings: Settings) -> None:
    """Connect and serve until SIGTERM or SIGINT; then finish or apologise, and close.

    Raises:
        StartError: Discord refused the token or cannot be reached, or the health port is taken.
    """
    assert settings.discord_token is not None
    use_discord_at(settings)
    stop = stop_signal()
    try:
        async with (
            make_bot() as bot,
            health_page(settings.health_host, settings.health_port, bot.checks),
        ):
            token = settings.discord_token.get_secret_value()
            connection = asyncio.create_task(bot.start(token), name="discord")
            stopping = asyncio.create_task(stop.wait(), name="stop signal")
            await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not connection.done():
                await bot.stop_serving(settings.stop_seconds)
                await bot.close()
            stopping.cancel()
            await connection
    except discord.LoginFailure as error:
        raise StartError("Discord refused DISCORD_TOKEN") from error
    except discord.PrivilegedIntentsRequired as error:
        raise StartError(
            "Discord refused an intent; switch it on for the application or off in the settings"
        ) from error
    except (aiohttp.ClientConnectionError, discord.HTTPException) as error:
        raise StartError(f"Discord cannot be reached: {error}") from error
    log.info("stopped")


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
