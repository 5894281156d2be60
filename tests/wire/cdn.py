"""Discord's file server: signed links that expire, and files that are not as announced."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import mimetypes
import re
import time
from dataclasses import dataclass, field
from pathlib import PurePath

from aiohttp import web

from tests.wire.discord_objects import Payload, new_id

DAY_SECONDS = 86_400
PIECE = 16_384


@dataclass(frozen=True, slots=True)
class File:
    """A file as a member posts it, and how the server will hand it out.

    Attributes:
        announced: bytes it is said to have; what it truly has where None.
        bytes_a_second: as fast as the machine can where None.
        cut_after: bytes after which the connection breaks.
    """

    name: str
    data: bytes = field(repr=False)
    announced: int | None = None
    bytes_a_second: int | None = None
    cut_after: int | None = None


@dataclass(slots=True)
class Cdn:
    """Keeps files and gives them to whoever has a fresh link."""

    base: str = ""  # of its links; known once it listens
    lifetime_seconds: float = DAY_SECONDS
    fetched: list[int] = field(default_factory=list)
    _files: dict[int, tuple[str, File]] = field(default_factory=dict)
    _secret: bytes = b"loopback"

    def keep(self, channel_id: int, file: File) -> Payload:
        """Take a file in; gives the attachment as messages and commands show it."""
        attachment_id = new_id()
        name, title = _as_stored(file.name)
        path = f"/attachments/{channel_id}/{attachment_id}/{name}"
        self._files[attachment_id] = (path, file)
        link = self.base + path + self._signature(path)
        return {
            "id": str(attachment_id),
            "filename": name,
            "title": title,
            "size": len(file.data) if file.announced is None else file.announced,
            "url": link,
            "proxy_url": link,
            "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        }

    def lose(self, attachment: Payload) -> None:
        """Delete a file, as when its message goes."""
        self._files.pop(int(attachment["id"]), None)

    async def hand_out(self, request: web.Request) -> web.StreamResponse:
        """Answer a GET."""
        attachment_id = int(request.match_info["attachment_id"])
        kept = self._files.get(attachment_id)
        if kept is None or not self._is_fresh(kept[0], request):
            raise web.HTTPNotFound(text="This content is no longer available.")
        self.fetched.append(attachment_id)
        return await _send(request, kept[1])

    def _signature(self, path: str) -> str:
        expires = f"{int(time.time() + self.lifetime_seconds):x}"
        return f"?ex={expires}&is={int(time.time()):x}&hm={self._sign(path, expires)}"

    def _sign(self, path: str, expires: str) -> str:
        return hmac.new(self._secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()

    def _is_fresh(self, path: str, request: web.Request) -> bool:
        expires = request.query.get("ex", "0")
        signed = hmac.compare_digest(self._sign(path, expires), request.query.get("hm", ""))
        return signed and request.path == path and int(expires, 16) > time.time()


async def _send(request: web.Request, file: File) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = len(file.data)
    await response.prepare(request)
    for first in range(0, len(file.data), PIECE):
        if file.cut_after is not None and first >= file.cut_after:
            assert request.transport is not None
            request.transport.abort()
            break
        await response.write(file.data[first : first + PIECE])
        if file.bytes_a_second:
            await asyncio.sleep(PIECE / file.bytes_a_second)
    return response


def _as_stored(name: str) -> tuple[str, str | None]:
    """Strip a name as Discord does; the second is what it was, where that was lost."""
    path = PurePath(name.replace("/", "_").replace("\\", "_"))
    stem = re.sub(r"[^A-Za-z0-9._-]+", "", re.sub(r"\s+", "_", path.stem))[:200]
    stored = f"{stem or 'unknown'}{path.suffix}"
    return stored, None if stored == name else name.removesuffix(path.suffix)
