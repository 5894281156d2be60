"""Members' files from Discord's file server: no more bytes and no more time than one is worth."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord

from bot.errors import MoreThanAnnounced

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 15.0  # without a byte


@asynccontextmanager
async def bounded_downloads(
    max_bytes: int, seconds: float
) -> AsyncIterator[Callable[[str], Coroutine[Any, Any, bytes]]]:
    """Open what can stand in for discord.py's own download, which has no bounds.

    What Discord announces of a file is checked before; this holds when the file is another.

    Args:
        max_bytes: a file that goes on after these is dropped.
        seconds: for the whole file.

    Yields:
        A function from a link to the file's bytes. It raises `discord.NotFound`,
        `discord.Forbidden` and `discord.HTTPException` as discord.py does, `TimeoutError`,
        `aiohttp.ClientError` for a broken connection, and `MoreThanAnnounced`.
    """
    timeout = aiohttp.ClientTimeout(
        total=seconds, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
    )
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=cookies) as session:

        async def read(url: str) -> bytes:
            async with session.get(url) as response:
                _require_success(response)
                return await _read(response, max_bytes)

        yield read


def _require_success(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    refused = {404: discord.NotFound, 403: discord.Forbidden}
    raise refused.get(response.status, discord.HTTPException)(response, "no such file")


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > max_bytes:
            raise MoreThanAnnounced(max_bytes)
        pieces.append(piece)
    return b"".join(pieces)
