"""The part of Discord's REST API that the bot uses."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.wire.cdn import Cdn, File
from tests.wire.discord_objects import BOT_ID, BOT_USER, Channel, Message, Payload, Server, new_id
from tests.wire.interactions import Commands
from tests.wire.member_request import MemberRequest
from tests.wire.responses import refusal, reply

BASE = "/api/v10"
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
ALREADY_ACKNOWLEDGED, NO_ACCESS, INVALID_TOKEN = 40060, 50001, 50027
REPLY, THINK, THINK_IN_PLACE, EDIT, CHOICES = 4, 5, 6, 7, 8  # types of responses
THINKING, PRIVATE = 128, 64  # flags of messages
PAGE = 100


@dataclass(frozen=True, slots=True)
class Body:
    """What a request brought: its JSON and its files."""

    words: Any  # whatever JSON holds
    files: dict[str, File]


READ: web.RequestKey[Body] = web.RequestKey("body", Body)


async def read_body(request: web.Request) -> Body:
    """Read JSON, or `payload_json` and the files of an upload."""
    if READ not in request:  # an upload can be read once only
        request[READ] = await _read_body(request)
    return request[READ]


async def _read_body(request: web.Request) -> Body:
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return Body(json.loads(text) if text else None, {})
    words: Any = None
    files = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "payload_json":
            words = json.loads(await part.text())
        else:
            files[part.name or ""] = File(part.filename or "", bytes(await part.read()))
    return Body(words, files)


@dataclass(slots=True)
class Rest:
    """Answers the bot's requests.

    Attributes:
        asked: interactions by id, and the same by token.
        token_seconds: how long an interaction's token lives.
        patience_seconds: within which an interaction must be acknowledged.
    """

    cdn: Cdn
    commands: Commands
    servers: list[Server]
    token: str
    asked: dict[int, MemberRequest] = field(default_factory=dict)
    by_token: dict[str, MemberRequest] = field(default_factory=dict)
    token_seconds: float = 900.0
    patience_seconds: float = 15.0  # Discord waits 3; other things run on the machine of a test

    def routes(self) -> list[web.RouteDef]:
        """List every route, more special ones first."""
        hook = f"{BASE}/webhooks/{{application_id}}/{{token}}"
        message = f"{BASE}/channels/{{channel_id}}/messages/{{message_id}}"
        return [
            web.get(f"{BASE}/users/@me", self._me),
            web.get(f"{BASE}/users/@me/guilds", self._guilds),
            web.get(f"{BASE}/oauth2/applications/@me", self._application),
            web.put(f"{BASE}/applications/{{application_id}}/commands", self._register),
            web.post(f"{BASE}/interactions/{{interaction_id}}/{{token}}/callback", self._respond),
            web.post(hook, self._follow_up),
            web.get(f"{hook}/messages/{{message_id}}", self._show_own),
            web.patch(f"{hook}/messages/{{message_id}}", self._edit_own),
            web.delete(f"{hook}/messages/{{message_id}}", self._delete_own),
            web.get(f"{BASE}/channels/{{channel_id}}", self._channel),
            web.get(f"{BASE}/channels/{{channel_id}}/messages", self._history),
            web.post(f"{BASE}/channels/{{channel_id}}/messages", self._post),
            web.get(message, self._message),
            web.patch(message, self._edit),
            web.delete(message, self._delete),
            web.put(f"{message}/reactions/{{emoji}}/@me", self._react),
        ]

    def channel(self, channel_id: int) -> Channel | None:
        """Find a channel of any server."""
        channels = (channel for server in self.servers for channel in server.channels)
        return next((channel for channel in channels if channel.id == channel_id), None)

    # The application

    async def _me(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return reply({"message": "401: Unauthorized", "code": 0}, status=401)
        return reply(BOT_USER)

    async def _guilds(self, request: web.Request) -> web.Response:
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 200))
        servers = sorted((each for each in self.servers if each.id > after), key=lambda s: s.id)
        more: Payload = {"icon": None, "owner": False, "permissions": "0", "features": []}
        page = [more | {"id": str(each.id), "name": each.name} for each in servers[:limit]]
        return reply(page)

    async def _application(self, _: web.Request) -> web.Response:
        about = {
            "id": str(BOT_ID),
            "name": "usamimi",
            "description": "",
            "icon": None,
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "",
            "flags": 0,
            "summary": "",
            "team": None,
            "owner": {"id": "1", "username": "host", "discriminator": "0", "avatar": None},
        }
        return reply(about)

    async def _register(self, request: web.Request) -> web.Response:
        sent = (await read_body(request)).words
        more = {"application_id": str(BOT_ID), "version": "1", "default_member_permissions": None}
        self.commands.registered = [
            {"description": "", "id": str(new_id())} | each | more for each in sent
        ]
        return reply(self.commands.registered)

    # Interactions

    async def _respond(self, request: web.Request) -> web.Response:
        asked = self.asked.get(int(request.match_info["interaction_id"]))
        body = await read_body(request)
        if asked is None or asked.token != request.match_info["token"]:
            return refusal(404, UNKNOWN_INTERACTION)
        if asked.acknowledged_after is not None:
            asked.refusals.append(ALREADY_ACKNOWLEDGED)
            return refusal(400, ALREADY_ACKNOWLEDGED)
        if _age(asked) > self.patience_seconds:
            asked.refusals.append(UNKNOWN_INTERACTION)
            return refusal(404, UNKNOWN_INTERACTION)
        asked.acknowledge()
        data = body.words.get("data") or {}
        self._first_response(asked, body.words["type"], Body(data, body.files))
        asked.note_answer()
        about: Payload = {"id": str(asked.id), "type": 2}
        if asked.original is not None:
            about["response_message_id"] = str(asked.original.id)
            about["response_message_loading"] = asked.original.thinking
            about["response_message_ephemeral"] = asked.original.private
        return reply({"interaction": about})

    def _first_response(self, asked: MemberRequest, kind: int, body: Body) -> None:
        if kind == CHOICES:
            asked.choices = body.words["choices"]
            return
        if kind in (REPLY, THINK):
            asked.original = Message(asked.channel.id, BOT_USER, asked_by=asked.member.user())
            asked.messages.append(asked.original)
        if asked.original is None:
            return
        asked.original.flags = body.words.get("flags", 0) & PRIVATE
        if kind == THINK:
            asked.original.flags |= THINKING
        else:
            self._fill(asked.original, body)

    async def _follow_up(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        asked = self._living(request)
        if asked is None:
            return refusal(401, INVALID_TOKEN)
        original = asked.original
        if original is not None and original.thinking:  # the first one takes its place
            message = original
            message.flags &= ~THINKING
        else:
            message = Message(
                asked.channel.id, BOT_USER, flags=body.words.get("flags", 0) & PRIVATE
            )
            asked.messages.append(message)
        self._fill(message, body)
        asked.note_answer()
        return reply(message.payload())

    async def _show_own(self, request: web.Request) -> web.Response:
        message = self._own(request)
        return reply(message.payload()) if message else refusal(404, UNKNOWN_MESSAGE)

    async def _edit_own(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message, asked = self._own(request), self._living(request)
        if asked is None:
            return refusal(401, INVALID_TOKEN)
        if message is None:
            return refusal(404, UNKNOWN_MESSAGE)
        message.flags &= ~THINKING
        self._fill(message, body)
        asked.note_answer()
        return reply(message.payload())

    async def _delete_own(self, request: web.Request) -> web.Response:
        message = self._own(request)
        if message is None:
            return refusal(404, UNKNOWN_MESSAGE)
        message.deleted = True
        return web.Response(status=204)

    def _own(self, request: web.Request) -> Message | None:
        """Find a message of an interaction by its id, or by "@original"."""
        asked, name = self._living(request), request.match_info["message_id"]
        if asked is None:
            return None
        if name == "@original":
            return None if asked.original is None or asked.original.deleted else asked.original
        return next((each for each in asked.visible if str(each.id) == name), None)

    def _living(self, request: web.Request) -> MemberRequest | None:
        asked = self.by_token.get(request.match_info["token"])
        if asked is not None and _age(asked) > self.token_seconds:
            asked.refusals.append(INVALID_TOKEN)
            return None
        return asked

    def _fill(self, message: Message, body: Body) -> None:
        words = body.words
        message.content = words.get("content", message.content) or ""
        message.embeds = words.get("embeds", message.embeds)
        message.components = words.get("components", message.components)
        if "attachments" in words:  # it lists all that the message has from now on
            message.attachments.clear()
            message.files.clear()
        for file in body.files.values():
            message.attachments.append(self.cdn.keep(message.channel_id, file))
            message.files[file.name] = file.data

    # Channels

    async def _channel(self, request: web.Request) -> web.Response:
        channel = self._open_channel(request)
        return channel if isinstance(channel, web.Response) else reply(channel.payload())

    async def _history(self, request: web.Request) -> web.Response:
        channel = self._open_channel(request)
        if isinstance(channel, web.Response):
            return channel
        after = int(request.query.get("after", 0))
        before = int(request.query.get("before", 2**63))
        found = [m for i, m in sorted(channel.messages.items()) if after < i < before]
        limit = int(request.query.get("limit", 50))
        page = found[:limit] if "after" in request.query else found[-limit:]
        return reply([message.payload() for message in reversed(page)])

    async def _post(self, request: web.Request) -> web.Response:
        body, channel = await read_body(request), self._open_channel(request)
        if isinstance(channel, web.Response):
            return channel
        message = Message(channel.id, BOT_USER)
        self._fill(message, body)
        channel.messages[message.id] = message
        return reply(message.payload())

    async def _message(self, request: web.Request) -> web.Response:
        message = self._posted(request)
        return message if isinstance(message, web.Response) else reply(message.payload())

    async def _edit(self, request: web.Request) -> web.Response:
        body, message = await read_body(request), self._posted(request)
        if isinstance(message, web.Response):
            return message
        self._fill(message, body)
        return reply(message.payload())

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._posted(request)
        if isinstance(message, web.Response):
            return message
        message.deleted = True
        return web.Response(status=204)

    async def _react(self, request: web.Request) -> web.Response:
        message = self._posted(request)
        if isinstance(message, web.Response):
            return message
        message.reactions.append(request.match_info["emoji"])
        return web.Response(status=204)

    def _open_channel(self, request: web.Request) -> Channel | web.Response:
        channel = self.channel(int(request.match_info["channel_id"]))
        if channel is None:
            return refusal(404, UNKNOWN_CHANNEL)
        return refusal(403, NO_ACCESS) if channel.closed_to_bot else channel

    def _posted(self, request: web.Request) -> Message | web.Response:
        channel = self._open_channel(request)
        if isinstance(channel, web.Response):
            return channel
        wanted = int(request.match_info["message_id"])
        answers = (m for each in self.asked.values() for m in each.visible if m.id == wanted)
        message = channel.messages.get(wanted) or next(answers, None)
        if message is None or message.deleted:
            return refusal(404, UNKNOWN_MESSAGE)
        return message


def _age(asked: MemberRequest) -> float:
    return time.perf_counter() - asked.began
