"""A small page on this machine that says whether the bot is well."""

from __future__ import annotations

import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import StartError

PATH = "/health"
METRICS_PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # of Prometheus
ASK_SECONDS = 8.0


@asynccontextmanager
async def health_page(
    host: str,
    port: int,
    checks: Callable[[], Awaitable[Mapping[str, bool]]],
    figures: Callable[[], bytes] | None = None,
) -> AsyncIterator[int]:
    """Serve `checks` as JSON: 200 while all are true, 503 otherwise. Port 0 picks a free one.

    Answering at all shows that the event loop is alive. `figures`, if there are any, are served
    for Prometheus. Yields the port.

    Raises:
        StartError: the port cannot be used.
    """

    async def answer(_: web.Request) -> web.Response:
        found = await checks()
        return web.json_response(dict(found), status=200 if all(found.values()) else 503)

    async def measure(_: web.Request) -> web.Response:
        body = figures() if figures else b""
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get(PATH, answer)
    if figures:
        app.router.add_get(METRICS_PATH, measure)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise StartError(f"USAMIMI_HEALTH_PORT {port}: {error.strerror}") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def ask_health(host: str, port: int, seconds: float = ASK_SECONDS) -> tuple[bool, str]:
    """Ask a running bot how it is: whether it is well, and what it said."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        return response.status == 200, json.dumps(json.loads(response.read()))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return False, f"no answer from {host}:{port}: {error}"
    finally:
        connection.close()
