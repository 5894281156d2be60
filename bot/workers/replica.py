"""One worker: listening and drawing as in one process, whole, behind a secret.

`Replica.answer` knows nothing of a web framework. `serve_plain` has aiohttp call it, without Ray;
`bot.workers.serving` has Ray Serve call it.

| asked | body | answered |
| --- | --- | --- |
| `GET /hear`, `GET /draw` | | what the model is called, once it can answer |
| `POST /hear` | a song's file | its hearing |
| `POST /draw/METHOD` | a message: arguments, and which model | what the method returned |

Each request says in headers who asks (`Authorization`) and how long it waits (`Usamimi-Seconds`);
one with a song also for which model, for which server and whether somebody waits
(`Usamimi-Model`, `Usamimi-Lane`, `Usamimi-Background`).

200 comes with the value, 422 with an error of a song or portrait, 503 with `too_busy` or
`too_many_portraits`. Others come without a message: 400 what is no message, 401 a wrong secret,
404 no such path, 409 another model, 410 a server's model that is not here (send its file along),
413 too many bytes, 500 an unexpected error, which is in this log, 504 too late.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.concurrency import Executors, open_executors
from bot.engines import (
    MEGABYTE,
    explainer,
    load_listening,
    load_portrait_model,
    load_server_portraits,
    open_sandbox,
)
from bot.errors import BotError, CannotExplainError, StartError, TooManyPortraitsError
from bot.listening.service import ListeningService
from bot.portraits.inference import DrawsPortraits
from bot.portraits.service import Explains
from bot.settings import Settings
from bot.workers.wire import (
    BACKGROUND_HEADER,
    LANE_HEADER,
    MODEL_HEADER,
    MODEL_NOT_HERE,
    OTHER_MODEL,
    SCHEME,
    SECONDS_HEADER,
    MessageError,
    error_facts,
    pack,
    unpack,
)

log = structlog.stdlib.get_logger(__name__)

LONGEST_SECONDS = 600.0  # that anybody may let a worker work on one thing
MODEL_BYTES = 256 * MEGABYTE  # of a server's portrait model that is sent along
MODELS_KEPT = 2  # of servers, those that came last
KEPT_SECONDS = 600.0  # then a server's model goes: it may have been deleted there
METHODS = frozenset({"latents", "draw", "encode", "blend", "vary", "morph", "choose", "enlarge"})

Answer = tuple[int, bytes]
Read = Callable[[], Awaitable[bytes]]


@dataclass(eq=False)
class RefusedError(BotError):
    """The request cannot be answered; `status` is HTTP's, as listed above."""

    status: int


class SongEndpoint:
    """Hears what is sent, in turns between servers."""

    def __init__(self, listening: ListeningService) -> None:
        """Wrap the service that listens."""
        self._listening = listening
        self.most_bytes = listening.max_bytes

    async def about(self) -> object:
        """Return what the model is called, once it has had a moment."""
        await self._listening.answers()
        return {"model": self._listening.model}

    async def answer(self, headers: Mapping[str, str], read: Read) -> object:
        """Hear one song.

        Args:
            headers: of the request.
            read: returns the file.
        """
        if headers.get(MODEL_HEADER) != self._listening.model:
            raise RefusedError(OTHER_MODEL)
        self._listening.check_size(int(headers.get("Content-Length", 0)))
        lane, background = int(headers.get(LANE_HEADER, 0)), BACKGROUND_HEADER in headers
        async with self._listening.admission.slot(lane, background=background):
            return await self._listening.hear(await read(), lane, background=background)


class PortraitEndpoint:
    """Draws with the shipped model, and with those of servers that were sent along."""

    def __init__(
        self,
        shipped: DrawsPortraits | None,
        load: Callable[[Path], DrawsPortraits],
        explains: Callable[[], Explains] | None,
        executors: Executors,
        *,
        slots: int,
    ) -> None:
        """Join the parts.

        Args:
            shipped: the model of servers that trained none; None: none is installed.
            load: opens a file.
            explains: loads the drawings that portraits are compared with; None: not installed.
            executors: run torch.
            slots: requests in flight at once.
        """
        self._shipped = shipped
        self._load = load
        self._load_explainer = explains
        self._explains: Explains | None = None
        self._torch = executors.torch
        self._slots, self._in_flight = slots, 0
        self._models: OrderedDict[str, DrawsPortraits] = OrderedDict()  # by digest
        self.most_bytes = MODEL_BYTES

    async def about(self) -> object:
        """Return what the model is called, once torch has had a moment."""
        await asyncio.get_running_loop().run_in_executor(self._torch, int)
        return {"model": self._shipped.name if self._shipped else None}

    async def answer(self, method: str, read: Read) -> object:
        """Call a method of a model; see `DrawsPortraits`."""
        if self._in_flight >= self._slots:
            raise TooManyPortraitsError(self._in_flight)
        self._in_flight += 1
        try:
            asked = unpack(await read())
            run = asyncio.get_running_loop().run_in_executor
            return await run(self._torch, self._call, method, asked)
        finally:
            self._in_flight -= 1

    def _call(self, method: str, asked: dict[str, Any]) -> object:
        """Find the model and call it, on the thread of torch."""
        if method == "explain":
            if self._explains is None:
                if self._load_explainer is None:
                    raise CannotExplainError
                self._explains = self._load_explainer()
            return self._explains.explain(*asked["arguments"])
        if method not in METHODS:
            raise RefusedError(404)
        model = self._model(asked["model"], asked["digest"], asked.get("file"))
        return getattr(model, method)(*asked["arguments"])

    def _model(self, name: str, digest: str, file: Any) -> DrawsPortraits:
        if self._shipped is not None and self._shipped.name == name:
            return self._shipped
        model = self._models.get(digest)
        if model is None:
            if file is None:
                raise RefusedError(MODEL_NOT_HERE)
            model = self._models[digest] = _opened(file.tobytes(), digest, self._load)
            while len(self._models) > MODELS_KEPT:
                self._models.popitem(last=False)
            ending = threading.Timer(KEPT_SECONDS, self._models.pop, (digest, None))
            ending.daemon = True
            ending.start()
        return model


def _opened(content: bytes, digest: str, load: Callable[[Path], DrawsPortraits]) -> DrawsPortraits:
    """Open a model that was sent along; it touches no disk."""
    if sha256(content).hexdigest() != digest:
        raise RefusedError(MODEL_NOT_HERE)
    with os.fdopen(os.memfd_create("portraits"), "wb") as file:
        file.write(content)
        file.flush()
        return load(Path(f"/proc/self/fd/{file.fileno()}"))


class Replica:
    """Answers requests, whichever web framework they come by."""

    def __init__(
        self, secret: str, songs: SongEndpoint | None, portraits: PortraitEndpoint | None
    ) -> None:
        """Answer those who know `secret`; None: this worker does not listen, or not draw."""
        self._authorization = f"{SCHEME}{secret}".encode()
        self._songs = songs
        self._portraits = portraits

    async def answer(
        self,
        path: str,
        headers: Mapping[str, str],
        read: Callable[[int], Awaitable[bytes]] | None,
    ) -> Answer:
        """Return status and body.

        Args:
            path: such as `/hear` or `/draw/morph`.
            headers: by name, whose case must not matter.
            read: returns the body, refused above so many bytes; called only for those who know
                the secret. None: a GET.
        """
        given = headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            return 401, b""
        try:
            seconds = float(headers.get(SECONDS_HEADER, LONGEST_SECONDS))
            async with asyncio.timeout(min(seconds, LONGEST_SECONDS)):
                return 200, pack(await self._work(path.strip("/"), headers, read))
        except TimeoutError:  # whoever asked is no longer there
            return 504, b""
        except Exception as error:
            return _refusal(error, path)

    async def _work(
        self,
        path: str,
        headers: Mapping[str, str],
        read: Callable[[int], Awaitable[bytes]] | None,
    ) -> object:
        kind, _, method = path.partition("/")
        if kind == "hear" and self._songs is not None:
            songs = self._songs
            if read is None:
                return await songs.about()
            if not method:
                return await songs.answer(headers, lambda: read(songs.most_bytes))
        if kind == "draw" and self._portraits is not None:
            portraits = self._portraits
            if read is None:
                return await portraits.about()
            return await portraits.answer(method, lambda: read(portraits.most_bytes))
        raise RefusedError(404)


# Ray asks for its token at all its ports and reports nothing home; it reads this when imported.
RAY_ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # else 15: on a machine with others, members would wait for them
}
BUSY = frozenset({"too_busy", "too_many_portraits"})


def _refusal(error: Exception, path: str) -> Answer:
    facts = error_facts(error)
    if facts is not None:
        return 503 if facts["code"] in BUSY else 422, pack(facts)
    if isinstance(error, RefusedError):
        return error.status, b""
    if isinstance(error, MessageError):
        return 400, b""
    log.exception("worker_failed", path=path)
    return 500, b""


def shared_secret(settings: Settings) -> str:
    """Return what whoever asks workers must know.

    Raises:
        StartError: it is not set.
    """
    if settings.workers_secret is None:
        raise StartError("USAMIMI_WORKERS_SECRET is not set: workers answer nobody without it")
    return settings.workers_secret.get_secret_value()


@contextmanager
def open_replica(settings: Settings, *, listens: bool, draws: bool) -> Iterator[Replica]:
    """Load the models of one worker; its children end with the block.

    Raises:
        StartError: a model cannot be used, or no secret is set.
    """
    secret = shared_secret(settings)
    # Here is where songs are heard, whatever processes on Discord are told.
    settings = settings.model_copy(update={"workers_url": None})
    with (
        open_executors(settings.decoder_workers) as executors,
        open_sandbox(settings) as sandbox,
    ):
        songs = SongEndpoint(load_listening(settings, executors, sandbox)) if listens else None
        portraits = None
        if draws:
            portraits = PortraitEndpoint(
                executors.torch.submit(load_portrait_model, settings).result(),
                load_server_portraits(settings),
                explainer(settings),
                executors,
                slots=settings.waiting_portraits,
            )
        yield Replica(secret, songs, portraits)


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Serve workers until told to stop; return the exit status."""
    if arguments.plain:
        with open_replica(settings, listens=True, draws=True) as replica:
            asyncio.run(_serve_until_stopped(replica, settings))
        return 0
    os.environ.update(RAY_ENVIRONMENT)
    try:
        from bot.workers.serving import serve_on_ray
    except ModuleNotFoundError as error:
        raise StartError(
            f"{error.name} is not installed; pip install 'usamimi[workers]', or add --plain"
        ) from error
    return serve_on_ray(settings)


async def _serve_until_stopped(replica: Replica, settings: Settings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    runner = await serve_plain(replica, settings.workers_host, settings.workers_port)
    log.info("worker_ready", host=settings.workers_host, port=runner.addresses[0][1])
    await stop.wait()
    await runner.cleanup()


async def serve_plain(replica: Replica, host: str, port: int) -> web.AppRunner:
    """Answer on a port, without Ray; clean the runner up to end it. Port 0 picks a free one.

    Raises:
        StartError: the port cannot be used.
    """

    async def answer(request: web.Request) -> web.Response:
        async def read(most_bytes: int) -> bytes:
            body = bytearray()
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > most_bytes:
                    raise RefusedError(413)
            return bytes(body)

        reads = read if request.method == "POST" else None
        status, body = await replica.answer(request.path, request.headers, reads)
        return web.Response(status=status, body=body, content_type="application/octet-stream")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    # Whoever hangs up is no longer waiting: what was not begun is not begun.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise StartError(f"USAMIMI_WORKERS_PORT {port}: {error.strerror}") from error
    return runner
