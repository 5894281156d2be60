"""What goes wrong between the bot and Discord, one rule for each kind of request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.wire.responses import refusal, reply

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
VIA = {"Via": "1.1 google"}  # tells Discord's own 429 from Cloudflare's


@dataclass(slots=True)
class Rule:
    """Trouble for the next `times` requests whose "METHOD /path" matches."""

    pattern: str
    make: Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
    times: int
    met: int = 0


@dataclass(slots=True)
class Faults:
    """The rules in force; a request meets the first that fits."""

    rules: list[Rule] = field(default_factory=list)

    def status(self, pattern: str, status: int, *, times: int = 1, code: int = 0) -> Rule:
        """Answer with an error; `code` is Discord's own."""

        async def refuse(request: web.Request, _: Handler) -> web.StreamResponse:
            await request.read()
            return refusal(status, code)

        return self._add(pattern, refuse, times)

    def slow_down(
        self, pattern: str, seconds: float, *, everywhere: bool = False, times: int = 1
    ) -> Rule:
        """Answer 429, for this route or for all of them."""

        async def limit(request: web.Request, _: Handler) -> web.StreamResponse:
            await request.read()
            told = {"message": "slow down", "retry_after": seconds, "global": everywhere}
            headers = VIA | {"Retry-After": str(max(1, round(seconds)))}
            if everywhere:
                headers["X-RateLimit-Global"] = "true"
            return reply(told, status=429, headers=headers)

        return self._add(pattern, limit, times)

    def hang(self, pattern: str, *, times: int = 1) -> Rule:
        """Never answer."""

        async def wait(request: web.Request, _: Handler) -> web.StreamResponse:
            await request.read()
            await asyncio.sleep(3_600)
            raise AssertionError("nobody waits that long")

        return self._add(pattern, wait, times)

    def reset_upload(self, pattern: str, *, times: int = 1) -> Rule:
        """Break the connection while the request's body arrives."""

        async def reset(request: web.Request, _: Handler) -> web.StreamResponse:
            await request.content.read(1)
            return _broken(request)

        return self._add(pattern, reset, times)

    def lose_answer(self, pattern: str, *, times: int = 1) -> Rule:
        """Do what is asked, then break the connection before the answer."""

        async def lose(request: web.Request, handle: Handler) -> web.StreamResponse:
            await handle(request)
            return _broken(request)

        return self._add(pattern, lose, times)

    def before(self, pattern: str, event: Callable[[], Awaitable[None]]) -> Rule:
        """Have something happen just before a request is handled."""

        async def interfere(request: web.Request, handle: Handler) -> web.StreamResponse:
            await event()
            return await handle(request)

        return self._add(pattern, interfere, 1)

    def clear(self) -> None:
        """Be done with all trouble."""
        self.rules.clear()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Stand between the bot and Discord's own answer."""
        words = f"{request.method} {request.path}"
        for rule in self.rules:
            if rule.met < rule.times and re.search(rule.pattern, words):
                rule.met += 1
                return await rule.make(request, handler)
        return await handler(request)

    def _add(
        self,
        pattern: str,
        make: Callable[[web.Request, Handler], Awaitable[web.StreamResponse]],
        times: int,
    ) -> Rule:
        self.rules.append(Rule(pattern, make, times))
        return self.rules[-1]


def _broken(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # reaches nobody
