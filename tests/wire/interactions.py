"""How Discord describes what members do: commands, menus, buttons, words being typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.wire.cdn import Cdn, File
from tests.wire.discord_objects import BOT_ID, Channel, Member, Message, Payload
from tests.wire.member_request import MemberRequest

COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4  # types of interactions
CHAT, USER, MESSAGE = 1, 2, 3  # types of commands
MEGABYTE = 1024 * 1024


class UnknownCommandError(AssertionError):
    """The bot never told Discord of that command."""


class Commands:
    """What the bot has registered."""

    def __init__(self) -> None:
        self.registered: list[Payload] = []

    def describe(self, name: str, values: Mapping[str, Any], channel: Channel, cdn: Cdn) -> Payload:
        """Fill in a slash command; `name` may be "setup allow".

        Any: values are strings, numbers, truths, members, channels and files.
        """
        first, *rest = name.split()
        command = self._find(first, CHAT)
        options, resolved = command.get("options", []), Payload()
        chain = [command]
        for each in rest:
            chain.append(next(option for option in options if option["name"] == each))
            options = chain[-1].get("options", [])
        types = {option["name"]: option["type"] for option in options}
        filled = [
            _option(key, types[key], value, channel, cdn, resolved) for key, value in values.items()
        ]
        for step in reversed(chain[1:]):
            filled = [{"name": step["name"], "type": step["type"], "options": filled}]
        data = {"id": command["id"], "name": first, "type": CHAT, "options": filled}
        return data | ({"resolved": resolved} if resolved else {})

    def describe_menu(self, name: str, message: Message) -> Payload:
        """Fill in a message's context menu."""
        command = self._find(name, MESSAGE)
        return {
            "id": command["id"],
            "name": name,
            "type": MESSAGE,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload()}},
        }

    def _find(self, name: str, kind: int) -> Payload:
        for command in self.registered:
            if command["name"] == name and command.get("type", CHAT) == kind:
                return command
        raise UnknownCommandError(name)


def interaction_payload(asked: MemberRequest, kind: int, data: Payload, **more: Payload) -> Payload:
    """Describe an interaction to the bot."""
    channel = asked.channel.payload() | {"permissions": str(asked.member.permissions)}
    return {
        "id": str(asked.id),
        "application_id": str(BOT_ID),
        "type": kind,
        "token": asked.token,
        "version": 1,
        "guild_id": str(asked.server.id),
        "guild": {"id": str(asked.server.id), "locale": "en-US", "features": []},
        "channel_id": str(asked.channel.id),
        "channel": channel,
        "member": asked.member.payload(),
        "locale": asked.member.locale,
        "guild_locale": "en-US",
        "app_permissions": str(asked.server.bot_permissions),
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(asked.server.id)},
        "context": 0,
        "attachment_size_limit": 10 * MEGABYTE,
        "data": data,
        **more,
    }


def _option(
    name: str, kind: int, value: Any, channel: Channel, cdn: Cdn, resolved: Payload
) -> Payload:
    """Describe one option; what it points to goes into `resolved`."""
    if isinstance(value, File):
        attachment = cdn.keep(channel.id, value) | {"ephemeral": True}
        resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        value = attachment["id"]
    elif isinstance(value, Channel):
        payload = value.payload() | {"permissions": "0"}
        resolved.setdefault("channels", {})[str(value.id)] = payload
        value = str(value.id)
    elif isinstance(value, Member):
        member = value.payload()
        resolved.setdefault("users", {})[str(value.id)] = member.pop("user")
        resolved.setdefault("members", {})[str(value.id)] = member
        value = str(value.id)
    return {"name": name, "type": kind, "value": value}
