"""Discord's gateway: identify, heartbeat, resume, reconnect, invalid session, zlib-stream."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.discord_objects import BOT_ID, BOT_USER, MESSAGE_CONTENT, Payload, Server
from tests.wire.responses import reply

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
BAD_TOKEN, BAD_SHARD, SHARDING_REQUIRED, REFUSED_INTENTS = 4004, 4010, 4011, 4014  # close codes
WAY_SECONDS = 0.05  # of a heartbeat
MOST_SERVERS = 2_500  # of a shard
KEPT_EVENTS = 1_000  # that a session which was away can still have


class Line:
    """One WebSocket connection, compressed as asked for."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        *,
        compressed: bool,
    ) -> None:
        self.socket = socket
        self._transport = transport
        self._stream = zlib.compressobj() if compressed else None

    def cut(self) -> None:
        """Break off without a word."""
        if self._transport is not None:
            self._transport.abort()

    async def send(self, op: int, data: object, event: str | None, sequence: int | None) -> None:
        """Send one message; nobody hears it when the line is dead."""
        words = json.dumps({"op": op, "d": data, "t": event, "s": sequence})
        if self.socket.closed:
            return
        try:
            if self._stream is None:
                await self.socket.send_str(words)
            else:
                packed = self._stream.compress(words.encode())
                await self.socket.send_bytes(packed + self._stream.flush(zlib.Z_SYNC_FLUSH))
        except (ConnectionError, RuntimeError):  # it died meanwhile; the session has kept the event
            return


@dataclass(slots=True)
class Session:
    """What Discord knows of one client over its connections."""

    intents: int
    line: Line | None
    shard: tuple[int, int] = (0, 1)  # its number, and of how many
    sequence: int = 0
    kept: deque[tuple[int, str, Payload]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    id: str = field(default_factory=lambda: token_hex(16))

    def owns(self, server_id: int) -> bool:
        """Return whether events of a server belong here; 0: of no server."""
        number, count = self.shard
        return (server_id >> 22) % count == number

    async def tell(self, event: str, data: Payload) -> None:
        """Send an event, and keep it for a client that is away."""
        self.sequence += 1
        self.kept.append((self.sequence, event, data))
        if self.line is not None:
            await self.line.send(DISPATCH, data, event, self.sequence)

    async def replay(self, after: int) -> None:
        """Send again what came after a number."""
        assert self.line is not None
        for sequence, event, data in tuple(self.kept):
            if sequence > after:
                await self.line.send(DISPATCH, data, event, sequence)
        await self.tell("RESUMED", {})


@dataclass(slots=True)
class Gateway:
    """Every session, and the ways in which lines die.

    Attributes:
        address: where clients come back to.
        token: the one that is let in.
        grants_content: whether the application may have the message-content intent.
        open: whether new lines are answered at all.
        shards: how many it recommends.
        most_servers: that a shard may have.
        max_concurrency: sessions that may begin within `identify_seconds`.
        remaining: sessions that may still begin today.
        counts: how often each of "identify", "resume" and "heartbeat" was met.
    """

    token: str
    servers: Callable[[], Iterable[Server]]
    address: str = ""
    grants_content: bool = True
    open: bool = True
    heartbeat_seconds: float = 41.25
    shards: int = 1
    most_servers: int = MOST_SERVERS
    max_concurrency: int = 1
    remaining: int = 1_000
    identify_seconds: float = 4.5  # Discord's 5, less what a busy machine takes for the way
    counts: Counter[str] = field(default_factory=Counter)
    sessions: dict[str, Session] = field(default_factory=dict)
    _lines: set[Line] = field(default_factory=set)
    _identified: dict[int, float] = field(default_factory=dict)  # bucket -> when

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        if not self.open:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        line = Line(socket, request.transport, compressed=compressed)
        self._lines.add(line)
        try:
            await line.send(
                HELLO, {"heartbeat_interval": self.heartbeat_seconds * 1_000}, None, None
            )
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(line, json.loads(message.data))
        finally:
            self._lines.discard(line)
            for session in self.sessions.values():
                if session.line is line:
                    session.line = None
        return socket

    async def tell(self, event: str, data: Payload) -> None:
        """Let every session know of an event that belongs to its shard."""
        for session in tuple(self.sessions.values()):
            if session.owns(server_of(event, data)):
                await session.tell(event, data)

    async def drop(self, code: int = 1_006) -> None:
        """Break every line; 1006 is no close frame at all."""
        for line in tuple(self._lines):
            if code == 1_006:
                line.cut()
            else:
                await line.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Ask every client to come again, as before a deployment of Discord's."""
        for line in tuple(self._lines):
            await line.send(RECONNECT, None, None, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is not valid, at once or for good."""
        if not resumable:
            self.sessions.clear()
        for line in tuple(self._lines):
            await line.send(INVALID_SESSION, resumable, None, None)

    async def describe(self, _: web.Request) -> web.Response:
        """Say how many shards a bot should have, and how many sessions may begin."""
        limits = {
            "total": 1_000,
            "remaining": self.remaining,
            "reset_after": 14_400_000,
            "max_concurrency": self.max_concurrency,
        }
        return reply({"url": self.address, "shards": self.shards, "session_start_limit": limits})

    @property
    def connected(self) -> bool:
        """Whether somebody is there who was let in."""
        return any(session.line is not None for session in self.sessions.values())

    def sees_content(self, session: Session) -> bool:
        """Whether a session gets what messages say."""
        return bool(session.intents & MESSAGE_CONTENT)

    async def _hear(self, line: Line, message: dict[str, Any]) -> None:
        op, data = message["op"], message["d"]
        if op == HEARTBEAT:
            self.counts["heartbeat"] += 1
            await asyncio.sleep(WAY_SECONDS)  # discord.py takes a quicker answer for the last one's
            await line.send(HEARTBEAT_ACK, None, None, None)
        elif op == IDENTIFY:
            self.counts["identify"] += 1
            await self._identify(line, data)
        elif op == RESUME:
            self.counts["resume"] += 1
            await self._resume(line, data)

    async def _identify(self, line: Line, data: dict[str, Any]) -> None:
        if data["token"] != self.token:
            await line.socket.close(code=BAD_TOKEN)
            return
        if data["intents"] & MESSAGE_CONTENT and not self.grants_content:
            await line.socket.close(code=REFUSED_INTENTS)
            return
        number, count = data.get("shard", (0, 1))
        session = Session(data["intents"], line, (number, count))
        servers = [each for each in self.servers() if session.owns(each.id)]
        if number >= count:
            await line.socket.close(code=BAD_SHARD)
        elif len(servers) > self.most_servers:
            await line.socket.close(code=SHARDING_REQUIRED)
        elif not self._take_turn(number):
            self.counts["identify too soon"] += 1
            await line.send(INVALID_SESSION, False, None, None)
        else:
            self._replace_dead(session)
            await self._begin(session, servers)

    def _take_turn(self, number: int) -> bool:
        """Let one session of a bucket begin within `identify_seconds`."""
        bucket, now = number % self.max_concurrency, time.monotonic()
        if now - self._identified.get(bucket, -self.identify_seconds) < self.identify_seconds:
            return False
        self._identified[bucket] = now
        self.remaining -= 1
        return True

    def _replace_dead(self, session: Session) -> None:
        """Add a session; others of its shard to which somebody still listens go on beside it."""
        for other in tuple(self.sessions.values()):
            if other.shard == session.shard and other.line is None:
                del self.sessions[other.id]
        self.sessions[session.id] = session

    async def _begin(self, session: Session, servers: Sequence[Server]) -> None:
        ready = {
            "v": 10,
            "user": BOT_USER,
            "guilds": [{"id": str(server.id), "unavailable": True} for server in servers],
            "session_id": session.id,
            "shard": list(session.shard),
            "resume_gateway_url": self.address,
            "application": {"id": str(BOT_ID), "flags": 0},
        }
        await session.tell("READY", ready)
        for server in servers:
            await session.tell("GUILD_CREATE", server.payload())

    async def _resume(self, line: Line, data: dict[str, Any]) -> None:
        session = self.sessions.get(data["session_id"] or "")
        first_kept = session.kept[0][0] if session and session.kept else 1
        if session is None or data["seq"] < first_kept - 1:
            await line.send(INVALID_SESSION, False, None, None)
            return
        session.line = line
        await session.replay(data["seq"])


def server_of(event: str, data: Payload) -> int:
    """Return the server that an event is about; 0: none, as in direct messages."""
    about = data["id"] if event.startswith("GUILD_") else data.get("guild_id")
    return int(about or 0)
