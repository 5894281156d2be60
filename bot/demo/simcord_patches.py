"""Patch simcord where members would notice a difference to Discord.

Most are listeners of simcord's events. Listeners hear one payload in turn, the bot's last here,
so what they put right is right for the bot; they end with the `Env`. The rest are context managers
that put simcord back as it was.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import md5
from typing import Any
from weakref import WeakKeyDictionary

import discord
from simcord import Env, _settlement
from simcord.http import router
from simcord.http.routes.guilds import edit_guild
from simcord.preview import _markdown, _messages

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


COMMANDS = (2, 4)  # interactions that name commands: one that runs, and its autocompletion


def offer_localised_commands(env: Env, locales: Mapping[int, str]) -> None:
    """Offer each member the commands in their language, as Discord does; the bot hears its own.

    Args:
        env: an environment.
        locales: Discord locale, such as `ja`, by user id.
    """
    backend = env.backend
    offered = backend.visible_commands

    def visible(*, user_id: int, **asked: Any) -> list[dict[str, Any]]:
        commands = offered(user_id=user_id, **asked)
        return [localised(command, locales.get(user_id, "en-US")) for command in commands]

    def put_names_back(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event != "INTERACTION_CREATE" or payload["type"] not in COMMANDS:
            return
        user = payload["member"]["user"] if "member" in payload else payload["user"]
        data, locale = payload["data"], locales.get(int(user["id"]), "en-US")
        known = [c for scope in backend.commands.values() for c in scope.values()]
        root = next((each for each in known if each["id"] == data["id"]), None)
        if root is not None:
            payload["data"] = _with_original_names({**data, "name": root["name"]}, root, locale)

    backend.visible_commands = visible  # type: ignore[method-assign]
    backend.subscribers.insert(0, put_names_back)


def localised(item: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return a command, option or choice with the names and descriptions of a locale."""
    shown = dict(item)
    for what in ("name", "description"):
        translated = (item.get(f"{what}_localizations") or {}).get(locale)
        if translated is not None:
            shown[what] = translated
    for inside in ("options", "choices"):
        if item.get(inside):
            shown[inside] = [localised(each, locale) for each in item[inside]]
    return shown


def _with_original_names(
    given: Mapping[str, Any], declared: Mapping[str, Any], locale: str
) -> dict[str, Any]:
    """Put a command's own names where a member's language has others."""
    known = declared.get("options") or []
    by_name = {each["name"]: each for each in known}
    by_name |= {localised(each, locale)["name"]: each for each in known}
    options = []
    for option in given.get("options") or []:
        own = by_name[option["name"]]
        options.append(_with_original_names({**option, "name": own["name"]}, own, locale))
    return {**given, "options": options} if "options" in given else dict(given)


BACKGROUND = ("lesson", "standings", "live message", "import", "batch worker")


@contextmanager
def let_lessons_run_in_background() -> Iterator[None]:
    """Let an action end although work goes on that nobody waits for, such as a lesson.

    simcord takes an action for done when the bot has nothing left to do.
    """
    park_reason = _settlement._park_reason

    def parked(
        state: Any, task: asyncio.Task[Any], deadline: float, seen: set[int] | None = None
    ) -> str | None:
        if not task.done() and task.get_name().startswith(BACKGROUND):
            return "background work"
        return park_reason(state, task, deadline, seen)

    _settlement._park_reason = parked  # type: ignore[assignment]  # simcord names `state` "self"
    try:
        yield
    finally:
        _settlement._park_reason = park_reason


@contextmanager
def show_names_in_embeds() -> Iterator[None]:
    """Show mentions in embeds by name, as Discord does."""
    policies = [
        _markdown._FIELD_POLICIES[f"embed_{part}"] for part in ("description", "field_value")
    ]
    for policy in policies:
        policy["mentions"] = True
    try:
        yield
    finally:
        for policy in policies:
            policy["mentions"] = False


@contextmanager
def describe_pictures_in_embeds() -> Iterator[None]:
    """Give an embed's picture the description of its attachment, as Discord does."""
    functions = vars(_messages)
    project = functions["_embed_projection"]

    def described(
        page: Any, message: Any, embed: Any, attachments: list[dict[str, Any]], context: Any
    ) -> dict[str, Any]:
        shown: dict[str, Any] = project(page, message, embed, attachments, context)
        texts = {str(each.get("id")): each.get("description") for each in attachments}
        for part in ("image", "thumbnail"):
            picture = shown.get(part)
            if isinstance(picture, dict) and (text := texts.get(str(picture.get("attachment_id")))):
                picture["description"] = text
        return shown

    functions["_embed_projection"] = described
    try:
        yield
    finally:
        functions["_embed_projection"] = project


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
