"""Serve Discord until a signal to stop, and finish what is under way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import aiohttp
import discord
import structlog

from bot.discord.attachments import bounded_downloads
from bot.discord.client import Usamimi, use_discord_at
from bot.errors import StartError
from bot.health import health_page
from bot.settings import Settings

log = structlog.stdlib.get_logger(__name__)

MEGABYTE = 1024 * 1024
CLOSE_SECONDS = 8.0  # for the gateway, which may not answer any more


async def serve_discord(make_bot: Callable[[], Usamimi], settings: Settings) -> None:
    """Connect and serve until SIGTERM or SIGINT; then finish or report, and close.

    Raises:
        StartError: Discord refused the token or cannot be reached, or the health port is taken.
    """
    assert settings.discord_token is not None
    use_discord_at(settings)
    stop = stop_signal()
    max_bytes = settings.max_song_mb * MEGABYTE
    try:
        async with (
            bounded_downloads(max_bytes, settings.fetch_seconds) as download,
            make_bot() as bot,
            bot.lag.measuring(),
            health_page(
                settings.health_host,
                settings.health_port,
                bot.checks,
                bot.metrics.exposition if settings.metrics else None,
            ),
        ):
            # discord.py downloads without bounds, builds its HTTPClient itself and takes no other:
            # this is the one place where its method is replaced. Attachments and assets use it.
            bot.http.get_from_cdn = download  # type: ignore[assignment]
            await _serve_until(stop, bot, settings)
    except discord.LoginFailure as error:
        raise StartError("Discord refused DISCORD_TOKEN") from error
    except discord.PrivilegedIntentsRequired as error:
        raise StartError(
            "Discord refused an intent; switch it on for the application or off in the settings"
        ) from error
    except discord.ConnectionClosed as error:
        raise StartError(f"Discord closed the connection for good (code {error.code})") from error
    except (aiohttp.ClientConnectionError, discord.HTTPException) as error:
        raise StartError(f"Discord cannot be reached: {error}") from error
    log.info("stopped")


async def _serve_until(stop: asyncio.Event, bot: Usamimi, settings: Settings) -> None:
    assert settings.discord_token is not None
    token = settings.discord_token.get_secret_value()
    connection = asyncio.create_task(_connect(bot, token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if connection.done():
        await connection
        return
    log.info("stopping")
    await bot.gate.close(settings.stop_seconds)
    await _close(bot)
    connection.cancel()  # it may still wait between two tries to reach Discord
    await asyncio.gather(connection, return_exceptions=True)


async def _connect(bot: Usamimi, token: str) -> None:
    """Log in and serve; a gateway that is down is tried again until it is up."""
    await bot.login(token)
    while True:
        try:
            await bot.connect()
            return
        except AttributeError:
            # When the very first line fails, discord.py waits, and then stumbles over not having
            # had one. Whatever comes later it handles itself.
            if bot.ws is not None:
                raise


async def _close(bot: Usamimi) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await bot.close()
    except TimeoutError:
        log.warning("gateway_not_closed")


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
