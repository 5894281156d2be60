"""Check health: model, database, event-loop lag; serve the health page."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from aiohttp import web

from bot.errors import StartError
from storage.database import Database

TICK_SECONDS = 0.02
WINDOW_SECONDS = 60.0


class LoopLag:
    """Measures the loop it runs on, over the last minute.

    A tick that comes late by several ticks counts for each of them, lateness growing less: so
    quantiles are those of an event that comes at any moment, not of the ticks that got through.
    """

    def __init__(self) -> None:
        """Start without measurements."""
        self._late: deque[float] = deque(maxlen=int(WINDOW_SECONDS / TICK_SECONDS))
        self.worst_seconds = 0.0  # since the start

    @asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """Measure while the block runs."""
        ticking = asyncio.create_task(self._tick(), name="loop lag")
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking

    def quantile(self, share: float) -> float:
        """Return the lag's quantile `share` (0 to 1) of the last minute, in seconds; 0 at first."""
        late = sorted(self._late)
        return late[min(len(late) - 1, int(share * len(late)))] if late else 0.0

    def note(self, seconds: float) -> None:
        """Record that a tick came `seconds` late."""
        self.worst_seconds = max(self.worst_seconds, seconds)
        self._late.append(seconds)
        while seconds > TICK_SECONDS:
            seconds -= TICK_SECONDS
            self._late.append(seconds)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self.note(max(0.0, loop.time() - due))


CHECK_SECONDS = 4.0  # less than whoever asks for the health page waits


class Responds(Protocol):
    """Something whose thread may hang."""

    async def answers(self) -> None:
        """Return once the thread has run something."""


class HealthChecks:
    """Checks database and model on request."""

    def __init__(self, database: Database, music_model: Responds) -> None:
        """Check this database and this model."""
        self._database = database
        self._music_model = music_model

    async def run(self) -> Mapping[str, bool]:
        """Return each part's health; no answer in `CHECK_SECONDS` counts as unhealthy."""
        model, database = await asyncio.gather(
            _succeeds(self._music_model.answers()), database_health(self._database)
        )
        return {"model": model, **database}


async def database_health(database: Database) -> Mapping[str, bool]:
    """Return the health of the database alone."""
    return {"database": await _succeeds(database.prove_writable())}


async def _succeeds(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # read below
    await asyncio.wait({task}, timeout=CHECK_SECONDS)
    return task.done() and task.exception() is None


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
    *,
    any_port: bool = False,
) -> AsyncIterator[int]:
    """Serve `checks` as JSON: 200 while all are true, 503 otherwise. Port 0 picks a free one.

    Answering at all shows that the event loop is alive. Yields the port.

    Args:
        host: address to bind.
        port: of that address.
        checks: each part's health.
        figures: Prometheus metrics, served beside it.
        any_port: take another free port where this one is taken.

    Raises:
        StartError: the port cannot be used.
    """
    runner = web.AppRunner(_pages(checks, figures), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            if not any_port:
                raise StartError(
                    f"USAMIMI_HEALTH_PORT {port}: {error.strerror}; set another, or 0 for any"
                ) from error
            await web.TCPSite(runner, host, 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _pages(
    checks: Callable[[], Awaitable[Mapping[str, bool]]], figures: Callable[[], bytes] | None
) -> web.Application:
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
    return app


def ask_health(host: str, port: int, seconds: float = ASK_SECONDS) -> tuple[bool, str]:
    """Ask a running bot for its health: (healthy, answer)."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        return response.status == 200, json.dumps(json.loads(response.read()))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return False, f"no answer from {host}:{port}: {error}"
    finally:
        connection.close()
