"""Fetching from a server on this machine that is not to be trusted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest
from aiohttp import web

from bot.discord.attachments import bounded_downloads
from bot.errors import MoreThanAnnouncedError


@asynccontextmanager
async def serving(handler: web.RequestHandler | object) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/file", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/file"
    finally:
        await runner.cleanup()


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(1_000))


async def test_a_whole_file_arrives() -> None:
    async def file(_: web.Request) -> web.Response:
        return web.Response(body=b"song" * 1_000)

    async with serving(file) as link, bounded_downloads(4_000, 5) as download:
        assert await download(link) == b"song" * 1_000


async def test_a_file_without_end_is_dropped_at_the_limit() -> None:
    async with serving(endless) as link, bounded_downloads(5_000, 5) as download:
        with pytest.raises(MoreThanAnnouncedError) as caught:
            await download(link)
    assert caught.value.limit_bytes == 5_000


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise AssertionError

    async with serving(slow) as link, bounded_downloads(5_000, 0.2) as download:
        with pytest.raises(TimeoutError):
            await download(link)


async def test_a_file_that_breaks_off_is_an_error_and_not_a_shorter_file() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 5_000
        await response.prepare(request)
        await response.write(bytes(1_000))
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(cut) as link, bounded_downloads(9_000, 5) as download:
        with pytest.raises(aiohttp.ClientError):
            await download(link)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, discord.NotFound), (403, discord.Forbidden), (500, discord.HTTPException)],
)
async def test_a_refusal_is_discord_py_s_own_error(
    status: int, error: type[discord.HTTPException]
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    async with serving(refuse) as link, bounded_downloads(9_000, 5) as download:
        with pytest.raises(error):
            await download(link)
