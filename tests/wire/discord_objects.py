"""Servers, channels and members as Discord describes them: only what the bot can meet."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where Discord's ids begin
EVERYONE = (
    0x400 | 0x800 | 0x4000 | 0x8000 | 0x10000 | 0x40
)  # see, write, embed, attach, read, react
ADMINISTRATOR = 0x8 | 0x20  # and with it every other right, as that of managing the server
MESSAGE_CONTENT = 1 << 15  # the privileged intent

Payload = dict[str, Any]


class Ids:
    """Gives Discord's ids: they grow with time and never repeat."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        now = (int(time.time() * 1_000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


new_id = Ids()
BOT_ID = new_id()
BOT_USER: Payload = {
    "id": str(BOT_ID),
    "username": "usamimi",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "bot": True,
}


def moment() -> str:
    """Now, as Discord writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())


@dataclass(slots=True)
class Member:
    """Somebody who acts.

    Attributes:
        locale: the language of their Discord.
        permissions: what their roles allow, in Discord's bits.
    """

    name: str
    locale: str = "en-US"
    permissions: int = EVERYONE
    id: int = field(default_factory=new_id)

    def user(self) -> Payload:
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name,
            "avatar": None,
        }

    def payload(self) -> Payload:
        return {
            "user": self.user(),
            "roles": [],
            "joined_at": moment(),
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": str(self.permissions),
        }


@dataclass(slots=True)
class Message:
    """One message in a channel, or in the eyes of one member."""

    channel_id: int
    author: Payload
    content: str = ""
    embeds: list[Payload] = field(default_factory=list)
    components: list[Payload] = field(default_factory=list)
    attachments: list[Payload] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    flags: int = 0
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)
    asked_by: Payload | None = None  # the user whose interaction it answers
    id: int = field(default_factory=new_id)

    @property
    def private(self) -> bool:
        """Whether one member alone sees it."""
        return bool(self.flags & 64)

    @property
    def thinking(self) -> bool:
        """Whether it still says "thinking…"."""
        return bool(self.flags & 128)

    @property
    def words(self) -> str:
        """Everything it says, its embeds' included."""
        parts = [self.content]
        for embed in self.embeds:
            fields = [f"{each['name']}\n{each['value']}" for each in embed.get("fields", [])]
            parts += [embed.get("title", ""), embed.get("description", ""), *fields]
        return "\n".join(part for part in parts if part)

    def button(self, label: str) -> str | None:
        """Find the custom id of a button by what is written on it."""
        buttons = (button for row in self.components for button in row.get("components", []))
        return next((b["custom_id"] for b in buttons if b.get("label") == label), None)

    def payload(self) -> Payload:
        asked: Payload = {"id": str(self.id), "type": 2, "authorizing_integration_owners": {}}
        return {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": self.author,
            **({"interaction_metadata": asked | {"user": self.asked_by}} if self.asked_by else {}),
            "content": self.content,
            "timestamp": moment(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": self.attachments,
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "type": 0,
            "flags": self.flags,
        }


@dataclass(slots=True)
class Channel:
    """A text channel with its messages."""

    name: str
    guild_id: int
    closed_to_bot: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    id: int = field(default_factory=new_id)

    def payload(self) -> Payload:
        last = max(self.messages, default=None)
        return {
            "id": str(self.id),
            "guild_id": str(self.guild_id),
            "type": 0,
            "name": self.name,
            "position": 0,
            "permission_overwrites": [],
            "nsfw": False,
            "topic": None,
            "parent_id": None,
            "rate_limit_per_user": 0,
            "last_message_id": str(last) if last else None,
        }


@dataclass(slots=True)
class Server:
    """A server with the bot in it."""

    name: str
    bot_permissions: int = EVERYONE
    channels: list[Channel] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    id: int = field(default_factory=new_id)

    def channel(self, name: str = "music") -> Channel:
        """Open a channel."""
        self.channels.append(Channel(name, self.id))
        return self.channels[-1]

    def member(self, name: str, locale: str = "en-US", permissions: int = EVERYONE) -> Member:
        """Let somebody in."""
        self.members.append(Member(name, locale, permissions))
        return self.members[-1]

    def payload(self) -> Payload:
        me = Member("usamimi", id=BOT_ID).payload() | {"user": BOT_USER}
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": "1",
            "icon": None,
            "splash": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [self._everyone()],
            "channels": [channel.payload() for channel in self.channels],
            "threads": [],
            "members": [me],
            "member_count": len(self.members) + 1,
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "joined_at": moment(),
            "large": False,
            "unavailable": False,
        }

    def _everyone(self) -> Payload:
        return {
            "id": str(self.id),
            "name": "@everyone",
            "permissions": str(self.bot_permissions),
            "position": 0,
            "color": 0,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
