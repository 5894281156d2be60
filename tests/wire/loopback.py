"""The whole loopback Discord: one HTTP server on 127.0.0.1, and what members do on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.wire.cdn import Cdn, File
from tests.wire.discord_objects import Channel, Member, Message, Payload, Server
from tests.wire.faults import Faults, Handler
from tests.wire.gateway import Gateway
from tests.wire.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, Commands, interaction_payload
from tests.wire.member_request import MemberRequest
from tests.wire.openapi import Description, description_path
from tests.wire.rest import BASE, Rest, read_body

TOKEN = "bG9vcGJhY2s.b25seQ.a-token-that-belongs-in-no-log"
SECRET = "4711-secret"  # in names and words of members; it belongs in no log either
UPLOAD_LIMIT = 26 * 1024 * 1024
HERE = "127.0.0.1"


@dataclass(slots=True, repr=False)  # asyncio writes what fixtures give down: megabytes of files
class Discord:
    """What tests hold in their hands.

    Attributes:
        trouble: what goes wrong between bot and Discord.
        requests: how often each "METHOD /path" of the API was met, ids and tokens left out.
        violations: requests that do not keep to Discord's description.
    """

    servers: list[Server] = field(default_factory=list)
    cdn: Cdn = field(default_factory=Cdn)
    commands: Commands = field(default_factory=Commands)
    trouble: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    description: Description | None = None
    gateway: Gateway = field(init=False)
    rest: Rest = field(init=False)
    address: str = ""

    def __post_init__(self) -> None:
        self.gateway = Gateway(TOKEN, lambda: self.servers)
        self.rest = Rest(self.cdn, self.commands, self.servers, TOKEN)

    @property
    def environment(self) -> dict[str, str]:
        """What points the bot here."""
        return {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_BASE": f"{self.address}{BASE}",
            "DISCORD_GATEWAY_URL": self.gateway.address,
        }

    async def open_server(
        self, name: str = "うさ耳の部屋", *, shard: tuple[int, int] = (0, 1)
    ) -> Server:
        """Make a server with the bot in it, on a shard: its number, and of how many."""
        server = Server(name)
        while (server.id >> 22) % shard[1] != shard[0]:
            server.id += 1 << 22
        server.channel()
        self.servers.append(server)
        await self.gateway.tell("GUILD_CREATE", server.payload())
        return server

    # What members do

    async def slash(
        self, member: Member, channel: Channel, command: str, /, **options: Any
    ) -> MemberRequest:
        """Use a slash command; options by their English names (Any: see `Commands`)."""
        data = self.commands.describe(command, options, channel, self.cdn)
        return await self._ask(member, channel, COMMAND, data)

    async def type(
        self, member: Member, channel: Channel, command: str, option: str, typed: str
    ) -> MemberRequest:
        """Type into an option that completes itself."""
        data = self.commands.describe(command, {option: typed}, channel, self.cdn)
        data["options"][-1]["focused"] = True
        return await self._ask(member, channel, AUTOCOMPLETE, data)

    async def menu(self, member: Member, message: Message, command: str) -> MemberRequest:
        """Use a message's context menu."""
        channel = self.rest.channel(message.channel_id)
        assert channel is not None
        data = self.commands.describe_menu(command, message)
        return await self._ask(member, channel, COMMAND, data)

    async def press(self, member: Member, message: Message, custom_id: str) -> MemberRequest:
        """Press a button."""
        channel = self.rest.channel(message.channel_id)
        assert channel is not None
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._ask(member, channel, COMPONENT, data, message)

    async def post(
        self, member: Member, channel: Channel, content: str = "", *files: File
    ) -> Message:
        """Post an ordinary message."""
        message = Message(channel.id, member.user(), content)
        message.attachments = [self.cdn.keep(channel.id, file) for file in files]
        channel.messages[message.id] = message
        member_payload = member.payload()
        del member_payload["user"]
        payload = message.payload() | {"guild_id": str(channel.guild_id), "member": member_payload}
        for session in tuple(self.gateway.sessions.values()):
            hidden = (
                {} if self.gateway.sees_content(session) else {"content": "", "attachments": []}
            )
            if session.owns(channel.guild_id):
                await session.tell("MESSAGE_CREATE", payload | hidden)
        return message

    async def delete(self, message: Message) -> None:
        """Delete an ordinary message with its files."""
        channel = self.rest.channel(message.channel_id)
        assert channel is not None
        message.deleted = True
        channel.messages.pop(message.id, None)
        for attachment in message.attachments:
            self.cdn.lose(attachment)
        gone = {
            "id": str(message.id),
            "channel_id": str(channel.id),
            "guild_id": str(channel.guild_id),
        }
        await self.gateway.tell("MESSAGE_DELETE", gone)

    async def _ask(
        self,
        member: Member,
        channel: Channel,
        kind: int,
        data: Payload,
        message: Message | None = None,
    ) -> MemberRequest:
        server = next(each for each in self.servers if each.id == channel.guild_id)
        asked = MemberRequest(member, channel, server, original=message)
        self.rest.asked[asked.id] = self.rest.by_token[asked.token] = asked
        more = {"message": message.payload()} if message is not None else {}
        payload = interaction_payload(asked, kind, data, **more)
        await self.gateway.tell("INTERACTION_CREATE", payload)
        return asked

    # The server's own work

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request of the API and hold it against Discord's description."""
        if request.path.startswith(BASE):
            path = request.path.removeprefix(BASE)
            self.requests[_shape(request.method, path)] += 1
            if self.description is not None:
                body = await read_body(request)
                self.violations += self.description.problems(
                    request.method, path, request.query, body.words
                )
                self.violations += _unmatched_files(body.words, body.files)
        return await handler(request)


def _unmatched_files(words: Any, files: dict[str, File]) -> list[str]:
    """Find uploads that no attachment of the JSON stands for; Discord refuses those."""
    if not files:
        return []
    inner = words.get("data", words) if isinstance(words, dict) else {}
    named = {f"files[{each['id']}]" for each in inner.get("attachments", [])}
    return [f"{name} is uploaded, but not among the attachments" for name in files.keys() - named]


def _shape(method: str, path: str) -> str:
    parts = ["…" if len(part) > 30 or part.isdigit() else part for part in path.split("/")]
    return f"{method} {'/'.join(parts)}"


@asynccontextmanager
async def loopback_discord(*, judged: bool = True) -> AsyncIterator[Discord]:
    """Open a Discord on a free port of this machine.

    Args:
        judged: hold requests against Discord's description, where this machine has it; the
            block fails when one did not keep to it.
    """
    discord = Discord()
    path = description_path() if judged else None
    discord.description = Description.load(path) if path else None
    app = web.Application(
        client_max_size=UPLOAD_LIMIT, middlewares=[discord.trouble.middleware, discord.watch]
    )
    app.router.add_routes(discord.rest.routes())
    app.router.add_get(f"{BASE}/gateway/bot", discord.gateway.describe)
    app.router.add_get("/gateway", discord.gateway.answer)
    app.router.add_get("/gateway/", discord.gateway.answer)
    files = "/attachments/{channel_id}/{attachment_id}/{name}"
    app.router.add_get(files, discord.cdn.hand_out)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HERE, 0)
        await site.start()
        discord.address = f"http://{HERE}:{runner.addresses[0][1]}"
        discord.cdn.base = discord.address
        discord.gateway.address = discord.address.replace("http", "ws") + "/gateway"
        yield discord
        assert discord.violations == []
    finally:
        await runner.cleanup()
