"""Ask workers to listen and to draw; to the rest of the bot they look like models in this process.

Each call has a deadline, and one repeat where nobody answered or everybody was busy: both sides
compute the same from the same, so asking twice does no harm. Members then read that the bot is
busy; a song that nobody waits for waits until somebody answers. Calls block, on threads that wait
for nothing else.
"""

from __future__ import annotations

import asyncio
import http.client
import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import structlog

from bot.errors import BotError, StartError, TooBusyError, TooManyPortraitsError, WorkersAwayError
from bot.portraits.inference import Latents, Pictures
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
    pack,
    read_error,
    read_explanation,
    read_hearing,
    unpack,
)
from ml.avatar.latents import read_facts
from ml.avatar.traits import Explanation
from ml.music.hearing import Hearing
from ml.music.song_checkpoint import MusicModelFacts

log = structlog.stdlib.get_logger(__name__)

SONGS_AT_ONCE = 16  # of this process, at workers or on the way; replicas have queues of their own
PORTRAITS_AT_ONCE = 8
WAIT_SECONDS = 10.0  # for a turn at a worker, beside the time that decoding may take
DRAW_SECONDS = 30.0  # for one call; a morph is drawn in several
CONNECT_SECONDS = 5.0
ABOUT_SECONDS = 3.0  # less than the health page waits
REPEAT_SECONDS = 0.5  # before the repeat, and at most half as much again
BACKGROUND_SECONDS = (1.0, 30.0)  # between tries of songs that nobody waits for: at first, at most
BACKGROUND_TIMES = 2  # as long a deadline as others: they come after every song somebody waits for
PIECE = 2**20  # bytes read at once
SCHEMES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
BUSY = (TooBusyError, TooManyPortraitsError)


class WorkerFailedError(BotError):
    """A worker met an unexpected error; its log has more."""


class ModelNotThereError(BotError):
    """The worker does not have a server's model; send it along."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Where workers are, and the secret that they share with us.

    Attributes:
        url: without the path.
        secret: as in `USAMIMI_WORKERS_SECRET`.
        hear_seconds: a song's deadline.
    """

    url: str
    secret: str
    hear_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> Workers:
        """Read the settings, which have both."""
        url, secret = settings.workers_url, settings.workers_secret
        assert url is not None
        assert secret is not None  # as `Settings` demands
        seconds = settings.decoder_seconds + WAIT_SECONDS
        return cls(str(url).rstrip("/"), secret.get_secret_value(), seconds)

    def about(self, kind: str) -> str | None:
        """Return what the model of workers is called; `kind` is `hear` or `draw`.

        Raises:
            StartError: they do not answer, or not to us; the message says why.
        """
        try:
            model: str | None = self._once(f"/{kind}", None, ABOUT_SECONDS)["model"]
        except (BotError, MessageError, TypeError, KeyError) as error:
            raise StartError(f"{self.url}/{kind} does not answer: {error}") from error
        return model

    def ask(
        self, path: str, body: bytes, seconds: float, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Ask once, and once more where nobody answered or everybody was busy.

        Args:
            path: of the URL.
            body: what is sent.
            seconds: each try may take.
            headers: more of them.

        Raises:
            WorkersAwayError, TooBusyError, TooManyPortraitsError: twice.
            AudioError, PortraitError: as the worker raised it.
            ModelNotThereError: it has no such portrait model.
            WorkerFailedError: it met an unexpected error.
        """
        try:
            return self._once(path, body, seconds, headers)
        except (WorkersAwayError, *BUSY):
            # Not all at the same moment: others were refused, too.
            time.sleep(REPEAT_SECONDS * random.uniform(1.0, 1.5))  # noqa: S311 - not a secret
            return self._once(path, body, seconds, headers)

    def _once(
        self,
        path: str,
        body: bytes | None,
        seconds: float,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        try:
            status, answer = self._exchange(path, body, seconds, headers or {})
            if status == 200:
                return unpack(answer)
            if status in (422, 503) and answer:
                raise read_error(unpack(answer))
        except (OSError, http.client.HTTPException, MessageError) as error:
            log.warning("worker_away", path=path, error=f"{type(error).__name__}: {error}")
            raise WorkersAwayError(str(error)) from error
        if status == MODEL_NOT_HERE:
            raise ModelNotThereError
        if status == 500:
            raise WorkerFailedError(f"{self.url}{path}")
        reasons = {401: "another secret", OTHER_MODEL: "another model"}
        reason = reasons.get(status, f"status {status}")
        log.warning("worker_away", path=path, error=reason)
        raise WorkersAwayError(reason)

    def _exchange(
        self, path: str, body: bytes | None, seconds: float, more: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Send one request on a connection of its own, and read the answer, in `seconds`."""
        until = time.monotonic() + seconds
        parts = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=min(seconds, CONNECT_SECONDS))
        headers = {"Authorization": SCHEME + self.secret, SECONDS_HEADER: str(seconds), **more}
        try:
            connection.connect()
            line = connection.sock
            line.settimeout(_left(until))  # for all of what is sent
            method = "GET" if body is None else "POST"
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before it was read
                connection.request(method, parts.path + path, body, headers)
            line.settimeout(_left(until))
            response, answer = connection.getresponse(), bytearray()
            while piece := response.read(PIECE):
                answer += piece
                line.settimeout(_left(until))
            return response.status, bytes(answer)
        finally:
            connection.close()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no whole answer in time")
    return left


class RemoteSongs:
    """Has workers hear songs, as `SongInference` does here.

    Attributes:
        model: name and version of the music model, by the weights that lie here as well: songs
            heard by another one could not be compared.
        scale: how its vectors are compared.
    """

    def __init__(self, workers: Workers, facts: MusicModelFacts, executor: Executor) -> None:
        """Ask `workers` on the threads of `executor`."""
        self.model = facts.name
        self.scale = facts.scale
        self._workers = workers
        self._executor = executor

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Have one song heard.

        Raises:
            AudioError: the song cannot be heard, and why.
            WorkersAwayError, TooBusyError: nobody could hear it just now; never for background.
        """
        wait, most = BACKGROUND_SECONDS
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(
                    self._executor, self._hear, data, guild_id, background
                )
            except (WorkersAwayError, *BUSY):
                if not background:
                    raise
            await asyncio.sleep(wait)
            wait = min(2 * wait, most)

    async def answers(self) -> None:
        """Return once a worker has answered.

        Raises:
            StartError: none does.
        """
        await asyncio.to_thread(self._workers.about, "hear")

    def _hear(self, data: bytes, guild_id: int | None, background: bool) -> Hearing:
        headers = {MODEL_HEADER: self.model, LANE_HEADER: str(guild_id or 0)}
        seconds = self._workers.hear_seconds
        if background:
            headers[BACKGROUND_HEADER] = "1"
            seconds *= BACKGROUND_TIMES
        return read_hearing(self._workers.ask("/hear", data, seconds, headers))


class RemotePortraits:
    """A portrait model that draws at workers; see `ml.avatar.inference.PortraitModel`.

    Attributes:
        name: its name and version, by the file.
        options: by group what can be chosen about a portrait.
    """

    def __init__(self, workers: Workers, file: Path) -> None:
        """Read what the model is called; blocking.

        Raises:
            PortraitModelError: the file is missing, damaged, or not one of ours.
        """
        facts = read_facts(file)
        self.name = facts.name
        self.options: Mapping[str, tuple[str, ...]] = facts.options
        self._digest = facts.digest
        self._workers = workers
        self._file = file

    def latents(self, seeds: Sequence[int]) -> Latents:
        """Return the latents of seeds, (n, latent)."""
        return self._array("latents", list(seeds))

    def draw(self, latents: Latents) -> Pictures:
        """Draw portraits, (n, side, side, 3)."""
        return self._array("draw", latents)

    def encode(self, pictures: Pictures) -> Latents:
        """Return the latents of pictures (n, h, w, 3)."""
        return self._array("encode", pictures)

    def blend(self, a: Latents, b: Latents, shares: Sequence[float]) -> Latents:
        """Mix two latents (latent,): a share of 0 is `a`, 1 is `b`. (n, latent)."""
        return self._array("blend", a, b, list(shares))

    def vary(self, latent: Latents, seeds: Sequence[int], strength: float) -> Latents:
        """Vary a latent (latent,), once for each seed. (n, latent)."""
        return self._array("vary", latent, list(seeds), strength)

    def morph(self, a: Latents, b: Latents, frames: int) -> Latents:
        """Go from `a` to `b` in even steps. (frames, latent)."""
        return self._array("morph", a, b, frames)

    def choose(self, latent: Latents, seed: int, choices: Mapping[str, str]) -> Latents:
        """Return a latent (latent,) that shows what was chosen and is otherwise the same."""
        return self._array("choose", latent, seed, choices)

    def enlarge(self, picture: Pictures) -> Pictures:
        """Draw a portrait (side, side, 3) larger, (1024, 1024, 3)."""
        return self._array("enlarge", picture)

    def _array(self, method: str, *arguments: object) -> npt.NDArray[Any]:
        asked = {"model": self.name, "digest": self._digest, "arguments": arguments}
        try:
            answer = self._workers.ask(f"/draw/{method}", pack(asked), DRAW_SECONDS)
        except ModelNotThereError:  # of a server, and new to this worker
            asked["file"] = self._file.read_bytes()
            answer = self._workers.ask(f"/draw/{method}", pack(asked), DRAW_SECONDS)
        if not isinstance(answer, np.ndarray):
            raise WorkerFailedError(f"{method} returned no array")
        return answer


class RemoteExplainer:
    """Has workers compare portraits with the drawings of the shipped model."""

    def __init__(self, workers: Workers) -> None:
        """Ask `workers`."""
        self._workers = workers

    def explain(self, picture: Pictures) -> Explanation:
        """Return the drawings nearest to each part of a picture (side, side, 3)."""
        asked = {"arguments": [picture]}
        return read_explanation(self._workers.ask("/draw/explain", pack(asked), DRAW_SECONDS))
