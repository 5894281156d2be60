"""Interactions under way: reference, language, answer, error report.

`RequestGate` admits every interaction and hands cogs a `Request`, or a `GuildRequest` for what
only servers can ask. Whatever goes wrong while one is handled is reported to its user, privately.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

import aiohttp
import discord
import structlog
from discord.ui import View
from discord.utils import MISSING

from bot.errors import StoppingError, TooOftenError
from bot.i18n import Translator, translator_for
from bot.i18n.error_messages import error_message
from bot.listening.admission import FairQueue, RateLimits
from bot.logging import new_reference
from bot.metrics import Metrics
from storage.errors import StorageError

log = structlog.stdlib.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

CONCURRENT_DRAWINGS = 1  # more get in each other's way: Python draws one at a time
PLACEHOLDER = "🐇"
SEND_SECONDS = 45.0  # for one message; discord.py itself tries five times in 25 s
SEND_TRIES = 3
REPORT_SECONDS = 5.0  # to report to those whose request is cut off that the bot stops


class Request:
    """One interaction under way.

    Attributes:
        interaction: the interaction.
        tr: the words of its user's language.
        command: the name of its command, or of its kind where it has none.
        reference: the code under which the log has it.
        outcome: `answered`, `declined`, `failed` or `stopped`, for the metrics.
        message_id: the id of the answer, known from `defer` on.
    """

    def __init__(
        self,
        interaction: discord.Interaction,
        metrics: Metrics | None = None,
        drawing: FairQueue | None = None,
    ) -> None:
        """Begin; `metrics` count it, and `drawing` is the queue for pictures."""
        self._drawing = drawing or FairQueue(CONCURRENT_DRAWINGS)
        self.interaction = interaction
        command = interaction.command
        self.command = command.qualified_name if command else interaction.type.name
        self.reference = new_reference()
        self.outcome = "answered"
        self._metrics = metrics
        self._arrived = time.perf_counter()
        self.tr: Translator = translator_for(interaction.locale.value)
        self.message_id: int | None = None
        self._private = False
        self._thinking = False

    async def defer(self, *, private: bool) -> None:
        """Acknowledge at once: Discord waits three seconds, songs may take longer."""
        self._private = private
        self._thinking = True
        async with asyncio.timeout(SEND_SECONDS):
            deferred = await self.interaction.response.defer(thinking=True, ephemeral=private)
        self.message_id = deferred.message_id if deferred else None
        self._note_acknowledged()

    async def defer_in_place(self) -> None:
        """Acknowledge a button whose answer takes the place of the message it is on."""
        async with asyncio.timeout(SEND_SECONDS):
            await self.interaction.response.defer()
        self._note_acknowledged()

    async def answer(
        self, embed: discord.Embed, file: discord.File | None = None, view: View | None = None
    ) -> None:
        """Send an answer, in the privacy that `defer` chose.

        The first takes the place of "thinking…". Putting it there twice is as good as once, so
        it is tried again where it is not known whether it arrived.
        """
        if self._thinking:
            await self._put(embed, file, view or MISSING)
            self._thinking = False
            return
        async with asyncio.timeout(SEND_SECONDS):
            await self.interaction.followup.send(
                embed=embed, file=file or MISSING, view=view or MISSING, ephemeral=self._private
            )

    async def answer_in_place(
        self, embed: discord.Embed, file: discord.File | None = None, view: View | None = None
    ) -> None:
        """Put an answer where the message is that `defer_in_place` acknowledged."""
        await self._put(embed, file, view)

    async def _put(
        self, embed: discord.Embed, file: discord.File | None, view: View | None
    ) -> None:
        for left in reversed(range(SEND_TRIES)):
            if file:
                file.reset()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self.interaction.edit_original_response(
                        embed=embed, attachments=[file] if file else [], view=view
                    )
                return
            except (aiohttp.ClientConnectionError, ConnectionError, TimeoutError) as error:
                if not left:
                    raise
                log.warning("answer_not_arrived", reason=type(error).__name__)

    async def send_ephemeral(self, text: str) -> None:
        """Send a text to the user alone, whatever state the interaction is in."""
        async with asyncio.timeout(SEND_SECONDS):
            await self._send_ephemeral(text)

    async def _send_ephemeral(self, text: str) -> None:
        response = self.interaction.response
        if not response.is_done():
            await response.send_message(text, ephemeral=True)
            self._note_acknowledged()
            return
        thinking_aloud = self._thinking and not self._private
        if thinking_aloud:
            # What follows a public "thinking…" takes its place and is public too, so the place
            # is filled, the text follows, and the filling is deleted.
            await self.interaction.edit_original_response(content=PLACEHOLDER)
        await self.interaction.followup.send(text, ephemeral=True)
        self._thinking = False
        if thinking_aloud:
            await self.interaction.delete_original_response()

    async def send_cards(self, embeds: Sequence[discord.Embed], view: View) -> None:
        """Answer privately and at once, with several embeds; nothing was deferred."""
        async with asyncio.timeout(SEND_SECONDS):
            await self.interaction.response.send_message(
                embeds=list(embeds), view=view, ephemeral=True
            )
        self._note_acknowledged()

    async def draw(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a picture in a thread; servers take turns.

        Drawing is Python's own work, of which a process does one thing at a time: without turns,
        one member would wait for all the pictures of another server's flood.
        """
        async with self._drawing.turn(self.interaction.guild_id):
            return await asyncio.to_thread(make, *args, **kwargs)

    @asynccontextmanager
    async def report_errors(self) -> AsyncIterator[None]:
        """Report to the user, privately, any error inside; it goes no further."""
        try:
            yield
        except Exception as error:
            await self.report_error(error)

    async def report_error(self, error: Exception) -> None:
        """Send the words for an error; log an unexpected one under the reference they name."""
        text = error_message(error, self.tr)
        self.outcome = "failed" if text is None else "declined"
        if text is None:
            log.error("request_failed", exc_info=error)
            text = self.tr("error-unexpected", reference=self.reference)
        elif isinstance(error, StorageError):  # known, but for the host to repair
            self.outcome = "failed"
            log.error("storage_failed", exc_info=error)
        else:
            log.info("request_declined", reason=type(error).__name__, facts=str(error))
        try:
            await self.send_ephemeral(text)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            # The user, the channel or the interaction's token is gone: nobody is left to answer.
            log.warning("error_not_reported", exc_info=True)

    def _note_acknowledged(self) -> None:
        if self._metrics:
            self._metrics.acknowledged.observe(time.perf_counter() - self._arrived)


class GuildRequest(Request):
    """An interaction of a server's member, whose ids are therefore known.

    Attributes:
        guild_id: the server.
        channel_id: the channel or thread.
        member: who asks.
    """

    def __init__(
        self,
        interaction: discord.Interaction,
        metrics: Metrics | None = None,
        drawing: FairQueue | None = None,
    ) -> None:
        """Begin.

        Raises:
            TypeError: the interaction is not a server's. Discord sends none to commands, and to
                buttons of their answers, that are declared for servers only.
        """
        super().__init__(interaction, metrics, drawing)
        if interaction.guild_id is None or interaction.channel_id is None:
            raise TypeError("not an interaction of a server")
        self.guild_id: int = interaction.guild_id
        self.channel_id: int = interaction.channel_id
        self.member = interaction.user


class RequestGate:
    """Admits interactions, and lists those under way so that stopping can wait for them."""

    def __init__(self, limits: RateLimits | None = None, metrics: Metrics | None = None) -> None:
        """Hold members and servers to `limits`, and count requests in `metrics`."""
        self._limits = limits or RateLimits()
        self._metrics = metrics or Metrics()
        self._drawing = FairQueue(CONCURRENT_DRAWINGS)
        self._inside: set[asyncio.Task[object]] = set()
        self._stopping = False

    async def admit(self, interaction: discord.Interaction) -> bool:
        """Return whether a new request may come in; if not, its user has been answered."""
        if interaction.type is discord.InteractionType.autocomplete:
            return not self._stopping
        try:
            if self._stopping:
                raise StoppingError
            self._limits.admit(interaction.user.id, interaction.guild_id)
        except (StoppingError, TooOftenError) as error:
            request = Request(interaction, self._metrics)
            await request.report_error(error)
            self._metrics.count(request.command, request.outcome, 0.0)
            return False
        return True

    @asynccontextmanager
    async def handle(self, interaction: discord.Interaction) -> AsyncIterator[Request]:
        """Handle one interaction; no error inside leaves the block.

        The request is a `GuildRequest` where the interaction is a server's.
        """
        kind = Request if interaction.guild_id is None else GuildRequest
        request = kind(interaction, self._metrics, self._drawing)
        task = asyncio.current_task()
        assert task is not None  # discord.py runs every interaction in a task of its own
        self._inside.add(task)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(
            request=request.reference,
            command=request.command,
            guild=interaction.guild_id,
        ):
            try:
                async with request.report_errors():
                    yield request
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                await request.report_error(StoppingError())
                request.outcome = "stopped"
            finally:
                self._inside.discard(task)
                seconds = time.perf_counter() - started
                self._metrics.count(request.command, request.outcome, seconds)
                log.info("request_handled", outcome=request.outcome, seconds=round(seconds, 3))

    @asynccontextmanager
    async def handle_guild(self, interaction: discord.Interaction) -> AsyncIterator[GuildRequest]:
        """Handle one interaction that only a server's members can send, as `handle` does."""
        async with self.handle(interaction) as request:
            if not isinstance(request, GuildRequest):
                raise TypeError("not an interaction of a server")
            yield request

    @property
    def inside(self) -> int:
        """The number of requests under way."""
        return len(self._inside)

    async def close(self, within_seconds: float) -> None:
        """Admit no more requests; let those inside finish in time, and report to the rest."""
        self._stopping = True
        if not self._inside:
            return
        log.info("finishing_requests", count=len(self._inside))
        _, late = await asyncio.wait(self._inside, timeout=within_seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=REPORT_SECONDS)
