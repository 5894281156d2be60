"""Run the bot in a simulated Discord, with a page that shows it."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import simcord
from simcord.preview._media import MediaInfo, MediaWorker

from bot.demo.server import build_demo_server
from bot.discord.client import Usamimi
from bot.errors import StartError
from bot.settings import variable_of

MAX_CACHED = 64  # songs and pictures, about half a megabyte each


class CachedMediaWorker(MediaWorker):
    """simcord's media worker with a cache of results."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: OrderedDict[tuple[str, float | None], MediaInfo] = OrderedDict()

    async def validate(
        self, key: str, blob: bytes, *, media_time: float | None = None
    ) -> MediaInfo:
        """Return the checked file; `key` is its digest, so equal keys mean equal bytes."""
        info = self._kept.get((key, media_time))
        if info is None:
            info = await super().validate(key, blob, media_time=media_time)
            self._kept[key, media_time] = info
            if len(self._kept) > MAX_CACHED:
                self._kept.popitem(last=False)
        return info


# How long simcord waits for the bot after a click or a command. Hearing a song takes a second;
# on a busy machine, with others waiting, up to a minute.
ANSWER_SECONDS = 180.0


@asynccontextmanager
async def open_page(bot: Usamimi, port: int) -> AsyncIterator[simcord.Preview]:
    """Connect the bot to a Discord inside this process and serve a page of its demo server.

    Args:
        bot: not yet connected.
        port: of this machine, 127.0.0.1 only; 0 picks a free one.

    Raises:
        StartError: the port is taken, or a part of simcord is not installed.
    """
    # Without privileged intents, as on Discord. What goes wrong in the bot is in its own log.
    discord = simcord.run(
        bot, approved_intents=bot.intents, settle_timeout=ANSWER_SECONDS, check_errors=False
    )
    async with discord as env:
        server = await build_demo_server(env)
        page = env.preview(
            server.music,
            viewers=tuple(server.members.values()),
            layout="channel",
            assets=server.pictures,
            port=port,
        )
        page._media_worker = CachedMediaWorker()
        await _enter(page, port)
        try:
            yield page
        finally:
            await page.close()


async def _enter(page: simcord.Preview, port: int) -> None:
    try:
        await page.__aenter__()
    except simcord.SetupError as error:
        if isinstance(error.__cause__, OSError):
            name, problem = variable_of("page_port"), os.strerror(error.__cause__.errno or 0)
            raise StartError(f"{name} {port}: {problem}; set another, or 0 for any") from error
        raise StartError(str(error)) from error
