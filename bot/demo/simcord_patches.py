"""Patch simcord where members would notice a difference to Discord.

All are listeners of simcord's events. Listeners hear one payload in turn, the bot's last here,
so what they put right is right for the bot; they end with the `Env`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from hashlib import md5
from typing import Any
from weakref import WeakKeyDictionary

import discord
from simcord import Env
from simcord.http import router
from simcord.http.routes.guilds import edit_guild

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
