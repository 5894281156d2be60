"""Run the bot in a simulated Discord, patched where members would notice."""

from __future__ import annotations

import base64
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import md5
from typing import Any
from weakref import WeakKeyDictionary

import discord
import simcord
from simcord import Env
from simcord.http import router
from simcord.http.routes.guilds import edit_guild
from simcord.preview._media import MediaInfo, MediaWorker

from bot.demo.server import build_demo_server
from bot.discord.client import Usamimi
from bot.errors import StartError
from bot.settings import variable_of

_icons: WeakKeyDictionary[Any, dict[int, str]] = WeakKeyDictionary()  # of a backend, by server


def send_own_locales(env: Env, locales: Mapping[int, str]) -> None:
    """Send each member's interactions with that member's locale; simcord knows only en-US.

    Args:
        env: a started environment.
        locales: Discord locale, such as `ja`, by user id.
    """

    def put_locale(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event == "INTERACTION_CREATE":
            user = payload["member"]["user"] if "member" in payload else payload["user"]
            payload["locale"] = locales.get(int(user["id"]), payload["locale"])

    env.backend.subscribers.insert(0, put_locale)


def forget_deleted_answers(env: Env) -> None:
    """Let an interaction whose answer was deleted lead to its next message, not to nowhere."""

    def forget(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event == "MESSAGE_DELETE":
            for interaction in env.backend.interactions.values():
                if interaction.message_id == int(payload["id"]):
                    interaction.message_id = None

    env.backend.subscribers.insert(0, forget)


def let_servers_have_icons(env: Env) -> None:
    """Let the bot set the icons of servers and read them again; simcord has none."""
    icons = _icons.setdefault(env.backend, {})

    def put_icon(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event in ("GUILD_CREATE", "GUILD_UPDATE"):
            payload["icon"] = icons.get(int(payload["id"]))

    env.backend.subscribers.insert(0, put_icon)
    route = (["guilds", "{guild_id}"], _edit_guild)
    if route not in router._ROUTES["PATCH"]:
        router._ROUTES["PATCH"].insert(0, route)


def set_icon(env: Env, guild_id: int, picture: bytes | None) -> None:
    """Set a server's icon, as its owner would."""
    _store_icon(env.backend, guild_id, picture)
    env.backend.edit_guild(guild_id, {})


def _edit_guild(context: router.RequestContext) -> Any:  # Any: Discord's JSON
    """Edit a guild as simcord does, and its icon."""
    body = dict(context.json or {})
    if context.backend not in _icons or "icon" not in body:
        return edit_guild(context)
    guild_id = context.int_arg("guild_id")
    context.require_guild_permissions(guild_id, "manage_guild")
    sent = body.pop("icon")
    picture = None if sent is None else base64.b64decode(sent.split(",", 1)[1])
    _store_icon(context.backend, guild_id, picture)
    answer = edit_guild(replace(context, json=body))
    return {**answer, "icon": _icons[context.backend].get(guild_id)}


def _store_icon(backend: Any, guild_id: int, picture: bytes | None) -> None:
    icons = _icons[backend]
    icons.pop(guild_id, None)
    if picture is not None:
        icons[guild_id] = name = md5(picture, usedforsecurity=False).hexdigest()
        address = f"{discord.Asset.BASE}/icons/{guild_id}/{name}.png?size=1024"
        backend.cdn._blobs[address] = picture


MOST_KEPT = 64  # songs and pictures, about half a megabyte each


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
            if len(self._kept) > MOST_KEPT:
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
